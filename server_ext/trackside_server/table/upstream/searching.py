"""Questions in the words of an MLflow server, and its answers as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from trackside_server.errors import InvalidInput
from trackside_server.outside.errors import ServerRefused
from trackside_server.table.asking import check
from trackside_server.table.values import number
from trackside_server.tracking.entities import PARENT_TAG
from trackside_server.tracking.search.lexer import InvalidSearch, tokens
from trackside_server.upstream.wire import V2, run_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.table.entities import Group, Question, Row, Shown
    from trackside_server.tracking.entities import Run
    from trackside_server.tracking.search.lexer import Token
    from trackside_server.upstream.client import Client

AT_ONCE: Final = 1000
_SECONDS: Final = 60.0
_PREFIXES: Final = {"param": "params", "tag": "tags", "attribute": "attributes"}


class Page(NamedTuple):
    """Some runs, and the token of those behind them."""

    runs: Sequence[Run]
    token: str | None


class Search(NamedTuple):
    """A search for runs, without the page."""

    experiments: tuple[str, ...]
    filter: str
    order_by: tuple[str, ...]
    view: str


def search_of(question: Question, *further: str) -> Search:
    """Put a question in the server's words; the nesting of runs is left out.

    Parameters
    ----------
    question
        What is asked.
    further
        More conditions.
    """
    experiments = question.experiments
    conditions = list(further)
    group = question.group
    if group is not None and group.by.entity == "experiment":
        experiments = tuple(one for one in experiments if one == group.value)
    elif group is not None:
        conditions.insert(0, _member(group))
    own = question.filter.strip()
    if own and conditions and _either(own) is not None:
        # Ours are to hold for both sides of it.
        own = f"({own})"
    whole = " AND ".join([own, *conditions] if own else conditions)
    return Search(experiments, whole, question.order_by, question.view)


def below(run_id: str) -> str:
    """Give the condition that a run is right below another one."""
    return f"tags.`{PARENT_TAG}` = {_quoted(run_id)}"


def among(run_ids: Sequence[str]) -> str:
    """Give the condition that a run is one of these."""
    return f"attributes.run_id IN ({', '.join(map(_quoted, run_ids))})"


async def page(
    client: Client, question: Question, search: Search, size: int, token: str | None = None
) -> Page:
    """Ask for a page of runs.

    Raises
    ------
    InvalidInput
        The server does not understand the filter or the order.
    """
    if not search.experiments:
        return Page((), None)
    body: dict[str, Any] = {
        "experiment_ids": list(search.experiments),
        "filter": search.filter,
        "run_view_type": search.view,
        "order_by": list(search.order_by),
        "max_results": size,
    }
    if token is not None:
        body["page_token"] = token
    try:
        found = await client.json("POST", f"{V2}/runs/search", body, timeout=_SECONDS)
    except ServerRefused as error:
        if error.status_code != InvalidInput.status:
            raise
        # Its sentence knows no place; what is wrong in our grammar too is told with it.
        check(question)
        group = question.group
        if group is not None and group.value is None and "'NULL'" in error.message:
            raise InvalidInput(
                f"The MLflow server is too old to be asked for runs without {group.by.name}.",
                hint="A newer one can.",
                reason="NOT_OFFERED",
            ) from None
        raise _refusal(question.filter, error.message) from None
    runs = [run_of(one) for one in found.get("runs") or ()]
    return Page(runs, found.get("next_page_token") or None)


def row_of(run: Run, shown: Shown) -> Row:
    """Give the row of a run; how many are below is left open."""
    info = run.info
    tags = dict(run.tags)
    return {
        "run_id": info.run_id,
        "run_name": info.run_name,
        "experiment_id": info.experiment_id,
        "status": info.status,
        "start_time": info.start_time,
        "end_time": info.end_time,
        "user_id": info.user_id,
        "lifecycle_stage": "deleted" if info.deleted else "active",
        "parent_run_id": tags.get(PARENT_TAG),
        "children": None,
        "metrics": _chosen(
            {point.key: number(point.value) for point in run.metrics}, shown.metrics
        ),
        "params": _chosen(dict(run.params), shown.params),
        "tags": _chosen(tags, shown.tags),
    }


def _either(text: str) -> Token | None:
    """Give the first OR of a filter."""
    try:
        found = tokens(text)
    except InvalidInput:
        return None  # told by the server, and then by `check`
    return next((one for one in found if one.kind == "keyword" and one.text == "OR"), None)


def _refusal(text: str, message: str) -> InvalidInput:
    """Tell what the server refused in a filter that is right in our grammar.

    Its words may be about something else than the OR, so they are given as they are.
    """
    either = _either(text)
    if either is None:
        return InvalidInput(message)
    refusal = InvalidSearch(
        "The MLflow server refused the filter, most likely for its OR: MLflow joins conditions "
        f"by AND only. It said: {message}",
        either.start,
        either.end - either.start,
    )
    refusal.where = "filter"
    return refusal


def _chosen(values: dict[str, Any], wanted: Sequence[str] | None) -> dict[str, Any]:
    if wanted is None:
        return values
    return {name: values[name] for name in wanted if name in values}


def _member(group: Group) -> str:
    field = f"{_PREFIXES[group.by.entity]}.`{group.by.name}`"
    if group.by.entity == "attribute":
        field = f"attributes.{group.by.name}"
    return f"{field} IS NULL" if group.value is None else f"{field} = {_quoted(group.value)}"


def _quoted(value: str) -> str:
    for quote in "'\"":
        if quote not in value:
            return f"{quote}{value}{quote}"
    raise InvalidInput(
        f"The MLflow server cannot be asked for {value[:80]!r}, which holds both kinds of quotes."
    )
