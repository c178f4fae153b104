"""What the handlers of the KFP server need, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .logs import Logs
    from .sending import Sender
    from .service import Remote


@dataclass(frozen=True, slots=True)
class RemoteDesk:
    """A KFP server, and what is done with it.

    Parameters
    ----------
    remote
        The server.
    sender
        Brings pipelines there.
    logs
        Reads what tasks printed.
    """

    remote: Remote
    sender: Sender
    logs: Logs
