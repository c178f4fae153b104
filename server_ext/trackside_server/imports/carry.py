"""The walk through a source: experiments with all that is in them, then the registry."""

from __future__ import annotations

import re
import sqlite3
from functools import partial
from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput, TracksideError

from .bring_experiments import ExperimentBringer
from .bring_files import FileBringer
from .bring_models import ModelBringer
from .bring_registry import RegistryBringer
from .bring_runs import RunBringer
from .bring_traces import TraceBringer
from .records import flaw
from .settings import require_all
from .sources.base import MALFORMED, SourceFailed, Unreadable, damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .bring_experiments import Experiment
    from .bring_files import Refer
    from .desk import Desk
    from .records import ExperimentRecord
    from .settings import Wanted
    from .sources.base import Source
    from .tally import Tally

# What a folder of artifacts can be named after.
_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,255}", re.ASCII)


class Carrier:
    """Brings what a source holds.

    Everything that came is known afterwards, so a walk that was cut short is simply walked again:
    it passes by what is there.
    """

    def __init__(
        self,
        source: Source,
        desk: Desk,
        tally: Tally,
        wanted: Wanted,
        refer: Refer,
        actor: str,
    ) -> None:
        self._source = source
        self._tally = tally
        self._wanted = wanted
        files = FileBringer(source, desk.tracking.artifacts, tally, wanted, refer)
        self._experiments = ExperimentBringer(source, desk, tally, wanted)
        self._runs = RunBringer(source, desk, tally, wanted, files)
        self._models = ModelBringer(source, desk, tally, wanted, files)
        self._traces = TraceBringer(source, desk, tally, wanted, files)
        self._registry = RegistryBringer(source, desk, tally, wanted, actor)
        self._numbers: dict[str, int] = {}

    def go(self) -> None:
        """Walk through all of it."""
        self._tally.doing("counting what there is")
        self._tally.expect(dict(self._source.totals()))
        records = list(self._source.experiments())
        names = {record.name for record in records}
        require_all("experiment", self._wanted.experiments, names, "in the source")
        for record in records:
            if not self._wanted.experiments or record.name in self._wanted.experiments:
                self._experiment(record)
        if not self._wanted.experiments:
            self._tally.doing("registered models")
            for registered in self._source.registered():
                self._one(
                    "registered_models",
                    registered.name,
                    registered,
                    partial(self._registry.bring, registered, self._numbers),
                )
        self._tally.doing("")

    def _experiment(self, record: ExperimentRecord) -> None:
        self._tally.check()
        self._tally.doing(f"experiment {record.name}")
        found: list[Experiment] = []
        self._one(
            "experiments",
            record.name,
            record,
            lambda: found.append(self._experiments.bring(record)),
        )
        if not found:
            return  # told; its runs have no place
        experiment = found[0]
        if experiment.number is not None:
            self._numbers[record.key] = experiment.number
        key = record.key
        self._all("runs", "run_id", lambda: self._source.runs(key), self._runs.bring, experiment)
        self._all(
            "models", "model_id", lambda: self._source.models(key), self._models.bring, experiment
        )
        self._all(
            "traces", "trace_id", lambda: self._source.traces(key), self._traces.bring, experiment
        )

    def _all(
        self,
        kind: str,
        name: str,
        records: Callable[[], Iterable[Any]],
        bring: Callable[[Any, Experiment], None],
        experiment: Experiment,
    ) -> None:
        try:
            for record in records():
                identifier = str(getattr(record, name))
                self._one(kind, identifier, record, partial(bring, record, experiment))
        except Unreadable as error:
            self._tally.complain("experiment", experiment.name, str(error))

    def _one(self, kind: str, identifier: str, record: Any, bring: Callable[[], None]) -> None:
        """Bring one thing; one that the store cannot hold is left out, and the rest goes on."""
        one = kind.removesuffix("s").replace("_", " ")
        try:
            if kind in ("runs", "models", "traces"):
                _identifier(identifier)
            wrong = flaw(record)
            if wrong is not None:
                raise InvalidInput(
                    f"{one.capitalize()} {identifier[:100]} is damaged, and was left out: {wrong}."
                )
            bring()
        except TracksideError as error:
            if isinstance(error, SourceFailed) or error.is_temporary:
                raise
            self._tally.count(kind, "skipped")
            self._tally.complain(one, identifier, error.message)
        except (*MALFORMED, sqlite3.IntegrityError, sqlite3.DataError) as error:
            self._tally.count(kind, "skipped")
            self._tally.complain(one, identifier, damaged(one, identifier, error))


def _identifier(text: str) -> None:
    if not _ID.fullmatch(text):
        raise InvalidInput(
            f"{text[:80]!r} cannot be an id: letters, digits, '_', '-' and '.' are allowed in it."
        )
