"""A small pipeline for the browser, with an argument of each kind.

Run with the SDK on the path, it prints what it compiles to as JSON.
"""

import json
import tempfile
from pathlib import Path

import yaml
from kfp import compiler, dsl


@dsl.component
def greet(name: str, times: int, loud: bool, extra: list, metrics: dsl.Output[dsl.Metrics]) -> str:
    """Say it."""
    if times < 0:
        raise ValueError("nobody is greeted less than never")
    metrics.log_metric("times", times)
    return " ".join([f"hello {name}" + "!" * loud] * times + extra)


@dsl.pipeline(name="greet", description="Greets somebody a number of times.")
def pipeline(name: str, times: int = 2, loud: bool = False, extra: list = ["and", "more"]) -> str:  # noqa: B006
    """Greet."""
    said = greet(name=name, times=times, loud=loud, extra=extra)
    said.set_caching_options(False)
    return said.outputs["Output"]


with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "greet.yaml")
    compiler.Compiler().compile(pipeline, str(path))
    print(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
