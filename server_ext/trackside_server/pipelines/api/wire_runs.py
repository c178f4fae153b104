"""Writes pipeline runs as KFP's clients read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.pipelines.times import rfc3339

from .base import given

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.pipelines.entities import PipelineRun
    from trackside_server.pipelines.machine.state import Reason, State

# Those of the protocol for states that it does not have.
_STATES: Final[Mapping[State, str]] = {"WAITING": "RUNNING", "CACHED": "SUCCEEDED"}
# gRPC's number for what was stopped, and for all that failed otherwise.
_CANCELED: Final = 1
_UNKNOWN: Final = 2


def write_run(
    run: PipelineRun,
    *,
    spec: Mapping[str, Any] | None = None,
    tasks: Sequence[Mapping[str, Any]] = (),
    mlflow_url: str = "",
) -> dict[str, Any]:
    """Write a run.

    Parameters
    ----------
    run
        The run.
    spec
        What was compiled, where the run shall bring it.
    tasks
        Its tasks in the form of KFP 2.
    mlflow_url
        Where its run in tracking is shown.
    """
    origin = run.origin
    reference = None
    if origin.pipeline_id or origin.version_id:
        reference = given(
            {"pipeline_id": origin.pipeline_id, "pipeline_version_id": origin.version_id}
        )
    return given(
        {
            "run_id": run.run_id,
            "experiment_id": run.experiment_id,
            "display_name": run.name,
            "description": run.description,
            "storage_state": "ARCHIVED" if run.archived else "AVAILABLE",
            "state": state_of(run.state),
            "state_history": [_moment(at, state, told) for at, state, told in run.history],
            "created_at": rfc3339(run.created),
            "scheduled_at": rfc3339(origin.scheduled or run.created),
            "finished_at": None if run.ended is None else rfc3339(run.ended),
            "pipeline_spec": spec,
            "pipeline_version_reference": reference,
            "runtime_config": given(
                {"parameters": dict(run.given), "pipeline_root": run.pipeline_root}
            ),
            "error": write_error(run.reason, run.state),
            "recurring_run_id": origin.recurring_id,
            "plugins_output": _tracking(run, mlflow_url),
            "run_details": {"task_details": list(tasks)} if tasks else None,
            "trackside": given(
                {
                    "pipeline": run.pipeline,
                    "python": run.python,
                    "on": run.on,
                    "cached": run.cached,
                }
            ),
        }
    )


def state_of(state: State) -> str:
    """Give the protocol's word for the state of a run."""
    return _STATES.get(state, state)


def write_error(reason: Reason | None, state: State) -> dict[str, Any] | None:
    """Write why something did not end well; nothing where it did, or has not ended."""
    if reason is None or state not in ("FAILED", "CANCELED"):
        return None
    code = _CANCELED if state == "CANCELED" else _UNKNOWN
    return {"code": code, "message": reason.message}


def _moment(at: float, state: State, message: str) -> dict[str, Any]:
    error = {"code": _UNKNOWN, "message": message} if message and state == "FAILED" else None
    return given({"update_time": rfc3339(at), "state": state_of(state), "error": error})


def _tracking(run: PipelineRun, url: str) -> dict[str, Any] | None:
    """Write where the run in tracking is, as KFP's own plug-in for MLflow does."""
    if run.mlflow_run_id is None:
        return None
    entries: dict[str, Any] = {
        "experiment_id": {"value": run.experiment_id},
        "root_run_id": {"value": run.mlflow_run_id},
    }
    if url:
        entries["run_url"] = {"value": url, "render_type": "URL"}
    return {"mlflow": {"entries": entries, "state": "PLUGIN_SUCCEEDED"}}
