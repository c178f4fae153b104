"""A run as an anywidget: its card, with charts on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from trackside._client import get_client
from trackside._display import runlist
from trackside._display.find import run_ids
from trackside._errors import TracksideError
from trackside._run import Run, get_run
from trackside._widget.base import BUILT, STATIC, Answer, LiveWidget, Widget, listed, moved, number

if TYPE_CHECKING:
    from collections.abc import Mapping

_CURVES, _CHARTS, _POINTS = 4, 12, 320


class RunWidget(LiveWidget):
    """A run for dashboards: its state, metrics with their curves, params, and charts.

    Parameters
    ----------
    run
        The run, its job, or the name or id of one of them.

    Notes
    -----
    Traits, all of which can be observed:

    - ``run_id``: the id of the run; setting it shows another one.
    - ``value``: the run as it was read last, as `Run`; it can be observed.

    Raises
    ------
    TracksideError
        When there is no such run.
    """

    if BUILT:
        _esm = STATIC / "run.js"
        _css = STATIC / "charts.css"

    _answers: ClassVar[Mapping[str, str]] = {"curves": "_points"}

    run_id = traitlets.Unicode(help="The id of the run.").tag(sync=True)
    run = traitlets.Dict(help="The run as the card shows it.").tag(sync=True)
    metrics = traitlets.List(traitlets.Unicode(), help="Its metrics.").tag(sync=True)
    curves = traitlets.Dict(help="Small curves of the first of them.").tag(sync=True)
    value = traitlets.Instance(Run, allow_none=True, read_only=True, help="The run, read.")

    def __init__(self, run: object) -> None:
        ids = run_ids(run)
        if len(ids) != 1:
            raise TracksideError(f"{len(ids)} runs are not one.", "RunsWidget shows several.")
        found = run if isinstance(run, Run) else get_run(get_client(), ids[0])
        super().__init__()
        self._take(found)
        self.observe(self._show_another, "run_id")

    def refresh(self) -> None:
        """Read the run anew."""
        self._take(get_run(self.client, self.run_id))

    def _take(self, found: Run) -> None:
        keys = runlist.main_metrics([found])
        curves = {
            key: [number(value) for value in points]
            for key in keys[:_CURVES]
            for points in runlist.curves(self.client, [found.id], key).values()
        }
        with self.hold_sync():
            self.run_id, self.run, self.metrics = found.id, listed(found), keys
            self.curves = curves
            self.revision += 1
        self.set_trait("value", found)

    def _show_another(self, _change: object) -> None:
        if self.value is not None and self.value.id == self.run_id:
            return
        try:
            self.refresh()
        except TracksideError as error:
            self.message = str(error)

    def _concerns(self, changes: Mapping[str, Any]) -> bool:
        return self.run_id in moved(changes)

    def _points(self, _question: Answer) -> Answer:
        return {
            "curves": {
                key: points(self, [self.run_id], key).get(self.run_id, [])
                for key in self.metrics[:_CHARTS]
            }
        }


def points(widget: Widget, run_ids: list[str], metric: str) -> dict[str, list[Answer]]:
    """Return the points of a metric as charts draw them, by the id of a run."""
    query = {"run_ids": run_ids, "metric_key": metric, "max_results": _POINTS}
    found: dict[str, list[Answer]] = {}
    answer = widget.client.mlflow("GET", "metrics/get-history-bulk-interval", query=query)
    for point in answer.get("metrics", ()):
        found.setdefault(point["run_id"], []).append(
            {
                "step": int(point.get("step") or 0),
                "timestamp": int(point.get("timestamp") or 0),
                "value": number(float(point["value"])),
            }
        )
    return found
