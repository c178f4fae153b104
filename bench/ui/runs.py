"""What is in both stores: many runs with short curves, some nested, and one with long curves."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bench.tracking.runs import Sample, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPERIMENT = "sweep"
LONG_EXPERIMENT = "long"
LONG_RUN = "many-long-curves"
FAMILY = 25
"""So many runs follow each other of which the first one holds some of the others."""
CHILDREN = 4
CURVE = 20
CURVED = ("loss", "accuracy")
SHAPES = 8
"""So many of the long curves differ: they are read alike, and made in an eighth of the time."""
FIRST_TIME = 1_700_000_000_000
PARENT_TAG = "mlflow.parentRunId"


@dataclass(frozen=True)
class Size:
    """How much there is.

    Attributes
    ----------
    runs
        The runs of the large experiment.
    metrics
        The metrics of the one run with long curves.
    points
        The points of each of them.
    mlflow_points
        The same in MLflow's store, whose rows take ten times the room.
    """

    runs: int
    metrics: int
    points: int
    mlflow_points: int


def families(count: int) -> Iterator[list[Sample]]:
    """Give the runs in groups, of which the first one is the parent of the next few."""
    family: list[Sample] = []
    for sample in samples(count):
        family.append(sample)
        if len(family) == FAMILY:
            yield family
            family = []
    if family:
        yield family


def is_child(place: int) -> bool:
    """Whether a run at this place of its family is nested in the first one."""
    return 0 < place <= CHILDREN


def points(sample: Sample) -> Iterator[tuple[str, int, int, float]]:
    """Give what a run logs: key, step, time stamp, value."""
    for key, last in sample.metrics:
        count = CURVE if key in CURVED else 1
        for step in range(count):
            away = 1 - (step + 1) / count
            yield key, step, sample.start + 1000 * step, last + away * math.cos(step)


def long_keys(count: int) -> list[str]:
    """Name the metrics of the run with long curves."""
    return [f"layer_{number // 4:02d}/{_KINDS[number % 4]}" for number in range(count)]


_KINDS = ("loss", "grad_norm", "weight_norm", "update_ratio")


@lru_cache
def noise(shape: int) -> list[float]:
    """Give values that are noise to their last bit."""
    chance = random.Random(shape)
    return [chance.gauss(0, 0.05) for _ in range(65_536)]


def long_values(shape: int, start: int, stop: int, count: int) -> list[float]:
    """Give a stretch of a long curve: it falls, and is noisy."""
    jitter = noise(shape)
    return [
        math.exp(-(3 + shape) * step / count) + jitter[step % len(jitter)]
        for step in range(start, stop)
    ]
