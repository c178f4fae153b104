"""Runs side by side as an anywidget: the curves of a metric, and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from trackside._client import get_client
from trackside._display.find import run_ids
from trackside._errors import TracksideError
from trackside._run import Run, get_runs
from trackside._widget.base import BUILT, STATIC, Answer, LiveWidget, moved
from trackside._widget.run import points

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MOST, _ROWS, _VALUE = 20, 100, 200


class CompareWidget(LiveWidget):
    """Two to twenty runs for dashboards: the curves of a metric, and what differs between them.

    Parameters
    ----------
    runs
        The runs: runs, jobs, ids, or what `trackside.runs` returned.
    metric
        The metric whose curves are drawn and by which results are judged. Default: the main one.

    Notes
    -----
    Traits, all of which can be observed:

    - ``runs``: the ids of the runs; setting it compares others.
    - ``metric``: the metric that is shown, chosen here or in the view.
    - ``value``: the runs as they were read last, as `Run`; it can be observed.

    Raises
    ------
    TracksideError
        When one of the runs is not there, or there are not two to twenty.
    """

    if BUILT:
        _esm = STATIC / "compare.js"
        _css = STATIC / "charts.css"

    _answers: ClassVar[Mapping[str, str]] = {"curves": "_points"}

    runs = traitlets.Any((), help="The ids of the runs.")
    heads: traitlets.List[Answer] = traitlets.List(help="The runs as the view names them.").tag(
        sync=True
    )
    metrics = traitlets.List(traitlets.Unicode(), help="The metrics to choose from.").tag(sync=True)
    metric = traitlets.Unicode(help="The metric that is shown.").tag(sync=True)
    sentence = traitlets.Unicode(help="The comparison in a sentence.").tag(sync=True)
    rows: traitlets.List[Answer] = traitlets.List(help="What differs.").tag(sync=True)
    value: traitlets.List[Run] = traitlets.List(read_only=True, help="The runs, read.")

    def __init__(self, runs: object, *, metric: str = "") -> None:
        ids = _ids(runs)
        self._client = get_client()
        found = self._compare(ids, metric)
        super().__init__(runs=ids, metric=metric)
        self._take(found)
        self.observe(self._compare_others, ["runs", "metric"])

    def refresh(self) -> None:
        """Compare the runs anew."""
        self._take(self._compare(self.runs, self.metric))

    @traitlets.validate("runs")
    def _read_runs(self, proposal: Any) -> tuple[str, ...]:
        return _ids(proposal["value"])

    def _compare(self, ids: Iterable[str], metric: str) -> Answer:
        body = {"run_ids": list(ids), **({"objective": {"metric": metric}} if metric else {})}
        found: Answer = self.client.api("POST", "compare", body, repeatable=True)
        return found

    def _take(self, found: Answer) -> None:
        differing = [
            {
                "kind": kind,
                "key": item["key"],
                "values": [_short(value) for value in item["values"]],
            }
            for kind in ("metrics", "params", "tags", "datasets", "packages", "environment")
            for item in found[kind]
            if item["differs"]
        ]
        objective = found["objective"] or {}
        with self.hold_sync():
            self.heads = [
                {key: run[key] for key in ("run_id", "run_name", "status", "start_time")}
                for run in found["runs"]
            ]
            self.metrics = [item["key"] for item in found["metrics"]]
            self.metric = self.metric or objective.get("metric") or next(iter(self.metrics), "")
            self.sentence, self.rows = found["sentence"], differing[:_ROWS]
            self.message = ""
            self.revision += 1
        self.set_trait("value", get_runs(self.client, self.runs))

    def _compare_others(self, _change: object) -> None:
        try:
            self.refresh()
        except TracksideError as error:
            self.message = str(error)

    def _concerns(self, changes: Mapping[str, Any]) -> bool:
        return not moved(changes).isdisjoint(self.runs)

    def _points(self, _question: Answer) -> Answer:
        return {"curves": points(self, list(self.runs), self.metric) if self.metric else {}}


def _ids(runs: object) -> tuple[str, ...]:
    ids = tuple(dict.fromkeys(run_ids(runs)))
    if not 2 <= len(ids) <= _MOST:
        raise TracksideError(f"{len(ids)} runs cannot be compared.", f"Give 2 to {_MOST} of them.")
    return ids


def _short(value: object) -> object:
    return value[:_VALUE] if isinstance(value, str) else value
