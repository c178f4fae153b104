"""Where pipelines run: on the Jupyter server, or on the KFP server behind it; one API for both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside._errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside._client import Client

HERE: Final = "here"
KFP: Final = "kfp"
PLACES: Final = (HERE, KFP)
# Where the Jupyter server carries out the tasks of a run; without it as each of them needs.
TASKS: Final = ("local", "cluster")

_ROOTS: Final = {HERE: "/apis/v2beta1", KFP: "/kfp/apis/v2beta1"}
# As the front end marks what is on the KFP server.
_MARK: Final = "kfp:"
_NO_PIPELINES: Final = "This Jupyter server runs no pipelines."


def place(on: str | None) -> str:
    """Return the place that is meant; here where none is named.

    Raises
    ------
    TracksideError
        When there is no such place.
    """
    if on is None:
        return HERE
    if on not in PLACES:
        raise TracksideError(
            f"Pipelines run on {HERE} or {KFP}, not on {on!r}.",
            f"{KFP} is the server of Kubeflow Pipelines that the Jupyter server was told of.",
        )
    return on


def server_of(on: str | None) -> str:
    """Return the place whose server has a run of which tasks may have been given a place, too.

    Raises
    ------
    TracksideError
        When there is no such place.
    """
    if on in TASKS:
        return HERE
    if on is not None and on not in PLACES:
        raise TracksideError(
            f"Pipelines run on {', '.join((*PLACES, *TASKS))}, not on {on!r}.",
            "here lets each step run where it can; local and cluster say where all of them do.",
        )
    return place(on)


def marked(on: str, name: str) -> str:
    """Return an id as the front end knows it among those of all places."""
    return f"{_MARK}{name}" if on == KFP else name


def unmarked(name: str) -> tuple[str, str]:
    """Return the place that an id of the front end names, and the id there."""
    return (KFP, name[len(_MARK) :]) if name.startswith(_MARK) else (HERE, name)


def call(
    method: str,
    path: str,
    body: object = None,
    *,
    query: Mapping[str, object] | None = None,
    client: Client,
    on: str = HERE,
) -> Any:
    """Call a route of the API of KFP and return the parsed answer."""
    try:
        return client.request(method, f"{_ROOTS[on]}/{path}", json=body, query=query).json()
    except TracksideError as error:
        if error.status == 404 and error.code is None:
            raise TracksideError(
                _NO_PIPELINES, "Update trackside in its environment, or compile to a file."
            ) from error
        raise
