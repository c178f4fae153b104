"""Steps of values that stand beside a bar: a place that begins again, drawn again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.jobs.capture.positions import Bar

_MAX_BARS = 32
_MAX_STEP = 2**53

_Known = tuple[float, float, float, "dict[str, float] | None"]


class Bars:
    """Counts on over the rounds of each bar.

    Parameters
    ----------
    state
        What `state` returned, to go on where an earlier process was.
    """

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        # label → length of the rounds before, place, last move, values beside the last full bar;
        # the one used last stands last.
        self._bars: dict[str, _Known] = {
            label: (before, place, move, values)
            for label, (before, place, move, values) in (state or {}).items()
        }

    def state(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return self._bars

    def count(
        self, bar: Bar, values: Mapping[str, float], *, fresh: bool
    ) -> tuple[int, float] | None:
        """Return the place of a bar over all its rounds, and how far it moved the last time.

        Parameters
        ----------
        bar
            The bar as it is now.
        values
            The values beside it.
        fresh
            Whether a headline said that a round begins.

        Returns
        -------
        tuple or None
            None for the bar of the round before, which is drawn once more when it is thrown away.
        """
        label = f"{bar.label}/{bar.total:g}" if bar.total else bar.label
        full = bar.total is not None and bar.value >= bar.total
        fresh = fresh and label in self._bars
        before, place, move, last = self._bars.pop(label, (0.0, bar.value, 1.0, None))
        stale = full and bar.drawn and place < bar.value and bool(values) and last == values
        if not stale:
            if bar.value < place or (fresh and bar.value == place):
                before += bar.total or place + 1
                move = max(bar.value, 1.0)
            elif bar.value > place:
                move = bar.value - place
            place = bar.value
            last = dict(values) if full else last
        while len(self._bars) >= _MAX_BARS:
            self._bars.pop(next(iter(self._bars)))
        self._bars[label] = (before, place, move, last)
        return None if stale else (int(min(before + place, _MAX_STEP)), move)


class Draws:
    """Decides which of the values drawn beside a bar are points.

    A bar is drawn with each new value, but its own number is renewed only a few times a second. So
    the same value is drawn several times, and several values beside the same number. A value is a
    point when it is new; between two numbers of the bar the points take the steps in between.

    Parameters
    ----------
    state
        What `state` returned, to go on where an earlier process was.
    """

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        # metric → value, step of the bar, whether it became a point, whether it was held back
        self._drawn: dict[str, tuple[float, int, bool, bool]] = {
            key: (value, at, logged, held)
            for key, (value, at, logged, held) in (state or {}).items()
        }

    def state(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return self._drawn

    def step(self, key: str, value: float, at: int, move: float, following: int) -> int | None:
        """Return the step of a drawn value, None when it is no point.

        Parameters
        ----------
        key, value
            The metric.
        at, move
            What `Bars.count` returned.
        following
            The step after the last point of this metric.
        """
        known = self._drawn.get(key)
        step: int | None = at
        held = False
        if known is not None:
            last, place, logged, held = known
            # NaN is not equal to itself, and yet it is nothing new.
            same = value == last or (value != value and last != last)
            if not same:
                step, held = max(at, following), False
                if step >= at + max(move, 1):
                    step = None
            elif at == place:
                return None
            elif logged and not held:
                # The number caught up with the value. Once more, and the value stands still.
                step, held = None, True
            if same and step is None:
                self._drawn[key] = (value, at, logged, held)
                return None
        self._drawn[key] = (value, at, step is not None, held)
        return step
