"""Deleting: to the trash, from where things come back, and for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside import _tables
from trackside._client import get_client
from trackside._errors import TracksideError
from trackside._frames import find_experiment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside._client import Client

_PAGE = 1000


def delete(
    runs: str | Sequence[str] = (),
    *,
    experiment: str | Sequence[str] | None = None,
    forever: bool = False,
    force: bool = False,
) -> dict[str, int]:
    """Delete runs and experiments: to the trash, or for ever.

    Parameters
    ----------
    runs
        The id of a run, or several.
    experiment
        The name or id of an experiment, or several, with all that is in them.
    forever
        Delete what lies in the trash for ever: its rows, its files and its jobs go, and its name is
        free again. There is no way back.
    force
        With ``forever``: delete also what is not in the trash yet, has the tag ``trackside.keep``,
        or is what a registered model was made of.

    Returns
    -------
    dict
        How many ``experiments`` and ``runs`` were deleted.

    Raises
    ------
    TracksideError
        Something does not exist or may not be deleted; then nothing is deleted for ever.
    """
    client = get_client()
    run_ids = [runs] if isinstance(runs, str) else [str(run) for run in runs]
    named = [experiment] if isinstance(experiment, str) else list(experiment or ())
    numbers = [_experiment_id(client, str(name)) for name in named]
    if not run_ids and not numbers:
        raise TracksideError("Nothing is named.", "Name runs by their ids, or an experiment.")
    if forever:
        wanted = {"run_ids": run_ids, "experiment_ids": numbers, "force": force}
        done: dict[str, int] = client.api("POST", "trash/delete", wanted)
        return {name: done[name] for name in ("experiments", "runs")}
    for run_id in run_ids:
        client.mlflow("POST", "runs/delete", {"run_id": run_id})
    for number in numbers:
        client.mlflow("POST", "experiments/delete", {"experiment_id": number})
    return {"experiments": len(numbers), "runs": len(run_ids)}


def trash(experiment: str | None = None) -> Any:
    """Return what is in the trash, the newest first.

    Parameters
    ----------
    experiment
        Only this experiment, by its name or id, and what belongs to it.

    Returns
    -------
    pandas.DataFrame or Table
        Columns: ``kind name deleted kept experiment_id id``; ``kept`` says why emptying the trash
        leaves something.
    """
    return _tables.frame(trash_rows(experiment))


def trash_rows(experiment: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of `trash` as dictionaries."""
    client = get_client()
    only = _experiment_id(client, experiment) if experiment else None
    rows: list[dict[str, Any]] = []
    token = None
    while True:
        query = {"experiment_id": only, "max_results": _PAGE, "page_token": token}
        page = client.api("GET", "trash", query=query)
        rows += [
            {
                "kind": item["kind"],
                "name": item["name"],
                "deleted": _tables.moment(item["deleted_at"]),
                "kept": item["kept"],
                "experiment_id": item["experiment_id"],
                "id": item["id"],
            }
            for item in page["items"]
        ]
        token = page["next_page_token"]
        if not token:
            return rows


def empty_trash(
    experiment: str | None = None, *, older_than_days: float | None = None
) -> dict[str, int]:
    """Delete for ever what is in the trash. There is no way back.

    What has the tag ``trackside.keep``, and what a registered model was made of, stays.

    Parameters
    ----------
    experiment
        Only this experiment, by its name or id, and what belongs to it.
    older_than_days
        Only what was deleted longer ago than this.

    Returns
    -------
    dict
        How many ``experiments``, ``runs`` and ``models`` are gone, and how many things were
        ``kept``.
    """
    client = get_client()
    wanted = {
        "experiment_id": _experiment_id(client, experiment) if experiment else None,
        "older_than_days": older_than_days,
    }
    done: dict[str, int] = client.api("POST", "trash/empty", wanted)
    return done


def _experiment_id(client: Client, name: str) -> str:
    return str(find_experiment(client, name)["experiment_id"])
