"""Making a run on the server, at most once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from trackside._errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside._client import Client

# A tag by which a run is found again when the answer to its creation was lost.
START_TAG = "trackside.start_id"
_MISSING = "RESOURCE_DOES_NOT_EXIST"
_TAKEN = "RESOURCE_ALREADY_EXISTS"


class Created(NamedTuple):
    """A run on the server."""

    run_id: str
    experiment_id: str
    name: str


def create_run(
    client: Client, wanted: Mapping[str, Any], *, timeout: float, again: bool
) -> Created:
    """Make a run, and its experiment where there is none of that name.

    Parameters
    ----------
    client
        The server.
    wanted
        ``experiment_id`` or ``experiment`` (a name), ``run_name``, ``start_time``, ``tags``.
    timeout
        For each request.
    again
        Whether an earlier attempt may have made it unnoticed.
    """
    experiment_id = wanted.get("experiment_id") or _experiment(
        client, wanted["experiment"], timeout
    )
    tags = dict(wanted.get("tags") or {})
    if again and START_TAG in tags:
        found = client.mlflow(
            "POST",
            "runs/search",
            {
                "experiment_ids": [experiment_id],
                "filter": f"tags.`{START_TAG}` = '{tags[START_TAG]}'",
                "max_results": 1,
            },
            timeout=timeout,
            repeatable=True,
        )
        if found.get("runs"):
            return _created(found["runs"][0])
    body = {
        "experiment_id": experiment_id,
        "start_time": wanted["start_time"],
        "tags": [{"key": key, "value": value} for key, value in tags.items()],
    }
    if wanted.get("run_name"):
        body["run_name"] = wanted["run_name"]
    return _created(client.mlflow("POST", "runs/create", body, timeout=timeout)["run"])


def _experiment(client: Client, name: str, timeout: float) -> str:
    query = {"experiment_name": name}
    for attempt in range(2):
        try:
            found = client.mlflow("GET", "experiments/get-by-name", query=query, timeout=timeout)
        except TracksideError as error:
            if error.code != _MISSING or attempt:
                raise
        else:
            return str(found["experiment"]["experiment_id"])
        try:
            made = client.mlflow("POST", "experiments/create", {"name": name}, timeout=timeout)
        except TracksideError as error:
            # Somebody else made it in this moment.
            if error.code != _TAKEN:
                raise
        else:
            return str(made["experiment_id"])
    raise AssertionError


def _created(run: Mapping[str, Any]) -> Created:
    info = run["info"]
    return Created(info["run_id"], info["experiment_id"], info.get("run_name") or "")
