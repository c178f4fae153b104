"""Writes values and errors as JSON."""

from __future__ import annotations

import asyncio
import json
import math
from typing import TYPE_CHECKING, Any

from tornado import web

from .errors import Forbidden, InternalError, InvalidInput, NotFound, TracksideError, from_disk

if TYPE_CHECKING:
    from collections.abc import Mapping

# How many things are worked on before others on the event loop have their turn.
TURN = 100


def as_error(raised: BaseException | None, status: int = 500) -> TracksideError:
    """Return the domain error that tells the user about any exception."""
    known = from_disk(raised) if raised is not None else None
    if isinstance(known, TracksideError):
        return known
    if isinstance(raised, web.HTTPError):
        status = raised.status_code
        text = raised.log_message or raised.reason
    else:
        text = None
    if status == 403:
        return Forbidden(text or "Forbidden.")
    if status == 404:
        return NotFound(text or "Not found.")
    if status == 405:
        return InvalidInput("This address does not take such a request.", reason="405")
    if 400 <= status < 500:
        return _of_web(text, status)
    return InternalError(
        "Something went wrong inside Trackside.",
        hint="The Jupyter server's log has the details.",
    )


def _of_web(text: str | None, status: int) -> InvalidInput:
    """Say in a sentence what Tornado has refused."""
    told = (text or "The request cannot be understood").rstrip(".") + "."
    if "Invalid unicode" in told:
        return InvalidInput(told, hint="Send text as UTF-8.", reason=str(status))
    if "multipart" in told:
        hint = "Send it as a form does, with a boundary that begins and ends each part."
        return InvalidInput(told, hint=hint, reason=str(status))
    return InvalidInput(told, reason=str(status))


# Made once: `json.dumps` with such arguments makes one each time.
_encode = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode


async def dumps_in_turns(value: Mapping[str, Any]) -> str:
    """Return the JSON of an object whose lists may be long; others have their turn between."""
    told = []
    for key, item in value.items():
        if isinstance(item, list) and len(item) > TURN:
            parts = []
            for start in range(0, len(item), TURN):
                await asyncio.sleep(0)
                parts.append(dumps(item[start : start + TURN])[1:-1])
            told.append(f"{dumps(key)}:[{','.join(parts)}]")
        else:
            told.append(f"{dumps(key)}:{dumps(item)}")
    return f"{{{','.join(told)}}}"


def dumps(value: Any) -> str:
    """Return JSON that every browser reads: NaN and infinities become strings, as in MLflow."""
    try:
        return _encode(value)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
