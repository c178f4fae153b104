"""What a task is told: its inputs, and where its outputs belong."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from trackside_server.jobs.runners.kubernetes.tasks import layout
from trackside_server.pipelines.ir.model import Constant
from trackside_server.pipelines.ir.values import converted
from trackside_server.pipelines.machine.state import Values

from .placeholders import Scope
from .places import allowed, inside, to_path
from .reasons import ContractError
from .sight import output_file, outputs_folder, parameter_file, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.ir.model import ArtifactType, Value
    from trackside_server.pipelines.machine.state import Artifact

    from .context import Place, TaskContext, TaskRun

_WORDS_OF_PODS: Final = {
    "pipeline_root": layout.seen(layout.OUTPUTS),
    "workspace_path": layout.WORKSPACE,
}


def resolved_inputs(context: TaskContext) -> Values:
    """Return the inputs with the placeholders in the pipeline's own texts filled in.

    Values that other tasks made are taken as they are, whatever they look like.

    Raises
    ------
    ContractError
        A placeholder names what the task does not have, or what is filled in does not fit.
    """
    given = context.inputs
    scope = Scope(build(context, given), words(context), _declared(context))
    parameters = dict(given.parameters)
    for name, binding in context.task.parameters.items():
        if isinstance(binding.source, Constant) and not binding.selector and name in parameters:
            parameters[name] = _typed(context, name, scope.fill(parameters[name]))
    workspace = context.place.workspace
    if context.in_pod and workspace is not None:
        # A graph around the task has filled in the path that it has here.
        parameters = {
            name: _moved(value, str(workspace), layout.WORKSPACE)
            for name, value in parameters.items()
        }
    return Values(parameters, given.artifacts)


def with_defaults(context: TaskContext, given: Values) -> Values:
    """Add the defaults of the component, which a Python function applies itself."""
    defaults = {
        name: spec.default
        for name, spec in context.component.input_parameters.items()
        if spec.has_default and spec.default is not None
    }
    return Values({**defaults, **given.parameters}, given.artifacts)


def build(context: TaskContext, given: Values) -> dict[str, Any]:
    """Make the executor input: the JSON that KFP's SDK reads in the task.

    Raises
    ------
    ContractError
        The content of an artifact lies where this run may not look.
    """
    component = context.component
    return {
        "inputs": {
            "parameterValues": {
                name: value for name, value in given.parameters.items() if value is not None
            },
            "artifacts": {
                name: {"artifacts": [_told(context, name, item) for item in items]}
                for name, items in given.artifacts.items()
            },
        },
        "outputs": {
            "parameters": {
                name: {"outputFile": told(context, parameter_file(context, name))}
                for name in component.output_parameters
            },
            "artifacts": {
                name: {
                    "artifacts": [
                        {
                            "name": name,
                            "type": _type(spec.type),
                            "uri": told(context, outputs_folder(context) / name),
                            "metadata": dict(spec.metadata),
                        }
                    ]
                }
                for name, spec in component.output_artifacts.items()
            },
            "outputFile": told(context, output_file(context)),
        },
    }


def words(context: TaskContext) -> Mapping[str, str]:
    """Return what the names of run, task and folders stand for."""
    return {
        **words_of_run(context.run, context.place),
        **(_WORDS_OF_PODS if context.in_pod else {}),
        "pipeline_task_name": context.task.name,
        "pipeline_task_uuid": context.task_id,
    }


def words_of_run(run: TaskRun, place: Place) -> dict[str, str]:
    """Return what the names of the run and of its folders stand for, in each of its tasks."""
    found = {
        "pipeline_job_name": run.name,
        "pipeline_job_resource_name": run.resource_name,
        "pipeline_job_uuid": run.run_id,
        "pipeline_job_create_time_utc": _time(run.created),
        "pipeline_job_schedule_time_utc": _time(run.scheduled),
        "pipeline_root": str(place.root),
    }
    if place.workspace is not None:
        found["workspace_path"] = str(place.workspace)
    return found


def scope_of(context: TaskContext, executor_input: Mapping[str, Any]) -> Scope:
    """Return what the placeholders of the task's command stand for."""
    return Scope(executor_input, words(context), _declared(context))


def _declared(context: TaskContext) -> frozenset[str]:
    component = context.component
    return frozenset((*component.input_parameters, *component.input_artifacts))


def _moved(value: Value, old: str, new: str) -> Value:
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, dict):
        return {key: _moved(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, old, new) for item in value]
    return value


def _typed(context: TaskContext, name: str, value: Value) -> Value:
    spec = context.component.input_parameters.get(name)
    if spec is None:
        return value
    try:
        return converted(value, spec.kind)
    except ValueError as error:
        raise ContractError("INPUT_TYPE", f"Input {name} does not fit: {error}.") from None


def _told(context: TaskContext, name: str, artifact: Artifact) -> dict[str, Any]:
    path = to_path(artifact.uri)
    if path is not None and inside(path, allowed(context.place)) is None:
        message = f"Input {name} lies at {path}, outside of the folders that this run may read."
        raise ContractError("INPUT_OUTSIDE", message)
    return {
        "name": artifact.name,
        "type": _type(artifact.type),
        "uri": artifact.uri if path is None else told(context, path),
        "metadata": dict(artifact.metadata),
    }


def _type(of: ArtifactType) -> dict[str, str]:
    return {"schemaTitle": of.title, "schemaVersion": of.version}


def _time(seconds: float) -> str:
    moment = datetime.fromtimestamp(int(seconds), timezone.utc)
    return moment.isoformat().replace("+00:00", "Z")
