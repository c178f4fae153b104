"""Taking from a line what a terminal would not show, and what printing wraps around values."""

from __future__ import annotations

import re

# Colours and cursor movement, titles (OSC), two-character sequences, other control characters.
_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|[\x00-\x08\x0b-\x1f\x7f]"
)
_WRAPPED = re.compile(
    r"\b(?:(?:np|numpy|torch|jnp|tf)\.)?"
    r"(?:float\d*|u?int\d*|[tT]ensor|[aA]rray|DeviceArray)\(([^(),]*)(?:,[^()]*)?\)"
)
_CALL = re.compile(r"\b([A-Za-z_]\w*)\(([^()]*)\)")
_MEASURING = re.compile(
    r"(?:metrics?|results?|output|scores?|loss(?:es)?|stats|eval(?:uation)?|train|val|valid|test"
    r"|epoch|step)$",
    re.IGNORECASE,
)


def strip_ansi(text: str) -> str:
    """Return a line without escape sequences and control characters (tabs stay)."""
    return text if text.isprintable() else _ANSI.sub("", text)


def unwrap(text: str) -> str:
    """Return a line in which ``np.float64(0.5)`` is ``0.5`` and the repr of an object is gone.

    ``SGD(lr=0.1, momentum=0.9)`` tells how an object was made; nothing in it was measured.
    """
    if "(" not in text:
        return text
    text = _WRAPPED.sub(r"\1", text)
    return _CALL.sub(_without_settings, text) if "=" in text else text


def _without_settings(match: re.Match[str]) -> str:
    keep = "=" not in match.group(2) or _MEASURING.search(match.group(1))
    return match.group(0) if keep else " "
