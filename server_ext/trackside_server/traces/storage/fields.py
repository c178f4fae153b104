"""What a search of traces may name.

A trace is ``t``. Conditions on spans that stand together in one ``AND`` are met by one span, as in
MLflow; `TraceCompiler` sees to that.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from trackside_server.errors import InvalidInput
from trackside_server.traces.entities import NAME_TAG, RUN_METADATA
from trackside_server.tracking.search import And, Attribute, Comparison, Keyed, Schema
from trackside_server.tracking.search.fields import (
    ANY_PRESENT,
    ANY_TEXT,
    IDENTITY,
    NUMERIC,
    spellings,
)
from trackside_server.tracking.search.sql import Compiler, Sql, compare, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.tracking.search import Field, Node

_ATTRIBUTES: Final = "attributes."
_COLUMNS: Final = {"name": "x.name", "type": "x.type", "status": "x.status", "content": "x.content"}
_SOME_TEXT: Final = ("LIKE", "ILIKE")
# Booleans as JSON writes them: SQLite gives 1 and 0.
_WORDS: Final = (
    "CASE a.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(a.value AS TEXT) END"
)
_NUMBERS: Final = "CASE WHEN a.type IN ('integer', 'real') THEN a.value END"


class TraceCompiler(Compiler):
    """Compiles searches of traces."""

    def __init__(self) -> None:
        super().__init__(TRACES)

    def where(self, tree: Node) -> Sql:
        """Compile a filter; what one ``AND`` says about spans is met by a single one."""
        if isinstance(tree, And):
            spans = [
                term
                for term in tree.terms
                if isinstance(term, Comparison) and _is_of_spans(term.field)
            ]
            if len(spans) > 1:
                rest = And([term for term in tree.terms if term not in spans])
                return joined([_some_span(spans), super().where(rest)], " AND ")
        return super().where(tree)


def _is_of_spans(field: Field) -> bool:
    return field.entity == "span" or (field.entity, field.key) == ("attribute", "text")


def _span(term: Comparison) -> Sql:
    return _some_span([term])


def _some_span(terms: Sequence[Comparison]) -> Sql:
    met = joined([_span_condition(term) for term in terms], " AND ")
    text = f"EXISTS (SELECT 1 FROM spans x WHERE x.trace = t.id AND {met.text})"  # noqa: S608
    return Sql(text, met.parameters)


def _span_condition(term: Comparison) -> Sql:
    key = "content" if term.field.entity == "attribute" else term.field.key
    if key.startswith(_ATTRIBUTES) and key != _ATTRIBUTES:
        return _span_attribute(key[len(_ATTRIBUTES) :], term)
    column = _COLUMNS.get(key)
    if column is None:
        raise InvalidInput(
            f"Invalid search: a span has name, type, status, content and attributes.<name>, and no "
            f"{key[:80]!r}."
        )
    if key == "content" and term.operator not in _SOME_TEXT:
        raise InvalidInput("Invalid search: the text of spans is compared by LIKE or ILIKE.")
    if isinstance(term.value, (int, float)):
        raise InvalidInput(f"Invalid search: span.{key} is compared with quoted text.")
    return compare(column, term)


def _span_attribute(name: str, term: Comparison) -> Sql:
    met = compare(_NUMBERS if isinstance(term.value, (int, float)) else _WORDS, term)
    # The name is looked for as text first: most spans need not be parsed then.
    text = (
        "instr(x.content, ?) AND EXISTS (SELECT 1 FROM json_each(x.content, '$.attributes') a "  # noqa: S608
        f"WHERE a.key = ? AND {met.text})"
    )
    return Sql(text, (json.dumps(name, ensure_ascii=False), name, *met.parameters))


def _assessment(term: Comparison) -> Sql:
    field = term.field
    value = Sql("1")
    if isinstance(term.value, (int, float)):
        value = compare("x.number", term)
    elif term.operator in ("=", "!=") and isinstance(term.value, str):
        value = _equal(term.value)
        if term.operator == "!=":
            value = Sql(f"NOT ifnull({value.text}, 0)", value.parameters)
    elif term.value is not None:
        value = compare("x.text", term)
    word = "NOT EXISTS" if term.operator == "IS NULL" else "EXISTS"
    text = (
        f"{word} (SELECT 1 FROM assessments x WHERE x.trace = t.id AND x.kind = ? AND x.name = ? "  # noqa: S608
        f"AND x.valid AND {value.text})"
    )
    return Sql(text, (field.entity, field.key, *value.parameters))


def _equal(value: str) -> Sql:
    try:
        number = float(value)
    except ValueError:
        return Sql("x.text = ?", (value,))
    return Sql("(x.text = ? OR x.number = ?)", (value, number))


def _issue(term: Comparison) -> Sql:
    met = compare("x.name", term)
    text = (
        "EXISTS (SELECT 1 FROM assessments x WHERE x.trace = t.id AND x.kind = 'issue' "  # noqa: S608
        f"AND {met.text})"
    )
    return Sql(text, met.parameters)


def _run(term: Comparison) -> Sql:
    made, linked = compare("m.value", term), compare("l.run_id", term)
    text = (
        f"(t.id IN (SELECT m.trace FROM trace_metadata m WHERE m.key = '{RUN_METADATA}' "  # noqa: S608
        f"AND {made.text}) "
        f"OR t.trace_id IN (SELECT l.trace_id FROM trace_runs l WHERE {linked.text}))"
    )
    return Sql(text, (*made.parameters, *linked.parameters))


def _prompt(term: Comparison) -> Sql:
    name, slash, version = str(term.value).partition("/")
    if not (name and slash and version) or "/" in version:
        raise InvalidInput("Invalid search: compare a prompt with its name and version, 'name/1'.")
    text = "t.trace_id IN (SELECT p.trace_id FROM trace_prompts p WHERE p.prompt = ?)"
    return Sql(text, (term.value,))


def _told(key: str, table: str = "trace_metadata") -> str:
    return f"(SELECT v.value FROM {table} v WHERE v.trace = t.id AND v.key = '{key}')"  # noqa: S608


_id = Attribute("t.trace_id", operators=ANY_TEXT, nullable=False)
_time = Attribute("t.request_time", "number", NUMERIC, nullable=False)
_duration = Attribute("t.duration", "number", NUMERIC)
_end = Attribute("(t.request_time + ifnull(t.duration, 0))", "number", NUMERIC, nullable=False)
_judged = Keyed(value="either", operators=(*ANY_PRESENT, *NUMERIC[2:]), compile=_assessment)

TRACES: Final = Schema(
    what="traces",
    entities=spellings(
        {
            "tag": "tags tag",
            "metadata": "metadata request_metadata",
            "attribute": "trace attributes attribute",
            "span": "span",
            "feedback": "feedback",
            "expectation": "expectation",
            "issue": "issue",
        }
    ),
    attributes={
        "trace_id": _id,
        "request_id": _id,
        "client_request_id": Attribute("t.client_request_id", operators=ANY_TEXT),
        "experiment_id": Attribute(
            "CAST(t.experiment AS TEXT)", operators=IDENTITY, sort="t.experiment", nullable=False
        ),
        "name": Attribute(_told(NAME_TAG, "trace_tags"), operators=ANY_PRESENT),
        "status": Attribute("t.state", operators=ANY_TEXT, nullable=False),
        "timestamp": _time,
        "timestamp_ms": _time,
        "execution_time": _duration,
        "execution_time_ms": _duration,
        "end_time": _end,
        "end_time_ms": _end,
        "run_id": Attribute(_told(RUN_METADATA), operators=ANY_TEXT, compile=_run),
        "prompt": Attribute("NULL", operators=("=",), compile=_prompt),
        "text": Attribute("NULL", operators=_SOME_TEXT, compile=_span),
    },
    keyed={
        "tag": Keyed("trace_tags", "trace = t.id", operators=ANY_PRESENT),
        "metadata": Keyed("trace_metadata", "trace = t.id", operators=ANY_PRESENT),
        "span": Keyed(value="either", operators=(*ANY_TEXT, *NUMERIC[2:]), compile=_span),
        "feedback": _judged,
        "expectation": _judged,
        "issue": Keyed(operators=IDENTITY, names=("id",), compile=_issue),
    },
)
