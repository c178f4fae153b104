"""The walk through a source: experiments with all that is in them, then the registry."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput

from .bring_experiments import ExperimentBringer
from .bring_files import FileBringer
from .bring_models import ModelBringer
from .bring_registry import RegistryBringer
from .bring_runs import RunBringer
from .bring_traces import TraceBringer
from .sources.base import SourceFailed

if TYPE_CHECKING:
    from collections.abc import Callable

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
        for record in self._source.experiments():
            if not self._wanted.experiments or record.name in self._wanted.experiments:
                self._experiment(record)
        if not self._wanted.experiments:
            self._tally.doing("registered models")
            for registered in self._source.registered():
                self._one(
                    "registered_models",
                    registered.name,
                    partial(self._registry.bring, registered, self._numbers),
                )
        self._tally.doing("")

    def _experiment(self, record: ExperimentRecord) -> None:
        self._tally.check()
        self._tally.doing(f"experiment {record.name}")
        experiment: Experiment = self._experiments.bring(record)
        if experiment.number is not None:
            self._numbers[record.key] = experiment.number
        for run in self._source.runs(record.key):
            self._one("runs", run.run_id, partial(self._runs.bring, run, experiment))
        for model in self._source.models(record.key):
            self._one("models", model.model_id, partial(self._models.bring, model, experiment))
        for trace in self._source.traces(record.key):
            self._one("traces", trace.trace_id, partial(self._traces.bring, trace, experiment))

    def _one(self, kind: str, identifier: str, bring: Callable[[], None]) -> None:
        """Bring one thing; one that the store cannot hold is left out, and the rest goes on."""
        try:
            if kind != "registered_models":
                _identifier(identifier)
            bring()
        except SourceFailed:
            raise
        except InvalidInput as error:
            self._tally.count(kind, "skipped")
            self._tally.complain(kind.removesuffix("s"), identifier, error.message)


def _identifier(text: str) -> None:
    if not _ID.fullmatch(text):
        raise InvalidInput(
            f"{text[:80]!r} cannot be an id: letters, digits, '_', '-' and '.' are allowed in it."
        )
