"""Reads what a KFP server answers: whatever may be absent or odd is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .links import Links

# Go's zero times: that of a moment that was not yet.
_NEVER: Final = ("1970-01-01T00:00:00", "0001-01-01T00:00:00")
_MOMENTS: Final = ("created_at", "scheduled_at", "finished_at", "updated_at")


def moment(value: object) -> str | None:
    """Give a time as it was told; None for one that was not yet."""
    is_told = isinstance(value, str) and value and not value.startswith(_NEVER)
    return str(value) if is_told else None


def text(value: object) -> str:
    """Give a text, empty where it is none."""
    return value if isinstance(value, str) else ""


def objects(value: object) -> list[dict[str, Any]]:
    """Give the objects of a list, leaving out what is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def mapping(value: object) -> dict[str, Any]:
    """Give an object, an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def whole(value: object) -> int | None:
    """Give a whole number, which may travel as a text."""
    if isinstance(value, bool) or not isinstance(value, int | str | float):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None


def tidy(kind: str, value: Mapping[str, Any], links: Links) -> dict[str, Any]:
    """Make what the server tells of one thing, or of a list of them, that which this one would.

    Parameters
    ----------
    kind
        What it is: the first part of its address.
    value
        As it came.
    links
        Where it is shown.
    """
    listed, page_of = _KINDS[kind]
    if listed in value:
        return {**value, listed: [_one(each, page_of, links) for each in objects(value[listed])]}
    if kind == "pipelines" and "pipeline_versions" in value:
        versions = objects(value["pipeline_versions"])
        return {**value, "pipeline_versions": [_one(each, page_of, links) for each in versions]}
    return _one(value, page_of, links)


def _one(
    value: Mapping[str, Any], page_of: Callable[[Mapping[str, Any], Links], str], links: Links
) -> dict[str, Any]:
    found = dict(value)
    for key in _MOMENTS:
        if key in found and moment(found[key]) is None:
            del found[key]
    # What another Trackside says of its own jobs and interpreters names nothing here.
    found.pop("trackside", None)
    page = page_of(value, links)
    own = {**_kept(value), **({"open_in_kfp": page} if page else {})}
    return {**found, **({"trackside": own} if own else {})}


def _kept(value: Mapping[str, Any]) -> dict[str, Any]:
    own = mapping(value.get("trackside"))
    return {key: own[key] for key in ("pipeline", "next_due_at", "moments") if key in own}


def _run(value: Mapping[str, Any], links: Links) -> str:
    return links.run(value.get("run_id"))


def _recurring(value: Mapping[str, Any], links: Links) -> str:
    return links.recurring(value.get("recurring_run_id"))


def _experiment(value: Mapping[str, Any], links: Links) -> str:
    return links.experiment(value.get("experiment_id"))


def _pipeline(value: Mapping[str, Any], links: Links) -> str:
    return links.pipeline(value.get("pipeline_id"), value.get("pipeline_version_id"))


def _nowhere(value: Mapping[str, Any], links: Links) -> str:  # noqa: ARG001
    return ""


# Of each kind what its lists are called, and where one is shown.
_KINDS: Final[dict[str, tuple[str, Callable[[Mapping[str, Any], Links], str]]]] = {
    "healthz": ("", _nowhere),
    "artifacts": ("artifacts", _nowhere),
    "runs": ("runs", _run),
    "recurringruns": ("recurringRuns", _recurring),
    "experiments": ("experiments", _experiment),
    "pipelines": ("pipelines", _pipeline),
}
