"""What is done with values, which are `Struct`s of msgspec and no dataclasses.

The methods of a dataclass are written and compiled anew each time a server starts, in half a
millisecond; a `Struct` is there at once. But it shows all of its fields, so what holds a secret is
a dataclass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    # A checker of types knows the fields of a struct here, and not in msgspec's own function.
    from dataclasses import replace  # noqa: TID251
else:
    from msgspec.structs import replace

__all__ = ["asdict", "replace"]


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
