"""Telling how the user's code ended: a short traceback in the log, a record for the server."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from .files import write_json

if TYPE_CHECKING:
    from .run import Task

_HERE = str(Path(__file__).resolve().parent) + os.sep
_IMPORTING = "<frozen importlib"
# How the code of a cell is called that is a step of a pipeline.
_STEP = re.compile(r"<(step .+)>", re.DOTALL)
_MESSAGE_LIMIT = 10_000
_TRACEBACK_LIMIT = 200_000
_ARGS_LIMIT = 20_000
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def report(task: Task, error: BaseException) -> None:
    """Print the traceback without the frames of this package, and record the failure."""
    text = shown(error, task.hidden)
    # On a full disk the log takes no more, and the record may yet find room.
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.write(text)
        sys.stderr.flush()
    record(task, error, text=text)


def record(
    task: Task,
    error: BaseException,
    *,
    text: str | None = None,
    message: str | None = None,
) -> None:
    """Write failure.json for an exception."""
    line, where = place(task, error)
    message = _message(error) if message is None else message
    write(
        task,
        type=type(error).__qualname__,
        module=type(error).__module__,
        message=message,
        args=_plain_args(error),
        traceback=text,
        cell_line=line,
        where=where,
        hint=hint(task, error, message),
        no_space=_needs_space(error),
    )


def write(task: Task, **fields: Any) -> None:
    """Write failure.json with bounded texts."""
    if fields.get("message"):
        fields["message"] = _cut(fields["message"], _MESSAGE_LIMIT)
    if fields.get("traceback"):
        fields["traceback"] = _cut(fields["traceback"], _TRACEBACK_LIMIT)
    fields["source_label"] = task.label
    # Without it the supervisor tells that the disk is full.
    with contextlib.suppress(OSError):
        write_json(task.job_dir / "failure.json", fields)


def end(task: Task, message: str, hint: str) -> NoReturn:
    """Say why the job cannot go on, record it, and end.

    Raises
    ------
    SystemExit
        Always.
    """
    print(f"{message} {hint}", file=sys.stderr)  # noqa: T201
    write(task, type=None, message=message, hint=hint)
    raise SystemExit(1) from None


def shown(error: BaseException, hidden: tuple[str, ...] = ()) -> str:
    """Return the traceback as Python prints it, without our own frames and those of some files."""
    whole = traceback.TracebackException.from_exception(error)
    _strip(whole, (_HERE, _IMPORTING, *hidden), set())
    return "".join(whole.format())


def place(task: Task, error: BaseException) -> tuple[int | None, str | None]:
    """Return the line of the cell, and words for where the error came from."""
    cell = task.cell_name
    if isinstance(error, SyntaxError) and error.filename == cell:
        return error.lineno, f"cell line {error.lineno}"
    work = str(task.work.resolve()) + os.sep
    line: int | None = None
    where: str | None = None
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == cell:
            line = frame.lineno
            where = f"cell line {frame.lineno}"
        elif step := _STEP.fullmatch(frame.filename):
            where = f"{step[1]} line {frame.lineno}"
        elif line is None and frame.filename.startswith(work):
            inner = frame.filename[len(work) :]
            if inner == task.preamble:
                where = f"{frame.name}()" if frame.name != "<module>" else "the imports"
            else:
                where = f"{inner} line {frame.lineno}"
    return line, where


def hint(task: Task, error: BaseException, message: str) -> str | None:
    """Return what to do about errors whose cause lies in being a job."""
    if _needs_space(error):
        return "The disk is full: free some space, and run it again."
    if isinstance(error, FileNotFoundError) and isinstance(error.filename, str):
        if not Path(error.filename).is_absolute():
            if task.kind == "component":
                return "Pass files between the tasks of a pipeline as artifacts."
            return (
                "Jobs run in a copy of the code: "
                f"add --file {error.filename}, or use an absolute path."
            )
    elif isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.split(".")[0]
        if task.kind == "component" and task.function is None:
            return f"Write --package {package} behind %%step."
        if task.kind == "component":
            return f'Write packages_to_install=["{package}"] where the component is defined.'
        if os.environ.get("TRACKSIDE_IN_POD"):
            return f"Use an image that has {package}: --image. Or bring it along: --install."
        return f"Install {package} for {sys.executable}, or choose another Python with --python."
    elif isinstance(error, NameError):
        return "Define it in the code that is submitted, or before submitting it."
    elif "out of memory" in message and "CUDA" in message:
        return "Use smaller batches, or a GPU with more memory."
    return None


def _needs_space(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in _NO_SPACE


def _strip(whole: traceback.TracebackException, hidden: tuple[str, ...], seen: set[int]) -> None:
    if id(whole) in seen:
        return
    seen.add(id(whole))
    frames = list(whole.stack)
    while frames and frames[0].filename.startswith(hidden):
        del frames[0]
    whole.stack = traceback.StackSummary.from_list(frames)
    nested = [whole.__cause__, whole.__context__, *(getattr(whole, "exceptions", None) or ())]
    for inner in nested:
        if inner is not None:
            _strip(inner, hidden, seen)


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  (the class is the user's: anything may happen)
        return f"<{type(error).__name__} without a readable message>"


def _plain_args(error: BaseException) -> list[Any] | None:
    """Return the arguments of an exception when plain values can carry them."""
    args = list(getattr(error, "args", ()))
    plain = all(type(arg) in (str, int, float, bool, type(None)) for arg in args)
    return args if plain and len(repr(args)) <= _ARGS_LIMIT else None


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"
