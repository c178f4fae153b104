"""What searches of registered models and of their versions may name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.registry.entities import PROMPT_TAG
from trackside_server.structs import replace
from trackside_server.tracking.search import (
    Attribute,
    Field,
    Keyed,
    Order,
    Schema,
    parse_filter,
    parse_orders,
)
from trackside_server.tracking.search.fields import LISTED, NUMERIC, TEXT
from trackside_server.tracking.search.sql import Compiler, Sql, compare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.tracking.search import Comparison

_TAGS: Final = {"tag": "tag", "tags": "tag"}
_ATTRIBUTES: Final = {"attribute": "attribute", "attributes": "attribute"}

MODELS: Final = Schema(
    what="registered models",
    entities={**_TAGS, **_ATTRIBUTES},
    attributes={"name": Attribute("p.name", operators=LISTED)},
    keyed={"tag": Keyed("registered_model_tags", "model = p.id", operators=TEXT)},
)

MODEL_ORDERS: Final = Schema(
    what="registered models",
    entities=_ATTRIBUTES,
    attributes={
        "name": Attribute("p.name"),
        "timestamp": Attribute("p.updated_at", "number"),
        "last_updated_timestamp": Attribute("p.updated_at", "number"),
    },
    keyed={},
)
MODEL_TIES: Final = (Order(Field("attribute", "name"), ascending=True),)

VERSIONS: Final = Schema(
    what="model versions",
    entities={**_TAGS, **_ATTRIBUTES},
    attributes={
        "name": Attribute("p.name", operators=LISTED),
        "run_id": Attribute("v.run_id", operators=LISTED),
        "source_path": Attribute("v.source"),
        "version_number": Attribute("v.version", "number", NUMERIC),
    },
    keyed={"tag": Keyed("model_version_tags", "version = v.id", operators=TEXT)},
)

VERSION_ORDERS: Final = Schema(
    what="model versions",
    entities=_ATTRIBUTES,
    attributes={
        "name": Attribute("p.name"),
        "version_number": Attribute("v.version", "number"),
        "creation_timestamp": Attribute("v.created_at", "number"),
        "last_updated_timestamp": Attribute("v.updated_at", "number"),
    },
    keyed={},
)
NEWEST_FIRST: Final = (Order(Field("attribute", "last_updated_timestamp"), ascending=False),)
VERSION_TIES: Final = (
    Order(Field("attribute", "name"), ascending=True),
    Order(Field("attribute", "version_number"), ascending=False),
)

_PROMPT_MODELS: Final = Sql(
    "p.id NOT IN (SELECT model FROM registered_model_tags WHERE key = ? AND value = 'true')",
    (PROMPT_TAG,),
)
_PROMPT_VERSIONS: Final = Sql(
    "v.model NOT IN (SELECT w.model FROM model_version_tags x JOIN model_versions w "
    "ON w.id = x.version WHERE x.key = ? AND x.value = 'true')",
    (PROMPT_TAG,),
)


def models_where(text: str) -> Sql:
    """Compile a filter of registered models."""
    return _where(text, MODELS, _PROMPT_MODELS)


def versions_where(text: str) -> Sql:
    """Compile a filter of model versions."""
    return _where(text, VERSIONS, _PROMPT_VERSIONS)


def _where(text: str, schema: Schema, no_prompts: Sql) -> Sql:
    """Compile a filter; prompts are left out unless it asks for them."""
    wanted = False
    keyed = schema.keyed["tag"]

    def tag(term: Comparison) -> Sql:
        nonlocal wanted
        if term.field.key != PROMPT_TAG:
            return _tag(keyed, term)
        wanted = wanted or _asks_for_prompts(term)
        # What is no prompt lacks the tag, and counts as saying "false".
        value = f"SELECT x.value FROM {keyed.table} x WHERE x.{keyed.owner} AND x.key = ?"  # noqa: S608
        compared = compare(f"coalesce(({value}), 'false')", term)
        return Sql(compared.text, (PROMPT_TAG, *compared.parameters))

    own = replace(schema, keyed={"tag": replace(keyed, compile=tag)})
    where = Compiler(own).where(parse_filter(text, own))
    if wanted:
        return where
    return Sql(f"({where.text}) AND {no_prompts.text}", (*where.parameters, *no_prompts.parameters))


def _tag(keyed: Keyed, term: Comparison) -> Sql:
    value = compare("x.value", term)
    text = (
        f"EXISTS (SELECT 1 FROM {keyed.table} x WHERE x.{keyed.owner} AND x.key = ? "  # noqa: S608
        f"AND {value.text})"
    )
    return Sql(text, (term.field.key, *value.parameters))


def _asks_for_prompts(term: Comparison) -> bool:
    value = str(term.value).lower()
    return (term.operator, value) in (("=", "true"), ("!=", "false"))


def model_order(texts: Sequence[str]) -> Sql:
    """Compile an order of registered models; the rest is by name."""
    return _order(texts, MODEL_ORDERS, (), MODEL_TIES)


def version_order(texts: Sequence[str]) -> Sql:
    """Compile an order of versions; without one the last changed come first."""
    return _order(texts, VERSION_ORDERS, NEWEST_FIRST, VERSION_TIES)


def _order(
    texts: Sequence[str], schema: Schema, usual: Sequence[Order], ties: Sequence[Order]
) -> Sql:
    orders = parse_orders(texts, schema)
    return Compiler(schema).order(orders or usual, ties)[1]
