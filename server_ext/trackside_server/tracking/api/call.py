"""One request to an MLflow route, as the operations see it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from trackside_server.web import dumps

if TYPE_CHECKING:
    from trackside_server.tracking.proto import Message
    from trackside_server.tracking.reach import Reach
    from trackside_server.tracking.service import Tracking

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """A request.

    Attributes
    ----------
    tracking
        The service.
    message
        The fields of the body or of the query.
    reach
        What the caller may touch.
    path
        The variable parts of the path.
    """

    tracking: Tracking
    message: Message
    reach: Reach
    path: Mapping[str, str] = field(default_factory=dict)


Reply = Any
"""A JSON object, text that is JSON already, `Plain` text, or a `Spooled` answer."""

Operation = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True)
class Plain:
    """An answer in plain text."""

    text: str


async def rendered(render: Callable[[], Any]) -> str:
    """Write a large answer on a thread: the event loop has other things to do."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, lambda: _text(render()))


def _text(written: Any) -> str:
    return written if isinstance(written, str) else dumps(written)
