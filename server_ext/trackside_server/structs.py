"""What is done with values, which are `Struct`s of msgspec and no dataclasses.

The methods of a dataclass are written and compiled anew each time a server starts, in half a
millisecond; a `Struct` is there at once. But it shows all of its fields, so what holds a secret is
`Discreet`, or one of the few dataclasses that keep such a field out of their ``repr``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct

if TYPE_CHECKING:
    # A checker of types knows the fields of a struct here, and not in msgspec's own function.
    from dataclasses import replace  # noqa: TID251
else:
    from msgspec.structs import replace

__all__ = ["Discreet", "asdict", "replace"]


class Discreet:
    """What a `Struct` that holds a secret is beside that: its ``repr`` may stand in any log."""

    __slots__ = ()
    __struct_fields__: ClassVar[tuple[str, ...]]

    secret_fields: ClassVar[tuple[str, ...]]
    """The names of the fields that are not shown."""

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({fields})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        shown = (name for name in self.__struct_fields__ if name not in self.secret_fields)
        return [(name, getattr(self, name)) for name in shown]


def asdict(value: Struct) -> dict[str, Any]:
    """Give the fields of a value by their names, and so those of the values in it."""
    return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}


def _plain(value: Any) -> Any:
    if isinstance(value, Struct):
        return asdict(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    return value
