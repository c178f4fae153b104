"""One import or export, on the thread that carries it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .carry import Carrier
from .settings import Wanted
from .sources import open_source

if TYPE_CHECKING:
    from .desk import Desk
    from .sources import Place
    from .storage import Transfer
    from .tally import Tally


class Work:
    """What a transfer asked for.

    Parameters
    ----------
    transfer
        The transfer.
    where
        Where from or to, with the secrets that it takes.
    desk
        The store.
    tally
        Counts, and is asked whether to stop.
    """

    def __init__(self, transfer: Transfer, where: Place, desk: Desk, tally: Tally) -> None:
        self._transfer = transfer
        self._where = where
        self._desk = desk
        self._tally = tally

    def run(self) -> None:
        """Carry it out; this blocks until it is done.

        Raises
        ------
        Canceled
            It was told to stop.
        TracksideError
            It cannot be done.
        """
        wanted = Wanted.of(self._transfer.options)
        self._tally.doing("opening the source")
        source = open_source(self._where, wanted.artifact_root, self._tally.complain)
        try:
            Carrier(
                source, self._desk, self._tally, wanted, self._desk.refer, self._transfer.actor
            ).go()
        finally:
            source.close()
