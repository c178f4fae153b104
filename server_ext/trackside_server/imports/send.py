"""The walk of an export: what was chosen, from this server's store to a target."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput, TracksideError

from .settings import require_all
from .sources.base import SourceFailed, Unreadable
from .targets.base import Left

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .own import OwnStore
    from .records import ExperimentRecord, ModelRecord, Points, RegisteredRecord, RunRecord
    from .settings import Chosen
    from .sources.base import Files
    from .tally import Outcome, Tally
    from .targets.base import Target


def require_chosen(source: OwnStore, chosen: Chosen) -> None:
    """Refuse names of what is not there, before anything is made of the rest."""
    if chosen.experiments:
        names = {record.name for record in source.experiments()}
        require_all("experiment", chosen.experiments, names, "here")
    if chosen.models:
        models = {item.name for item in source.registered()}
        require_all("registered model", chosen.models, models, "here")
    require_all("run", chosen.runs, source.known_runs(chosen.runs), "here")


class Sender:
    """Sends what was chosen."""

    def __init__(self, source: OwnStore, target: Target, tally: Tally, chosen: Chosen) -> None:
        self._source = source
        self._target = target
        self._tally = tally
        self._chosen = chosen
        self._runs = set(chosen.runs)
        self._models: set[str] = set()

    def go(self) -> None:
        """Walk through all of it."""
        registered = [item for item in self._source.registered() if self._wants(item)]
        if self._chosen.models:
            versions = [version for item in registered for version in item.versions]
            self._runs |= {version.run_id for version in versions if version.run_id}
            self._models |= {version.model_id for version in versions if version.model_id}
        try:
            for experiment in self._source.experiments():
                try:
                    self._experiment(experiment)
                except Left as left:  # noqa: PERF203
                    self._tally.count("experiments", "skipped")
                    self._tally.complain("experiment", experiment.name, str(left))
            self._tally.doing("registered models")
            for item in registered:
                self._take("registered_models", item.name, partial(self._target.registered, item))
        finally:
            self._target.save()
        self._tally.doing("")

    def _wants(self, item: RegisteredRecord) -> bool:
        return self._chosen.everything or item.name in self._chosen.models

    def _experiment(self, record: ExperimentRecord) -> None:
        self._tally.doing(f"experiment {record.name}")
        whole = self._chosen.everything or record.name in self._chosen.experiments
        there: str | None = None
        if whole:
            there = self._begin(record)
        for run in self._source.runs(record.key):
            if whole or run.run_id in self._runs:
                there = there or self._begin(record)
                self._run(run, record, there)
        for model in self._source.models(record.key):
            if whole or self._wants_model(model):
                there = there or self._begin(record)
                files = self._files("model", model.model_id, record, model.artifact_uri)
                self._take(
                    "models",
                    model.model_id,
                    partial(self._target.model, model, there, files),
                )
        if whole and there is not None:
            for trace in self._source.traces(record.key):
                uri = trace.tags.get("mlflow.artifactLocation", "")
                files = self._files("trace", trace.trace_id, record, uri)
                self._take(
                    "traces",
                    trace.trace_id,
                    partial(self._target.trace, trace, there, files),
                )
        self._target.save()

    def _wants_model(self, model: ModelRecord) -> bool:
        return model.model_id in self._models or model.source_run_id in self._runs

    def _begin(self, record: ExperimentRecord) -> str:
        there, outcome = self._target.experiment(record)
        self._tally.count("experiments", outcome)
        return there

    def _run(self, run: RunRecord, experiment: ExperimentRecord, there: str) -> None:
        def points() -> Iterator[Points]:
            for batch, _ in self._source.points(run, experiment.key, run.curves, None):
                yield batch

        files = self._files("run", run.run_id, experiment, run.artifact_uri)
        self._take("runs", run.run_id, lambda: self._target.run(run, there, points, files))

    def _files(
        self, kind: str, identifier: str, experiment: ExperimentRecord, uri: str
    ) -> Files | None:
        if self._chosen.artifacts == "none":
            return None
        try:
            return self._source.files(kind, identifier, experiment.key, uri)
        except Unreadable as error:
            if kind != "trace":
                self._tally.complain(kind, identifier, str(error))
            return None

    def _take(self, kind: str, identifier: str, take: Callable[[], Outcome]) -> None:
        self._tally.check()
        try:
            self._tally.count(kind, take())
        except SourceFailed:
            raise
        except (Left, Unreadable, InvalidInput) as error:
            self._tally.count(kind, "skipped")
            words = error.message if isinstance(error, TracksideError) else str(error)
            self._tally.complain(kind.removesuffix("s"), identifier, words)
