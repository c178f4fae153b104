"""The wire format of protocol buffers, as far as OTLP needs it: messages into fields."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from .budget import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5

_LONGEST_VARINT: Final = 10


class Field(NamedTuple):
    """A field of a message: an integer by its bits, or the bytes of anything longer."""

    number: int
    kind: int
    integer: int
    data: memoryview


def fields(message: memoryview) -> Iterator[Field]:
    """Give the fields of a message in their order; groups, which OTLP does not use, are refused.

    Raises
    ------
    InvalidInput
        The bytes are no such message.
    """
    position, end = 0, len(message)
    while position < end:
        tag, position = _varint(message, position)
        number, kind = tag >> 3, tag & 7
        if not 0 < number < 2**29:
            refuse("a field has no valid number")
        integer, data = 0, _NOTHING
        if kind == VARINT:
            integer, position = _varint(message, position)
        elif kind == BYTES:
            length, position = _varint(message, position)
            data, position = _cut(message, position, length)
        elif kind in (FIXED64, FIXED32):
            size = 8 if kind == FIXED64 else 4
            data, position = _cut(message, position, size)
            integer = int.from_bytes(data, "little")
        else:
            refuse("a field has an unknown type")
        yield Field(number, kind, integer, data)


def expect(field: Field, kind: int) -> Field:
    """Refuse a field whose type is not the one that its number stands for."""
    if field.kind != kind:
        refuse(f"field {field.number} has the wrong type")
    return field


def text(field: Field) -> str:
    """Read a string."""
    try:
        return str(expect(field, BYTES).data, "utf-8")
    except UnicodeDecodeError:
        refuse("a text is not UTF-8")


def signed(field: Field) -> int:
    """Read an int64."""
    integer = expect(field, VARINT).integer
    return integer - 2**64 if integer >= 2**63 else integer


def double(field: Field) -> float:
    """Read a double."""
    (number,) = struct.unpack("<d", expect(field, FIXED64).data)
    return float(number)


_NOTHING: Final = memoryview(b"")


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    result = shift = 0
    for _ in range(_LONGEST_VARINT):
        if position >= len(message):
            refuse("it ends in the middle of a number")
        byte = message[position]
        position += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & 0xFFFF_FFFF_FFFF_FFFF, position
        shift += 7
    return refuse("a number has too many bytes")


def _cut(message: memoryview, position: int, length: int) -> tuple[memoryview, int]:
    end = position + length
    if end > len(message):
        refuse("it ends in the middle of a field")
    return message[position:end], end
