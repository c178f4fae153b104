"""How a domain describes what can be searched: `Schema`, made of `Attribute` and `Keyed`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .sql import Sql
    from .tree import Comparison

    Compile = Callable[[Comparison], Sql]

Kind = Literal["number", "text", "either"]

NUMERIC: Final = ("=", "!=", ">", ">=", "<", "<=")
NUMBERS: Final = (*NUMERIC, "IN", "NOT IN")
TEXT: Final = ("=", "!=", "LIKE", "ILIKE")
LISTED: Final = (*TEXT, "IN", "NOT IN")
PRESENT: Final = (*TEXT, "IS NULL", "IS NOT NULL")
ANY_TEXT: Final = (*LISTED, "RLIKE")
ANY_PRESENT: Final = (*ANY_TEXT, "IS NULL", "IS NOT NULL")
IDENTITY: Final = ("=", "!=", "IN", "NOT IN")


class Attribute(Struct, frozen=True):
    """One attribute of the thing that is searched.

    Attributes
    ----------
    column
        Its expression in SQL (ours, never the user's).
    value
        Whether it is compared with numbers, with quoted text, or with either.
    operators
        What it can be compared by.
    sort
        Its expression in ORDER BY, where that is another one.
    nullable
        Whether a thing may lack it.
    compile
        Compiles comparisons of it, where a column is not enough.
    """

    column: str
    value: Kind = "text"
    operators: tuple[str, ...] = TEXT
    sort: str = ""
    nullable: bool = True
    compile: Compile | None = None

    @property
    def ordered(self) -> str:
        """Its expression in ORDER BY."""
        return self.sort or self.column


class Keyed(Struct, frozen=True):
    """Values under keys that users choose, like tags: a table of its own.

    Attributes
    ----------
    table
        The table; in a condition its rows are ``x``.
    owner
        What ties a row to the thing that is searched, like ``run = r.id`` for ``x.run = r.id``.
    value
        Whether the values are compared with numbers, with quoted text, or with either.
    operators
        What they can be compared by.
    interned
        Whether the keys are numbers of names.
    key, column
        The columns of the key and of the value.
    nan
        Whether a column ``is_nan`` tells which numbers are none.
    orderable
        Whether results can be ordered by it.
    names
        The keys that there are, where users cannot choose them.
    compile
        Compiles comparisons, where a table is not enough.
    """

    table: str = ""
    owner: str = ""
    value: Kind = "text"
    operators: tuple[str, ...] = TEXT
    interned: bool = False
    key: str = "key"
    column: str = "value"
    nan: bool = False
    orderable: bool = False
    names: tuple[str, ...] | None = None
    compile: Compile | None = None


class Schema(Struct, frozen=True):
    """What one search may name.

    Attributes
    ----------
    what
        What is searched, for messages.
    entities
        The entity of each spelling in front of a dot; ``attribute`` means the attributes.
    attributes
        Attributes by every spelling.
    keyed
        The other entities.
    """

    what: str
    entities: Mapping[str, str]
    attributes: Mapping[str, Attribute]
    keyed: Mapping[str, Keyed]

    def described(self, entity: str, key: str) -> Attribute | Keyed:
        """Give what a field is."""
        return self.attributes[key] if entity == "attribute" else self.keyed[entity]

    def spelling(self, entity: str) -> str:
        """Give the usual word for an entity."""
        return next(word for word, meant in self.entities.items() if meant == entity)


def spellings(entities: Mapping[str, str]) -> dict[str, str]:
    """Turn the words of each entity, with spaces between them, into what `Schema` wants."""
    return {word: entity for entity, words in entities.items() for word in words.split()}
