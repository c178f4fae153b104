"""The compiled pipeline: KFP's intermediate representation, version 2.1.0, written by hand."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from trackside._options import memory_bytes
from trackside._pipelines import written
from trackside._pipelines.flow import key_of
from trackside._pipelines.model import PARAMETER_TYPES
from trackside._pipelines.program import artifacts_of, parameters_of, program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside._pipelines.model import Parameter, Step, StepCell

_VERSION = "2.1.0"
# The release of the SDK whose documents these are like; servers look at it to know what to expect.
_SDK = "kfp-2.14.0"
_GPU = "nvidia.com/gpu"
_WORDS = {kind: python.__name__ for python, kind in PARAMETER_TYPES.items()}

# As the SDK does it: the shell writes the program into a file, and Python runs that.
_START = """\
program_path=$(mktemp -d)

printf "%s" "$0" > "$program_path/ephemeral_component.py"
python3 "$program_path/ephemeral_component.py" "$@"
"""
_INSTALL = """\
if ! [ -x "$(command -v pip)" ]; then
    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip
fi

PIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet --no-warn-script-location \
{packages} && "$0" "$@"
"""


def as_yaml(spec: Mapping[str, Any]) -> str:
    """Return a document as text, with a summary on top as the SDK writes it."""
    lines = ["PIPELINE DEFINITION", f"Name: {spec['pipelineInfo']['name']}"]
    inputs = spec["root"].get("inputDefinitions", {}).get("parameters", {})
    if inputs:
        lines.append("Inputs:")
    for name, found in inputs.items():
        default = json.dumps(found["defaultValue"])
        lines.append(f"   {name}: {_WORDS[found['parameterType']]} [Default: {default}]")
    return written.document(spec, comment="\n".join(lines))


def specification(
    name: str, description: str, parameters: Sequence[Parameter], steps: Sequence[Step]
) -> dict[str, Any]:
    """Return the document of a pipeline.

    Parameters
    ----------
    name, description
        What people read of it.
    parameters, steps
        What it is made of.
    """
    root: dict[str, Any] = {"dag": {"tasks": {step.key: _task(step) for step in steps}}}
    if parameters:
        root["inputDefinitions"] = {
            "parameters": {parameter.name: _input(parameter) for parameter in parameters}
        }
    about = {"name": key_of(name)}
    if description:
        about["description"] = description
    return {
        "components": {f"comp-{step.key}": _component(step) for step in steps},
        "deploymentSpec": {
            "executors": {f"exec-{step.key}": {"container": _container(step)} for step in steps}
        },
        "pipelineInfo": about,
        "root": root,
        "schemaVersion": _VERSION,
        "sdkVersion": _SDK,
    }


def default_image() -> str:
    """Return the image of steps that name none: the Python of this kernel."""
    return f"python:{sys.version_info.major}.{sys.version_info.minor}"


def _input(parameter: Parameter) -> dict[str, Any]:
    found: dict[str, Any] = {
        "defaultValue": parameter.default,
        "isOptional": True,
        "parameterType": parameter.kind,
    }
    if parameter.help:
        found["description"] = parameter.help
    return found


def _component(step: Step) -> dict[str, Any]:
    found: dict[str, Any] = {"executorLabel": f"exec-{step.key}"}
    takes = _defined(
        {name: {"parameterType": kind} for name, kind in parameters_of(step).items()},
        {name: _artifact(step.takes[name][1].schema) for name in artifacts_of(step)},
    )
    gives = _defined(
        {n: {"parameterType": v.kind} for n, v in sorted(step.gives.items()) if v.kind},
        {n: _artifact(v.schema) for n, v in sorted(step.gives.items()) if not v.kind},
    )
    if takes:
        found["inputDefinitions"] = takes
    if gives:
        found["outputDefinitions"] = gives
    return found


def _defined(parameters: dict[str, Any], artifacts: dict[str, Any]) -> dict[str, Any]:
    both = {"artifacts": artifacts, "parameters": parameters}
    return {kind: found for kind, found in both.items() if found}


def _artifact(schema: str) -> dict[str, Any]:
    return {"artifactType": {"schemaTitle": schema, "schemaVersion": "0.0.1"}}


def _container(step: Step) -> dict[str, Any]:
    cell = step.cell
    command = ["sh", "-ec", _START, program(step)]
    if cell.packages:
        packages = " ".join(_quoted(package) for package in cell.packages)
        command = ["sh", "-c", _INSTALL.format(packages=packages), *command]
    name = step.key.replace("-", "_")
    found: dict[str, Any] = {
        "args": ["--executor_input", "{{$}}", "--function_to_execute", f"step_{name}"],
        "command": command,
        "image": cell.image or default_image(),
    }
    if resources := _resources(cell):
        found["resources"] = resources
    return found


def _quoted(word: str) -> str:
    """Return one word for the shell, written as the SDK writes it."""
    return repr(word) if "'" not in word else f'"{word}"'


def _resources(cell: StepCell) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if cell.cpus is not None:
        found["cpuLimit"] = float(cell.cpus)
        found["resourceCpuLimit"] = f"{cell.cpus:g}"
    if cell.memory is not None:
        found["memoryLimit"] = memory_bytes(cell.memory) / 1e9
        found["resourceMemoryLimit"] = str(cell.memory)
    if cell.gpus:
        count = str(cell.gpus)
        found["accelerator"] = {
            "count": count,
            "resourceCount": count,
            "resourceType": _GPU,
            "type": _GPU,
        }
    return found


def _task(step: Step) -> dict[str, Any]:
    cell = step.cell
    found: dict[str, Any] = {
        "cachingOptions": {"enableCache": True} if cell.cache else {},
        "componentRef": {"name": f"comp-{step.key}"},
    }
    if step.after:
        found["dependentTasks"] = sorted(before.key for before in step.after)
    parameters: dict[str, Any] = {
        parameter.name: {"componentInputParameter": parameter.name} for parameter in step.parameters
    }
    artifacts: dict[str, Any] = {}
    for name, (source, variable) in sorted(step.takes.items()):
        if variable.kind:
            parameters[name] = {
                "taskOutputParameter": {"outputParameterKey": name, "producerTask": source.key}
            }
        else:
            artifacts[name] = {
                "taskOutputArtifact": {"outputArtifactKey": name, "producerTask": source.key}
            }
    if inputs := _defined(parameters, artifacts):
        found["inputs"] = inputs
    if cell.retries:
        found["retryPolicy"] = {
            "backoffDuration": "0s",
            "backoffFactor": 2.0,
            "backoffMaxDuration": "3600s",
            "maxRetryCount": cell.retries,
        }
    found["taskInfo"] = {"name": cell.name}
    return found
