"""One import or export, on the thread that carries it out."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .carry import Carrier
from .own import OwnStore
from .send import Sender, require_chosen
from .settings import Chosen, Wanted
from .sources import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .desk import Desk
    from .sources import Place
    from .storage import Transfer
    from .tally import Tally
    from .targets.base import Target

_TURN_SECONDS = 0.0005


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
        with _short_turns():
            if self._transfer.direction == "export":
                self._export()
            else:
                self._import()

    def _import(self) -> None:
        wanted = Wanted.of(self._transfer.options)
        self._tally.doing("opening the source")
        source = open_source(self._where, wanted.artifact_root, self._tally)
        try:
            Carrier(
                source, self._desk, self._tally, wanted, self._desk.refer, self._transfer.actor
            ).go()
        finally:
            source.close()

    def _export(self) -> None:
        chosen = Chosen.of(self._transfer.options)
        source = OwnStore(self._desk, self._tally.complain)
        require_chosen(source, chosen)
        self._tally.doing("opening the target")
        target = self._target()
        try:
            Sender(source, target, self._tally, chosen).go()
        finally:
            target.close()

    def _target(self) -> Target:
        if self._where.kind == "server":
            from .targets.server import open_target

            return open_target(self._where, self._tally)
        from .targets.folder import Folder

        return Folder(Path(self._where.shown), self._tally)


@contextmanager
def _short_turns() -> Iterator[None]:
    """Let other threads have their turn sooner while this one is busy.

    A request passes through several threads, and waits at each for the interpreter: five
    milliseconds each time, as Python has it by default, would be felt. The setting is the whole
    process's, so it is left alone where somebody made it as short already, another transfer too.
    """
    before = sys.getswitchinterval()
    if before <= _TURN_SECONDS:
        yield
        return
    sys.setswitchinterval(_TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
