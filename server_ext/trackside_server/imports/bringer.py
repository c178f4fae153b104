"""What those share that bring runs, models and traces: things with files, in an experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import known

if TYPE_CHECKING:
    from .bring_files import FileBringer
    from .desk import Desk
    from .records import ModelRecord, RunRecord, TraceRecord
    from .settings import Wanted
    from .sources.base import Source
    from .tally import Tally


class Bringer:
    """Base of them.

    Parameters
    ----------
    source
        Where the things are.
    desk
        The store.
    tally
        Counts.
    wanted
        What was asked for.
    files
        Brings their files.
    """

    def __init__(
        self, source: Source, desk: Desk, tally: Tally, wanted: Wanted, files: FileBringer
    ) -> None:
        self._source = source
        self._desk = desk
        self._tally = tally
        self._wanted = wanted
        self._files = files

    def _mark(self, record: ModelRecord | RunRecord | TraceRecord) -> str:
        """Give by what the next import knows that nothing changed."""
        return known.digest(record, self._wanted.artifacts, self._wanted.artifact_root)
