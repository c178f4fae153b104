"""Runs and jobs as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside import _tables
from trackside._client import get_client
from trackside._display import joblist
from trackside._errors import TracksideError
from trackside._pages import pages
from trackside._run import Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trackside._client import Client
    from trackside._job import Job

_PAGE = 1000
_POINTS = 2500
_RUNS_A_REQUEST = 100
_STATES = ("QUEUED", "STARTING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED")


def runs(
    experiment: str | Sequence[str] | None = None,
    filter: str = "",  # noqa: A002  (the word of the protocol and of every other door)
    *,
    order_by: str | Sequence[str] | None = None,
    max_results: int = 100,
) -> Any:
    """Return runs with their metrics and params, one a row.

    Parameters
    ----------
    experiment
        The name or id of an experiment, or several. Default: all experiments.
    filter
        Which runs, in MLflow's words: ``"metrics.loss < 0.3 and params.lr = '0.01'"``.
    order_by
        What to sort by: ``"metrics.loss"``, ``["params.lr DESC"]``. Default: the newest first.
    max_results
        At most so many.

    Returns
    -------
    pandas.DataFrame or Table
        A DataFrame where pandas is installed, else a list of dictionaries that shows as a table.
        Columns: ``name status started duration metrics.* params.* tags.* experiment run_id``.

    Raises
    ------
    TracksideError
        When there is no such experiment, or the filter cannot be read.
    """
    return _tables.frame(run_rows(experiment, filter, order_by=order_by, max_results=max_results))


def run_rows(
    experiment: str | Sequence[str] | None = None,
    filter: str = "",  # noqa: A002  (the word of the protocol and of every other door)
    *,
    order_by: str | Sequence[str] | None = None,
    max_results: int = 100,
) -> list[dict[str, Any]]:
    """Return the rows of `runs` as dictionaries with the same keys in each."""
    client = get_client()
    names = _experiments(client, experiment)
    found = search(client, list(names), filter, order_by, max_results) if names else []
    return _tables.run_rows(found, names)


def search(
    client: Client,
    experiment_ids: list[str],
    filter_string: str,
    order_by: str | Sequence[str] | None,
    max_results: int,
) -> list[Run]:
    """Return the first runs of experiments that fit a filter."""
    order = [order_by] if isinstance(order_by, str) else list(order_by or ())
    found: list[Run] = []
    token = None
    while len(found) < max_results:
        body = {
            "experiment_ids": experiment_ids,
            "filter": filter_string,
            "order_by": order,
            "max_results": min(_PAGE, max_results - len(found)),
            **({"page_token": token} if token else {}),
        }
        answer = client.mlflow("POST", "runs/search", body, repeatable=True)
        found.extend(Run.from_json(item) for item in answer.get("runs", ()))
        token = answer.get("next_page_token")
        if not token:
            break
    return found


def jobs(
    experiment: str | None = None,
    *,
    state: str | Sequence[str] | None = None,
    max_results: int = 20,
) -> joblist.JobList:
    """Return jobs of the server, the newest first.

    Parameters
    ----------
    experiment
        The name or id of an experiment. Default: all experiments.
    state
        Only those in this state, or in one of these: ``"running"``.
    max_results
        At most so many.

    Returns
    -------
    JobList
        A list of jobs that shows as a table.

    Raises
    ------
    TracksideError
        When there is no such experiment or state.
    """
    client = get_client()
    states = [_state(name) for name in ([state] if isinstance(state, str) else state or ())]
    query: dict[str, Any] = {"state": ",".join(states) or None}
    if experiment is not None:
        query["experiment_id"] = next(iter(_experiments(client, experiment)))
    return joblist.JobList(_jobs(client, query, max_results))


def history(runs: object, metric: str) -> Any:
    """Return how a metric went in several runs: a column for each run, a row for each step.

    Parameters
    ----------
    runs
        Jobs, runs or ids of runs, or what `trackside.runs` returned.
    metric
        The name of the metric.

    Returns
    -------
    pandas.DataFrame or Table
        A DataFrame with the steps as index where pandas is installed, so that ``.plot()`` draws
        the curves; else a list of dictionaries.
    """
    names = _tables.run_names(runs)
    client = get_client()
    points: dict[str, dict[int, float]] = {run_id: {} for run_id in names}
    for group in _groups(list(names)):
        query = {"run_ids": group, "metric_key": metric, "max_results": _POINTS}
        answer = client.mlflow("GET", "metrics/get-history-bulk-interval", query=query)
        for point in answer.get("metrics", ()):
            points[point["run_id"]][int(point.get("step", 0))] = float(point["value"])
    return _tables.history(points, names)


def _jobs(client: Client, query: dict[str, Any], limit: int) -> Iterator[Job]:
    from trackside._job import Job

    token = None
    while limit > 0:
        page = {**query, "limit": min(100, limit), "page_token": token}
        answer = client.api("GET", "jobs", query=page)
        for data in answer["jobs"][:limit]:
            yield Job(data, client)
        limit -= len(answer["jobs"])
        token = answer.get("next_page_token")
        if not token:
            return


def _experiments(client: Client, wanted: str | Sequence[str] | None) -> dict[str, str]:
    """Return the names of experiments by their ids."""
    if wanted is None:
        return {item["experiment_id"]: item["name"] for item in _all_experiments(client)}
    found = {}
    for name in [wanted] if isinstance(wanted, str) else wanted:
        item = find_experiment(client, str(name))
        found[item["experiment_id"]] = item["name"]
    return found


def _all_experiments(client: Client) -> Iterator[dict[str, Any]]:
    return pages(client, "experiments/search", "experiments", {}, None)


def find_experiment(client: Client, wanted: str) -> dict[str, Any]:
    """Return an experiment by its name, else by its id; a deleted one counts."""
    questions = [("experiments/get-by-name", {"experiment_name": wanted})]
    if wanted.isdecimal():
        questions.append(("experiments/get", {"experiment_id": wanted}))
    for path, query in questions:
        found = _if_there(client, path, query)
        if found:
            return found
    known = ", ".join(sorted(item["name"] for item in _all_experiments(client))[:10])
    raise TracksideError(
        f"There is no experiment {wanted!r}.", f"There is {known}." if known else None, status=404
    )


def _if_there(client: Client, path: str, query: dict[str, str]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = client.mlflow("GET", path, query=query)["experiment"]
    except TracksideError as error:
        if error.status != 404:
            raise
        return {}
    return found


def _state(name: str) -> str:
    word = str(name).upper()
    word = "CANCELED" if word == "CANCELLED" else word
    if word not in _STATES:
        raise TracksideError(
            f"{name!r} is not a state of a job.", f"The states are {', '.join(_STATES).lower()}."
        )
    return word


def _groups(ids: list[str]) -> Iterable[list[str]]:
    return (ids[i : i + _RUNS_A_REQUEST] for i in range(0, len(ids), _RUNS_A_REQUEST))
