"""How far a program is, from what it prints and from what it was asked to do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.jobs.capture.positions import Positions

_EPOCHS = ("epochs", "n_epochs", "num_epochs", "max_epochs", "num_train_epochs")
_STEPS = ("steps", "max_steps", "n_steps", "num_steps", "total_steps", "max_iter", "iterations")


class Progress:
    """Keeps the progress of one job.

    Parameters
    ----------
    params
        The params of the job: ``epochs=10`` tells the total where the program does not print it.
    state
        What `state` returned, to go on where an earlier process was.
    """

    def __init__(self, params: Mapping[str, Any], state: Mapping[str, Any] | None = None) -> None:
        state = state or {}
        self._totals: dict[str, float | None] = {
            "epoch": _total(params, _EPOCHS),
            "step": _total(params, _STEPS),
        }
        self._totals.update(state.get("totals", {}))
        self._first: float | None = state.get("first")
        self._epoch: float | None = state.get("epoch")
        self._step: float | None = state.get("step")
        self._bar: list[float] | None = state.get("bar")
        self._inner: bool = state.get("inner", False)

    def state(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return {
            "totals": self._totals,
            "first": self._first,
            "epoch": self._epoch,
            "step": self._step,
            "bar": self._bar,
            "inner": self._inner,
        }

    def see(self, at: Positions) -> None:
        """Take in where a line says the program is."""
        if at.epoch is not None:
            if at.epoch_total:
                self._totals["epoch"] = float(at.epoch_total)
            if self._first is None:
                self._first = at.epoch
            if at.epoch != self._epoch and at.bar is None:
                self._bar = None
            self._epoch = at.epoch
        if at.step is not None:
            self._step = float(at.step)
            if at.step_total:
                self._totals["step"] = float(at.step_total)
        if at.bar is not None and at.bar.total:
            self._bar = [at.bar.value, at.bar.total]
            self._inner = True

    def summary(self) -> dict[str, Any] | None:
        """Return ``{value, total, unit, fraction}``, or None while nothing is known."""
        epochs, steps = self._totals["epoch"], self._totals["step"]
        if self._epoch is not None and epochs:
            return self._of_epochs(self._epoch, epochs)
        if self._step is not None and steps:
            return _summary(self._step, steps, "step", self._step / steps)
        if self._bar is not None and self._epoch is None:
            return _summary(self._bar[0], self._bar[1], "it", self._bar[0] / self._bar[1])
        if self._epoch is not None:
            return _summary(self._epoch, None, "epoch", None)
        if self._step is not None:
            return _summary(self._step, None, "step", None)
        return None

    def _of_epochs(self, epoch: float, total: float) -> dict[str, Any]:
        if not epoch.is_integer():
            return _summary(epoch, total, "epoch", epoch / total)
        # Programs that count from nought are in their first epoch at nought.
        value = epoch + 1 if self._first == 0 else epoch
        done = value
        if self._inner:
            done = value - 1 + (self._bar[0] / self._bar[1] if self._bar else 0)
        return _summary(value, total, "epoch", done / total)


def _summary(
    value: float, total: float | None, unit: str, fraction: float | None
) -> dict[str, Any]:
    return {
        "value": _plain(min(value, total) if total else value),
        "total": None if total is None else _plain(total),
        "unit": unit,
        "fraction": None if fraction is None else round(min(max(fraction, 0.0), 1.0), 4),
    }


def _plain(value: float) -> int | float:
    return int(value) if float(value).is_integer() else round(value, 3)


def _total(params: Mapping[str, Any], names: tuple[str, ...]) -> float | None:
    for name in names:
        try:
            value = float(params[name])
        except (KeyError, TypeError, ValueError):
            continue
        if math.isfinite(value) and value > 0:
            return value
    return None
