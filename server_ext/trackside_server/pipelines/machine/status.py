"""What an exit task is told of how the task before it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.model import Value

    from .state import Node, Run, State

# The words of a KFP cluster, which are those of its metadata store; there, what was not triggered
# counts as canceled.
_WORDS: Final[dict[State, str]] = {
    "SUCCEEDED": "COMPLETE",
    "CACHED": "CACHED",
    "FAILED": "FAILED",
    "CANCELED": "CANCELED",
    "SKIPPED": "CANCELED",
}
# gRPC's codes, which the type of the error prescribes: CANCELLED, and UNKNOWN for a user's failure.
_CODES: Final[dict[State, int]] = {"CANCELED": 1, "SKIPPED": 1, "FAILED": 2}


def final_status(run: Run, node: Node) -> dict[str, Value]:
    """Describe the end of a node.

    Parameters
    ----------
    run
        The run that it is part of.
    node
        A node that has ended.

    Returns
    -------
    dict[str, Value]
        In the form of KFP's ``PipelineTaskFinalStatus``; `error` is empty where nothing went wrong.
    """
    error: dict[str, Value] = {}
    if node.state in _CODES:
        message = node.reason.message if node.reason is not None else ""
        error = {"code": _CODES[node.state], "message": message}
    return {
        "state": _WORDS[node.state],
        "pipelineJobResourceName": run.words.get("pipeline_job_resource_name", run.run_id),
        "pipelineTaskName": node.task,
        "error": error,
    }
