"""What the widgets share: their built front end, questions from it, and news about runs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets

from trackside._client import get_client
from trackside._display.follow import follower
from trackside._errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside._client import Client
    from trackside._run import Run

STATIC = Path(__file__).parent.parent / "static"
BUILT = (STATIC / "job.js").exists()

Answer = dict[str, Any]


class Widget(anywidget.AnyWidget):
    """A view that asks the kernel, and is told by it when runs moved.

    The front end sends ``{"ask": name, "id": n, …}``; the method that `_answers` has for this name
    makes the answer, which goes back with the same id.
    """

    _answers: ClassVar[Mapping[str, str]] = {}

    message = traitlets.Unicode(help="What could not be done, in a sentence.").tag(sync=True)
    revision = traitlets.Int(help="Counts how often what is shown moved.").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        if not BUILT:
            raise TracksideError(
                "The front end of the widget is not built in this checkout.", "Run `jlpm build`."
            )
        self._client = get_client()
        super().__init__(**traits)
        self.on_msg(self._asked)

    @property
    def client(self) -> Client:
        """The server that the widget asks."""
        return self._client

    def refresh(self) -> None:
        """Read anew what is shown."""
        self.revision += 1

    def _asked(self, _widget: object, content: object, _buffers: object) -> None:
        question: dict[str, Any] = content if isinstance(content, dict) else {}
        method = self._answers.get(str(question.get("ask")))
        if method is None:
            return
        try:
            answer = getattr(self, method)(question)
            self.message = ""
        except TracksideError as error:
            answer = {}
            self.message = str(error)
        self.send({**answer, "answer": question["ask"], "id": question.get("id")})


class LiveWidget(Widget):
    """A view of runs, read anew when one of them moved."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        follower(self.client).watch(self._take_news)

    def close(self) -> None:
        """Close the widget; what it shows is not touched."""
        # Python also closes one that could not be made.
        if hasattr(self, "_client"):
            follower(self.client).unwatch(self._take_news)
        super().close()

    def _take_news(self, changes: Mapping[str, Any]) -> None:
        if changes.get("reset") or self._concerns(changes):
            self.refresh()

    def _concerns(self, changes: Mapping[str, Any]) -> bool:
        """Tell whether what moved is in view."""
        raise NotImplementedError


def moved(changes: Mapping[str, Any]) -> set[str]:
    """Return the ids of what moved or is gone."""
    return {run["run_id"] for run in changes["runs"]} | {item["id"] for item in changes["deleted"]}


def listed(run: Run) -> Answer:
    """Return a run as lists and cards in the front end show it."""
    return {
        "run_id": run.id,
        "run_name": run.name or run.id[:8],
        "status": run.status,
        "start_time": run.start_time or 0,
        "end_time": run.end_time,
        "metrics": {key: number(value) for key, value in run.metrics.items()},
        "params": dict(run.params),
    }


def number(value: float) -> float | str:
    """Return a number as JSON has it; it has no NaN and no infinities, so these are words."""
    return value if math.isfinite(value) else str(value)
