"""A run as it was tracked, read over the MLflow protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside._client import Client

_RUNS_A_REQUEST = 100


@dataclass(frozen=True)
class Run:
    """A run at the moment it was read.

    Attributes
    ----------
    id, name, experiment_id, status
        Who it is and how it stands: ``RUNNING FINISHED FAILED KILLED``.
    params, tags
        What was logged, as text.
    metrics
        The last value of each metric.
    start_time, end_time
        Milliseconds since 1970; None while it runs.
    """

    id: str
    name: str
    experiment_id: str
    status: str
    start_time: int | None
    end_time: int | None
    params: Mapping[str, str] = field(repr=False)
    metrics: Mapping[str, float] = field(repr=False)
    tags: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_json(cls, run: Mapping[str, Any]) -> Run:
        """Read the ``run`` object of the protocol."""
        info, data = run["info"], run.get("data") or {}
        return cls(
            id=info["run_id"],
            name=info.get("run_name") or "",
            experiment_id=info["experiment_id"],
            status=info["status"],
            start_time=_int(info.get("start_time")),
            end_time=_int(info.get("end_time")),
            params={item["key"]: item["value"] for item in data.get("params", ())},
            # JSON has no NaN: the protocol sends such values as text.
            metrics={item["key"]: float(item["value"]) for item in data.get("metrics", ())},
            tags={item["key"]: item["value"] for item in data.get("tags", ())},
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        from trackside._display import run_mimebundle

        return run_mimebundle(self)


def get_run(client: Client, run_id: str) -> Run:
    """Read a run from the server."""
    return Run.from_json(client.mlflow("GET", "runs/get", query={"run_id": run_id})["run"])


def get_runs(client: Client, run_ids: Sequence[str]) -> list[Run]:
    """Read several runs from the server, in this order, those in the trash too.

    Raises
    ------
    TracksideError
        When one of them is not there.
    """
    found: dict[str, Run] = {}
    for run_id in run_ids:
        if run_id in found:
            continue
        run = found[run_id] = get_run(client, run_id)
        # Runs that are asked for together are mostly of one experiment: one search finds the rest.
        rest = [other for other in dict.fromkeys(run_ids) if other not in found]
        for at in range(0, len(rest), _RUNS_A_REQUEST):
            for other in _search(client, run.experiment_id, rest[at : at + _RUNS_A_REQUEST]):
                found[other.id] = other
    return [found[run_id] for run_id in run_ids]


def _search(client: Client, experiment_id: str, run_ids: Sequence[str]) -> list[Run]:
    # An id that could end the quotation is none, and is told so when it is asked for by itself.
    quoted = ", ".join(f"'{run_id}'" for run_id in run_ids if run_id.isalnum())
    if not quoted:
        return []
    body = {
        "experiment_ids": [experiment_id],
        "filter": f"attributes.run_id IN ({quoted})",
        "run_view_type": "ALL",
        "max_results": len(run_ids),
    }
    answer = client.mlflow("POST", "runs/search", body, repeatable=True)
    return [Run.from_json(item) for item in answer.get("runs", ())]


def _int(value: object) -> int | None:
    return int(value) if isinstance(value, int | str) and value != "" else None
