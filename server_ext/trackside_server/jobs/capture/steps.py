"""Which step a printed value belongs to, judged by the lines before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside_server.jobs.capture.bars import Bars, Draws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.jobs.capture.recognise import Reading

MAX_KEYS = 2_000
_MAX_STEP = 2**53


class Steps:
    """Gives each value its step.

    An explicit step is taken as it is. A bar that begins again with each epoch goes on counting,
    so that a curve never runs backwards. Otherwise the epoch, which may stand in a headline above
    (``Epoch 3/10``), and failing all that a counter for each metric.

    Parameters
    ----------
    state
        What `state` returned, to go on where an earlier process was.

    Attributes
    ----------
    left_out
        The first metric that was one too many.
    """

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        state = state or {}
        self._next: dict[str, int] = dict(state.get("next", {}))
        self._bars = Bars(state.get("bars"))
        self._draws = Draws(state.get("draws"))
        self._headline: int | None = state.get("headline")
        self._fresh: bool = state.get("fresh", False)
        self._fractional: bool = state.get("fractional", False)
        self._partial: bool = state.get("partial", False)
        self.left_out: str | None = state.get("left_out")

    def state(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return {
            "next": self._next,
            "bars": self._bars.state(),
            "draws": self._draws.state(),
            "headline": self._headline,
            "fresh": self._fresh,
            "fractional": self._fractional,
            "partial": self._partial,
            "left_out": self.left_out,
        }

    def place(self, reading: Reading) -> dict[str, int]:
        """Return the step of each metric of a line that is a point, for at most `MAX_KEYS` names.

        Lines without metrics matter too: a headline is the epoch of those that follow.
        """
        found = self._step_of(reading)
        if found is None:
            return {}
        step, move = found
        placed: dict[str, int] = {}
        self.left_out = self.left_out or reading.left_out
        for key, value in reading.metrics.items():
            following = self._next.get(key)
            if following is None and len(self._next) >= MAX_KEYS:
                self.left_out = self.left_out or key
                continue
            chosen: int | None = following or 0
            if move is not None and step is not None:
                chosen = self._draws.step(key, value, step, move, following or 0)
            elif step is not None:
                chosen = step
            elif self._headline is not None and (following or 0) <= self._headline:
                chosen = self._headline
            if chosen is not None:
                placed[key] = chosen
                self._next[key] = chosen + 1
        return placed

    def _step_of(self, reading: Reading) -> tuple[int | None, float | None] | None:
        """Return the step of a line, and for a bar that is drawn how far it moved.

        None for a line that has no say.
        """
        at = reading.at
        epoch = self._epoch(at.epoch)
        if at.bar is not None:
            place = self._bars.count(at.bar, reading.metrics, fresh=self._fresh)
            self._fresh = False
            if place is None:
                return None
            counted, move = place
            # A bar that is only printed when it is full says no more than the epoch does.
            full = at.bar.total is not None and at.bar.value >= at.bar.total
            self._partial = self._partial or not full
            number = epoch if epoch is not None else self._headline
            if self._partial or number is None:
                return counted, move if at.bar.drawn else None
            return number, None
        if at.epoch is not None and not reading.metrics:
            self._headline, self._fresh = epoch, True
        if at.step is not None and abs(at.step) < _MAX_STEP:
            return at.step, None
        return epoch, None

    def _epoch(self, epoch: float | None) -> int | None:
        if epoch is None or not abs(epoch) < _MAX_STEP:
            return None
        # Epochs like 0.32 would all be step 0; from the first of them on, values are counted.
        self._fractional = self._fractional or not float(epoch).is_integer()
        return None if self._fractional else int(epoch)
