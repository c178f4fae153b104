"""What the handlers of the KFP server need, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from .logs import Logs
    from .sending import Sender
    from .service import Remote


class RemoteDesk(Struct, frozen=True):
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
