"""Which step a printed value belongs to, judged by the lines before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.jobs.capture.positions import Bar
    from trackside_server.jobs.capture.recognise import Reading

MAX_KEYS = 2_000
_MAX_BARS = 32
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
    """

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        state = state or {}
        self._next: dict[str, int] = dict(state.get("next", {}))
        # label → (length of the rounds before, last value); the most recently used one stands last.
        self._bars: dict[str, tuple[float, float | None]] = {
            label: (before, last) for label, (before, last) in state.get("bars", {}).items()
        }
        self._headline: int | None = state.get("headline")
        self._fresh: bool = state.get("fresh", False)
        self._fractional: bool = state.get("fractional", False)
        self._partial: bool = state.get("partial", False)

    def state(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return {
            "next": self._next,
            "bars": self._bars,
            "headline": self._headline,
            "fresh": self._fresh,
            "fractional": self._fractional,
            "partial": self._partial,
        }

    def place(self, reading: Reading) -> dict[str, int]:
        """Return the step of each metric of a line; at most `MAX_KEYS` names are followed."""
        step = self._step_of(reading)
        placed: dict[str, int] = {}
        for key in reading.metrics:
            known = self._next.get(key)
            if known is None and len(self._next) >= MAX_KEYS:
                continue
            if step is not None:
                chosen = step
            elif self._headline is not None and (known is None or known <= self._headline):
                chosen = self._headline
            else:
                chosen = known or 0
            placed[key] = chosen
            self._next[key] = chosen + 1
        return placed

    def _step_of(self, reading: Reading) -> int | None:
        at = reading.at
        epoch = self._epoch(at.epoch)
        if at.epoch is not None and not reading.metrics and at.bar is None:
            self._headline, self._fresh = epoch, True
        if at.bar is not None:
            counted = self._count(at.bar)
            # A bar that is only printed when it is full says no more than the epoch does.
            full = at.bar.total is not None and at.bar.value >= at.bar.total
            self._partial = self._partial or not full
            number = epoch if epoch is not None else self._headline
            if self._partial or number is None:
                return counted
            return number
        if at.step is not None and abs(at.step) < _MAX_STEP:
            return at.step
        return epoch

    def _epoch(self, epoch: float | None) -> int | None:
        if epoch is None or not abs(epoch) < _MAX_STEP:
            return None
        # Epochs like 0.32 would all be step 0; from the first of them on, values are counted.
        self._fractional = self._fractional or not float(epoch).is_integer()
        return None if self._fractional else int(epoch)

    def _count(self, bar: Bar) -> int:
        label = f"{bar.label}/{bar.total:g}" if bar.total else bar.label
        before, last = self._bars.pop(label, (0.0, None))
        if last is not None and (bar.value < last or (self._fresh and bar.value == last)):
            before += bar.total or last + 1
        while len(self._bars) >= _MAX_BARS:
            self._bars.pop(next(iter(self._bars)))
        self._bars[label] = (before, bar.value)
        self._fresh = False
        return int(min(before + bar.value, _MAX_STEP))
