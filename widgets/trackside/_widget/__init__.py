"""The widget form of the live views, for front ends without Trackside's own renderer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trackside._job import Job

VIEW = "application/vnd.jupyter.widget-view+json"


def widget_view(job: Job) -> dict[str, Any]:
    """Make a widget of a job and return the part of an output that shows it."""
    from trackside._widget.job import JobWidget

    # ipywidgets keeps every open widget alive by itself.
    found: Any = JobWidget(job)._repr_mimebundle_()
    data = found[0] if isinstance(found, tuple) else found
    return {VIEW: data[VIEW]}
