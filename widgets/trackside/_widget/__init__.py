"""The widget form of the live views, for front ends without Trackside's own renderer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trackside._comparison import Comparison
    from trackside._display.find import Runs
    from trackside._experiment import Experiment
    from trackside._job import Job
    from trackside._model import Model
    from trackside._run import Run

VIEW = "application/vnd.jupyter.widget-view+json"


def widget_view(what: Job | Run | Runs | Experiment | Model | Comparison) -> dict[str, Any]:
    """Make a widget of something and return the part of an output that shows it."""
    # ipywidgets keeps every open widget alive by itself.
    found: Any = _widget(what)._repr_mimebundle_()
    data = found[0] if isinstance(found, tuple) else found
    return {VIEW: data[VIEW]}


def _widget(what: Job | Run | Runs | Experiment | Model | Comparison) -> Any:
    from trackside._comparison import Comparison
    from trackside._experiment import Experiment
    from trackside._job import Job
    from trackside._model import Model
    from trackside._run import Run

    if isinstance(what, Job):
        from trackside._widget.job import JobWidget

        return JobWidget(what)
    if isinstance(what, Run):
        from trackside._widget.run import RunWidget

        return RunWidget(what)
    if isinstance(what, Model):
        from trackside._widget.model import ModelWidget

        return ModelWidget(what)
    if isinstance(what, Comparison):
        from trackside._widget.compare import CompareWidget

        return CompareWidget(what)
    from trackside._widget.runs import RunsWidget

    if isinstance(what, Experiment):
        return RunsWidget(experiment=what.name)
    return RunsWidget(what.ids)
