"""What a job left behind: its function's result, or the exception that ended it."""

from __future__ import annotations

import importlib
import json
import pickle
import sys
from typing import TYPE_CHECKING, Any

from trackside._client import segment
from trackside._errors import JobFailed, TracksideError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside._client import Client


class RemoteTraceback(Exception):
    """The traceback of the job, shown as the cause of what is raised here."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def fetch_result(client: Client, job_id: str) -> Any:
    """Return what the job's function returned; None for jobs that are no functions.

    Raises
    ------
    JobFailed
        When there is a result that cannot be read here.
    """
    headers = {"Accept": "*/*"}
    try:
        answer = client.request("GET", f"/api/v1/jobs/{segment(job_id)}/result", headers=headers)
    except TracksideError as error:
        if error.status == 404 and error.code:
            return None
        raise
    names = {key.lower(): value for key, value in answer.headers.items()}
    if names.get("x-trackside-result") == "json":
        found = json.loads(answer.body)
        if isinstance(found, dict) and found.get("trackside") == "unreadable":
            raise JobFailed(str(found["message"]), str(found["hint"]))
        return found["value"]
    try:
        return pickle.loads(answer.body)  # noqa: S301  (the user's own code wrote it)
    except Exception as error:
        raise JobFailed(
            f"The result cannot be read in this kernel ({type(error).__name__}: {error}).",
            "Import here what the job used to make it, or return plain values.",
        ) from error


def exception_of(data: Mapping[str, Any]) -> tuple[Exception, Exception | None]:
    """Return what to raise for a job that did not succeed, and its cause."""
    failure = data.get("failure")
    reason = (data.get("reason") or {}).get("message")
    sentence = f"{data['name']} ended {data['state']}" + (
        f": {_sentence(reason)}" if reason else "."
    )
    hint = "job.logs(tail=50) shows its last lines."
    if not failure:
        return JobFailed(sentence, hint), None
    text = failure.get("traceback")
    cause = RemoteTraceback(text) if text else None
    raised = _rebuilt(failure) if data["state"] == "FAILED" else None
    return raised or JobFailed(sentence, failure.get("hint") or hint), cause


def _sentence(text: str) -> str:
    text = text.rstrip()
    return text if text.endswith((".", "!", "?", ")")) else f"{text}."


def _rebuilt(failure: Mapping[str, Any]) -> Exception | None:
    args, message = failure.get("args"), failure.get("message")
    if not isinstance(args, list) or not failure.get("type"):
        return None
    kind = _find(str(failure.get("module") or "builtins"), str(failure["type"]))
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        return None
    try:
        raised = kind(*args)
        # A constructor that rewrites its message would tell another story than the job did.
        return raised if str(raised) == message else None
    except Exception:  # noqa: BLE001  (the class is the user's: anything may happen)
        return None


def _find(module: str, name: str) -> object:
    found: object = sys.modules.get(module)
    if found is None:
        try:
            found = importlib.import_module(module)
        except Exception:  # noqa: BLE001  (importing runs code of the user)
            return None
    for part in name.split("."):
        found = getattr(found, part, None)
    return found
