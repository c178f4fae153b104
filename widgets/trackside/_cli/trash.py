"""``trackside delete`` and ``trackside trash``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from trackside import _tables, _trash
from trackside._errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Mapping


def delete(options: Mapping[str, Any], *, as_json: bool) -> int:
    """Delete runs and experiments."""
    wanted = {name: value for name, value in options.items() if name not in ("yes", "runs")}
    if options.get("forever"):
        _confirm("Delete this for ever, with its files?", sure="yes" in options)
    done = _trash.delete(options.get("runs", ()), **wanted)
    where = "for ever" if options.get("forever") else "to the trash"
    _answer(done, f"Deleted {where}: {_counts(done)}.", as_json=as_json)
    return 0


def trash(options: Mapping[str, Any], *, as_json: bool) -> int:
    """Show the trash, or empty it."""
    wanted = {name: value for name, value in options.items() if name not in ("yes", "empty")}
    if "empty" not in options:
        if "older_than_days" in options:
            raise TracksideError("--older-than goes with --empty.")
        rows = _trash.trash_rows(**wanted)
        if as_json:
            print(json.dumps(rows, indent=2, default=str))  # noqa: T201
        else:
            print(repr(_tables.Table(rows)) if rows else "The trash is empty.")  # noqa: T201
        return 0
    _confirm("Delete for ever what is in the trash?", sure="yes" in options)
    done = _trash.empty_trash(**wanted)
    kept = f" Kept: {done['kept']}; `trackside trash` says why." if done["kept"] else ""
    gone = {name: count for name, count in done.items() if name != "kept"}
    _answer(done, f"Deleted for ever: {_counts(gone)}.{kept}", as_json=as_json)
    return 0


def _confirm(question: str, *, sure: bool) -> None:
    if sure:
        return
    if not sys.stdin.isatty():
        raise TracksideError("There is no way back from this.", "Say --yes if that is meant.")
    print(f"{question} There is no way back. [y/N] ", end="", file=sys.stderr, flush=True)  # noqa: T201
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise TracksideError("Nothing was deleted.")


def _counts(done: dict[str, int]) -> str:
    words = [
        f"{count} {name if count != 1 else name[:-1]}" for name, count in done.items() if count
    ]
    return ", ".join(words) or "nothing"


def _answer(done: dict[str, int], sentence: str, *, as_json: bool) -> None:
    print(json.dumps(done, indent=2) if as_json else sentence)  # noqa: T201
