"""One request to a route of MLflow's protocol, as the operations see it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import IO, TYPE_CHECKING, Any, Protocol

from msgspec import Struct, field

from trackside_server.web import dumps

if TYPE_CHECKING:
    from trackside_server.lifecycle.clients.peers import Peer
    from trackside_server.registry.service import Registry
    from trackside_server.traces.service import Traces
    from trackside_server.tracking.reach import Reach
    from trackside_server.tracking.service import Tracking

    from .message import Message


REASON_HEADER = "X-Trackside-Reason"
"""Says why an alias or a version is moved, percent-encoded."""


class Clients(Protocol):
    """Learns who logs the runs that no job started."""

    def started(self, run_id: str, told: str | None, peer: Peer | None) -> None:
        """Note that a client made a run, or took it up again, and what it tells about itself."""


class Domains(Struct, frozen=True):
    """The services that answer."""

    tracking: Tracking
    registry: Registry
    traces: Traces
    clients: Clients


class Call(Struct, frozen=True):
    """A request.

    Attributes
    ----------
    domains
        The services.
    message
        The fields of the body or of the query.
    reach
        What the caller may touch.
    path
        The variable parts of the path.
    actor
        The name of whoever asks.
    reason
        Why, as the caller says in the header ``X-Trackside-Reason``.
    peer
        The other end of the connection, if an MLflow client on this machine holds it.
    """

    domains: Domains
    message: Message
    reach: Reach
    path: Mapping[str, str] = field(default_factory=dict)
    actor: str = ""
    reason: str = ""
    peer: Peer | None = None

    @property
    def tracking(self) -> Tracking:
        """The service of experiments, runs and what they log."""
        return self.domains.tracking

    @property
    def registry(self) -> Registry:
        """The service of registered models."""
        return self.domains.registry

    @property
    def traces(self) -> Traces:
        """The service of traces."""
        return self.domains.traces


Reply = Any
"""A JSON object, text that is JSON already, `Plain` text, or a `Spooled` answer."""

Operation = Callable[[Call], Awaitable[Reply]]


class Plain(Struct, frozen=True):
    """An answer in plain text."""

    text: str


class Spooled(Struct, frozen=True):
    """A long JSON answer that waits in a file; whoever sends it closes it."""

    file: IO[bytes]


async def rendered(render: Callable[[], Any]) -> str:
    """Write a large answer on a thread: the event loop has other things to do."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, lambda: _text(render()))


def _text(written: Any) -> str:
    return written if isinstance(written, str) else dumps(written)
