"""Runs as an anywidget: a table in which some are selected, and what is selected in Python.

The rows do not travel with the widget: the front end asks for those in view, whether there are ten
or a hundred thousand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import traitlets

from trackside._display import runlist
from trackside._display.find import run_ids
from trackside._errors import TracksideError
from trackside._frames import find_experiment, search
from trackside._run import get_runs
from trackside._widget.base import BUILT, STATIC, Answer, LiveWidget, listed, moved, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside._run import Run

_PAGE = 100
_SAMPLE = 30
_COLUMNS = 6


class RunsWidget(LiveWidget):
    """A table of runs for dashboards: what is selected in it is there in Python, and back.

    Parameters
    ----------
    runs
        The runs: runs, jobs, ids, or what `trackside.runs` returned.
    experiment
        Instead of runs, the name or id of an experiment, whose new runs appear by themselves.
    filter
        Which runs of the experiment, in MLflow's words.
    order_by
        What to sort the runs of the experiment by: ``["metrics.loss"]``.
    columns
        What is shown: ``["metrics.loss", "params.lr"]``. Default: what says most.
    selected
        The ids of the runs that are selected at the beginning.

    Notes
    -----
    Traits, all of which can be observed:

    - ``selected``: the ids of the selected runs; setting it selects them in the view.
    - ``value``: the selected runs, as `Run`. Both can be observed: ``widget.observe(f, "value")``.
    - ``runs``, ``experiment``, ``filter``, ``order_by``, ``columns``:
      what is shown; setting them shows something else.
    - ``total``: how many runs there are, where that is known.

    Raises
    ------
    TracksideError
        When there is no such experiment or run.
    """

    if BUILT:
        _esm = STATIC / "runs.js"
        _css = STATIC / "views.css"

    _answers: ClassVar[Mapping[str, str]] = {"rows": "_rows", "refresh": "_refresh"}

    runs = traitlets.Any((), help="The ids of the runs; empty for those of an experiment.")
    experiment = traitlets.Unicode("", help="The experiment.").tag(sync=True)
    filter = traitlets.Unicode("", help="Which of its runs.").tag(sync=True)
    order_by = traitlets.List(traitlets.Unicode(), help="What it is sorted by.").tag(sync=True)
    columns = traitlets.List(traitlets.Unicode(), help="What is shown.").tag(sync=True)
    chosen = traitlets.List(traitlets.Unicode(), help="What is shown by default.").tag(sync=True)
    selected = traitlets.List(traitlets.Unicode(), help="The selected runs.").tag(sync=True)
    value: traitlets.List[Run] = traitlets.List(read_only=True, help="The selected runs, read.")
    total = traitlets.Int(None, allow_none=True, help="How many there are.").tag(sync=True)

    def __init__(
        self,
        runs: object = None,
        *,
        experiment: str = "",
        filter: str = "",  # noqa: A002  (the word of the protocol and of every other door)
        order_by: str | Sequence[str] = (),
        columns: Sequence[str] = (),
        selected: Sequence[str] = (),
    ) -> None:
        if (runs is None) == (not experiment):
            raise TracksideError("A table shows runs or an experiment.", "Give one of both.")
        self._experiment_id: str | None = None
        super().__init__(
            runs=() if runs is None else runs,
            experiment=experiment,
            filter=filter,
            order_by=[order_by] if isinstance(order_by, str) else list(order_by),
            columns=list(columns),
        )
        try:
            self._ask_anew()
        except TracksideError:
            self.close()
            raise
        self.selected = list(selected)

    @traitlets.validate("runs")
    def _read_runs(self, proposal: Any) -> tuple[str, ...]:
        return tuple(dict.fromkeys(run_ids(proposal["value"])))

    @traitlets.observe("selected")
    def _read_selected(self, _change: object) -> None:
        try:
            found = get_runs(self.client, self.selected)
        except TracksideError as error:
            self.message = str(error)
            return
        self.set_trait("value", found)

    @traitlets.observe("runs", "experiment", "filter", "order_by")
    def _show_others(self, _change: object) -> None:
        # Also while the widget is made, when nothing is asked yet.
        if self.trait_has_value("chosen"):
            self._ask_anew()

    @traitlets.observe("columns")
    def _show_columns(self, _change: object) -> None:
        self.refresh()

    def _ask_anew(self) -> None:
        try:
            self._experiment_id = (
                find_experiment(self.client, self.experiment)["experiment_id"]
                if self.experiment
                else None
            )
            sample = self._sample()
        except TracksideError as error:
            if not self.trait_has_value("chosen"):
                raise
            self.message = str(error)
            return
        metrics = [f"metrics.{key}" for key in runlist.main_metrics(sample)]
        params = [f"params.{key}" for key in runlist.differing_params(sample)]
        half = _COLUMNS // 2
        with self.hold_sync():
            self.chosen = [*metrics[:half], *params[: _COLUMNS - len(metrics[:half])]]
            self.total = None if self.experiment else len(self.runs)
            self.message = ""
            self.revision += 1

    def _sample(self) -> list[Run]:
        if self._experiment_id is None:
            return get_runs(self.client, self.runs[:_SAMPLE])
        return search(self.client, [self._experiment_id], self.filter, self.order_by, _SAMPLE)

    def _concerns(self, changes: Mapping[str, Any]) -> bool:
        if self._experiment_id is None:
            return not moved(changes).isdisjoint(self.runs)
        return bool(changes["deleted"]) or any(
            run["experiment_id"] == self._experiment_id for run in changes["runs"]
        )

    def _refresh(self, _question: Answer) -> Answer:
        self._ask_anew()
        return {}

    def _rows(self, question: Answer) -> Answer:
        offset, limit = _whole(question.get("offset")), min(_PAGE, _whole(question.get("limit")))
        columns = self.columns or self.chosen
        shown = {
            kind: [name[len(kind) + 1 :] for name in columns if name.startswith(f"{kind}.")]
            for kind in ("metrics", "params")
        }
        if self._experiment_id is None:
            found = get_runs(self.client, self.runs[offset : offset + limit])
            rows, total, more = [listed(run) for run in found], len(self.runs), False
        else:
            body = {
                "experiment_ids": [self._experiment_id],
                "filter": self.filter,
                "order_by": self.order_by,
                "offset": offset,
                "limit": limit,
                **shown,
            }
            window = self.client.api("POST", "runs/window", body, repeatable=True)
            rows, total, more = window["rows"], window["total"], window["has_more"]
            self.total = total
        return {
            "offset": offset,
            "rows": rows,
            "total": total,
            "more": more,
            "curves": self._curves(rows, shown["metrics"]),
        }

    def _curves(self, rows: Sequence[Answer], metrics: Sequence[str]) -> Answer:
        with_metric = [row["run_id"] for row in rows if metrics and metrics[0] in row["metrics"]]
        if not with_metric:
            return {}
        found = runlist.curves(self.client, with_metric, metrics[0])
        return {run_id: [number(value) for value in curve] for run_id, curve in found.items()}


def _whole(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
