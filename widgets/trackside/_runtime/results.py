"""Keeping what a function returned."""

from __future__ import annotations

import json
import math
import pickle
import sys
from typing import TYPE_CHECKING

from .files import write_bytes, write_json

if TYPE_CHECKING:
    from .run import Task


def keep(task: Task, value: object) -> None:
    """Write result.json for plain values, else result.pkl.

    What cannot be pickled does not make the job fail: the sentence that says so is the result.
    """
    if is_plain(value):
        write_json(task.job_dir / "result.json", {"value": value})
        return
    try:
        content = pickle.dumps(value, protocol=min(5, pickle.HIGHEST_PROTOCOL))
    except Exception as error:  # noqa: BLE001  (pickling runs code of the user's classes)
        message = (
            f"The job succeeded, but what it returned ({type(value).__qualname__}) "
            f"cannot be pickled: {error}."
        )
        hint = "Return plain values or arrays, or save it to a file in the job."
        print(f"{message} {hint}", file=sys.stderr)  # noqa: T201
        write_json(
            task.job_dir / "result.json",
            {"trackside": "unreadable", "message": message, "hint": hint},
        )
        return
    write_bytes(task.job_dir / "result.pkl", content)


def is_plain(value: object, depth: int = 0) -> bool:
    """Tell whether JSON gives back exactly this value."""
    kind = type(value)
    if value is None or kind in (bool, str):
        return kind is not str or _encodable(value)
    if kind is int:
        return True
    if kind is float:
        assert isinstance(value, float)
        return math.isfinite(value)
    if depth > 20:
        return False
    if kind is list:
        assert isinstance(value, list)
        return all(is_plain(item, depth + 1) for item in value)
    if kind is dict:
        assert isinstance(value, dict)
        return all(type(key) is str and is_plain(item, depth + 1) for key, item in value.items())
    return False


def _encodable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
