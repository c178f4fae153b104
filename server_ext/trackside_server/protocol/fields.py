"""What a route takes and gives, in the words of the protocol: the source of its description."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from trackside_server.structs import replace

Kind = Literal["text", "integer", "double", "flag", "object", "anything"]


class Field(Struct, frozen=True):
    """A field of a request or of an answer.

    Attributes
    ----------
    name
        In snake_case; requests may spell it in camelCase.
    kind
        What it holds. An integer has 64 bits; a double may be the text NaN, Infinity or -Infinity.
    required
        Whether a request is refused without it.
    many
        Whether it is a list of that kind; in a query string it is repeated.
    fields
        Those of an object.
    names
        What a text has to be one of.
    """

    name: str
    kind: Kind
    required: bool = False
    many: bool = False
    fields: tuple[Field, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def needed(self) -> Field:
        """The same field as one that a request needs."""
        return replace(self, required=True)

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the value."""
        one = self._one()
        return {"type": "array", "items": one} if self.many else one

    def _one(self) -> dict[str, Any]:
        if self.kind == "text":
            return {"type": "string", **({"enum": list(self.names)} if self.names else {})}
        if self.kind == "integer":
            return {"type": "integer", "format": "int64"}
        if self.kind == "double":
            special = {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]}
            return {"oneOf": [{"type": "number"}, special]}
        if self.kind == "flag":
            return {"type": "boolean"}
        return {} if self.kind == "anything" else shape(self.fields)


def text(name: str, *names: str) -> Field:
    """Declare a string, or one of some names."""
    return Field(name, "text", names=names)


def texts(name: str) -> Field:
    """Declare a list of strings."""
    return Field(name, "text", many=True)


def integer(name: str) -> Field:
    """Declare a whole number of 64 bits."""
    return Field(name, "integer")


def double(name: str) -> Field:
    """Declare a number."""
    return Field(name, "double")


def flag(name: str) -> Field:
    """Declare a boolean."""
    return Field(name, "flag")


def entity(name: str, *fields: Field) -> Field:
    """Declare an object."""
    return Field(name, "object", fields=fields)


def entities(name: str, *fields: Field) -> Field:
    """Declare a list of objects."""
    return Field(name, "object", many=True, fields=fields)


def anything(name: str) -> Field:
    """Declare a value of any kind."""
    return Field(name, "anything")


def shape(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Return the JSON schema of an object."""
    written: dict[str, Any] = {"type": "object"}
    if fields:
        written["properties"] = {field.name: field.schema() for field in fields}
    required = [field.name for field in fields if field.required]
    return {**written, "required": required} if required else written
