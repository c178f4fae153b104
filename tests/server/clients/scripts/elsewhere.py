"""Calls what Trackside does not have, and tells how the client takes the answer."""

import inspect
import json
import time

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.tracking._tracking_service.utils import _get_store

client = MlflowClient()
store = _get_store()
registry = client._get_registry_client().store
experiment = mlflow.set_experiment("elsewhere").experiment_id

# Methods of the client's stores whose routes a tracking server may lack, by the family's word.
FAMILIES = (
    "dataset scorer webhook workspace gateway guardrail budget endpoint secret label_schema review "
    "issue prompt_optimization mcp skill trace_metrics correlation completed_sessions online"
).split()
SHAPES = {"name": "x", "experiment_id": experiment, "experiment_ids": [experiment]}


def arguments(method):
    """Make up what a method needs."""
    made = {}
    for name, parameter in inspect.signature(method).parameters.items():
        needed = parameter.default is inspect.Parameter.empty
        if needed and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            kind = str(parameter.annotation)
            made[name] = SHAPES.get(name, ["x"] if "list" in kind else 1 if "int" in kind else "x")
    return made


seen = {}
for owner in (store, registry):
    for name in dir(type(owner)):
        if name.startswith("_") or not any(family in name for family in FAMILIES):
            continue
        method = getattr(owner, name)
        if not callable(method) or name.startswith(("supports", "get_host")):
            continue
        begun = time.monotonic()
        try:
            method(**arguments(method))
            said = "answered"
        except MlflowException as error:
            said = error.error_code
        except (TypeError, AttributeError, ValueError, NotImplementedError):
            continue  # refused what was made up before it asked the server
        seen[name] = [said, time.monotonic() - begun]
print(json.dumps(seen))
