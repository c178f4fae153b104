"""Reads a compiled pipeline with the stock SDK, runs it here, and tells its outputs."""

import ast
import contextlib
import io
import json
import sys

from kfp import components, local

file, arguments, root = sys.argv[1:]
said = io.StringIO()
with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
    local.init(local.SubprocessRunner(use_venv=False), pipeline_root=root, raise_on_error=False)
    pipeline = components.load_component_from_file(file)
    pipeline(**ast.literal_eval(arguments))
inputs = pipeline.pipeline_spec.root.input_definitions.parameters
print(json.dumps({"log": said.getvalue(), "inputs": sorted(inputs)}))  # noqa: T201
