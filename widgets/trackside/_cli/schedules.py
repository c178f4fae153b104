"""``trackside schedule`` and ``trackside schedules``."""

from __future__ import annotations

import json
from typing import Any

from trackside import _schedules
from trackside._cli.answering import aside
from trackside._errors import TracksideError


def schedule(options: dict[str, Any], *, as_json: bool) -> int:
    """Let a script or notebook recur."""
    with aside(as_json=as_json):
        made = _schedules.schedule(**options)
    _say(json.dumps(made.data, indent=2) if as_json else repr(made))
    return 0


def schedules(options: dict[str, Any], *, as_json: bool) -> int:
    """List what recurs, or do something with it."""
    action, leave = options.get("action", "list"), options.get("leave", False)
    if as_json and action != "list":
        raise TracksideError(f"--json goes with list, not with {action}.", "Leave it out.")
    found = _schedules.chosen(action, options.get("names", ()), leave=leave)
    if action == "list":
        if as_json:
            _say(json.dumps([one.data for one in found], indent=2))
        else:
            _say(repr(found) if found else "Nothing recurs.")
        return 0
    for one in found:
        _say(_schedules.carry_out(action, one, leave=leave))
    return 0


def _say(text: str) -> None:
    print(text)  # noqa: T201  (the answer of a command)
