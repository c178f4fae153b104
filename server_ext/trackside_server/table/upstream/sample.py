"""What is learnt of the newest runs of a search, where the server cannot be asked for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from trackside_server.table.entities import Keys, Values
from trackside_server.table.values import order_of, spread
from trackside_server.tracking.entities import PARENT_TAG

from . import searching

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.table.entities import Key, Question
    from trackside_server.tracking.entities import Run
    from trackside_server.upstream.client import Client

_PAGES: Final = 2


class Sample(NamedTuple):
    """The newest runs.

    Attributes
    ----------
    runs
        The runs.
    truncated
        Whether there are more.
    """

    runs: Sequence[Run]
    truncated: bool

    def keys(self, prefix: str, limit: int) -> Keys:
        """Give the names that they use."""
        metrics = {item.key for run in self.runs for item in run.metrics}
        params = {item.key for run in self.runs for item in run.params}
        tags = {item.key for run in self.runs for item in run.tags}
        fitting = [
            sorted(name for name in kind if name.startswith(prefix))
            for kind in (metrics, params, tags)
        ]
        cut = any(len(kind) > limit for kind in fitting)
        return Keys(
            fitting[0][:limit], fitting[1][:limit], fitting[2][:limit], self.truncated or cut
        )

    def values(self, key: Key, prefix: str, limit: int) -> Values:
        """Give the values under a key, the most frequent first."""
        counts = Counter(value for run in self.runs if (value := value_of(run, key)) is not None)
        found = sorted(
            ((value, count) for value, count in counts.items() if value.startswith(prefix)),
            key=lambda item: (-item[1], item[0]),
        )
        return Values(
            [
                {"value": value, "count": None if self.truncated else count}
                for value, count in found[:limit]
            ],
            truncated=self.truncated or len(found) > limit,
        )

    def groups(self, by: Key, metrics: Sequence[str]) -> list[dict[str, Any]]:
        """Give the groups that they fall into; NaN counts for nothing."""
        members: dict[str | None, list[Run]] = defaultdict(list)
        for run in self.runs:
            members[value_of(run, by)].append(run)
        return [
            {"value": value, "count": len(runs), "metrics": _spreads(runs, metrics)}
            for value, runs in sorted(members.items(), key=lambda item: order_of(item[0]))
        ]

    def children(self) -> Mapping[str, int]:
        """Give how many runs name each run as their parent."""
        return Counter(
            parent for run in self.runs if (parent := dict(run.tags).get(PARENT_TAG)) is not None
        )


async def take(client: Client, question: Question, *further: str) -> Sample:
    """Read the newest runs of a search."""
    search = searching.search_of(question, *further)._replace(order_by=())
    runs: list[Run] = []
    token: str | None = None
    for _ in range(_PAGES):
        found = await searching.page(client, question, search, searching.AT_ONCE, token)
        runs += found.runs
        token = found.token
        if token is None:
            break
    return Sample(runs, token is not None)


def value_of(run: Run, key: Key) -> str | None:
    """Give the value that a run has under a key."""
    if key.entity == "experiment":
        return run.info.experiment_id
    if key.entity == "attribute":
        return str(getattr(run.info, key.name))
    if key.entity == "metric":
        return None
    return dict(run.params if key.entity == "param" else run.tags).get(key.name)


def _spreads(runs: Sequence[Run], metrics: Sequence[str]) -> dict[str, Any]:
    numbers: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        for point in run.metrics:
            if point.key in metrics and point.value == point.value:
                numbers[point.key].append(point.value)
    return {name: spread(numbers[name]) for name in metrics if name in numbers}
