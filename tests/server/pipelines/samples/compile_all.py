"""Compiles every pipeline of a Python file with the SDK that this script is run with."""

import importlib.util
import json
import sys
import tempfile
from pathlib import Path

from kfp import compiler
from kfp.dsl import graph_component


def pipelines(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, graph_component.GraphComponent)
    }


found = {}
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "pipeline.yaml"
    for name, pipeline in pipelines(Path(sys.argv[1])).items():
        compiler.Compiler().compile(pipeline, str(file))
        found[name] = file.read_text()
print(json.dumps(found))
