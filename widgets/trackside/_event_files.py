"""Reads the scalars of TensorBoard's event files, with nothing but the standard library.

An event file is a row of records, each a protocol buffer between its length and checksums. Only the
few fields that scalars are made of are decoded: ``simple_value`` as TensorFlow 1 and PyTorch write
it, and tensors of one number as TensorFlow 2 does. So a file is read without TensorBoard, from any
record on, and while it is still written.

Run by path, it prints what it reads as lines of JSON: ``[offset, [[tag, value, time, step], …]]``.
"""

from __future__ import annotations

import json
import struct
import sys
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH = 1000
"""How many points are given at once, as many as a batch of MLflow's protocol takes."""

# Longer ones hold graphs, images and the like, never a scalar.
_LONGEST = 1024 * 1024
# Records that hold points are given when they are this long together: a line stays short, too.
_MUCH = _LONGEST // 2
# From here on no whole number of 64 bits holds a time.
_TOO_LATE = 2.0**63
# Files without a scalar for a long way still tell how far they are read.
_PROGRESS = 64 * 1024 * 1024
_HEAD = struct.Struct("<QI")
_FOOT = 4
_NUMBERS = {
    1: ("f", 4),
    2: ("d", 8),
    3: ("i", 4),
    4: ("B", 1),
    5: ("h", 2),
    6: ("b", 1),
    9: ("q", 8),
    10: ("?", 1),
    17: ("H", 2),
    19: ("e", 2),
    22: ("I", 4),
    23: ("Q", 8),
}
_BFLOAT16 = 14
_HPARAMS = "_hparams_/"


class Scalar(NamedTuple):
    """One point of a curve; its time is in milliseconds."""

    tag: str
    value: float
    time: int
    step: int


class Damaged(ValueError):
    """The file is no event file from here on."""


def is_event_file(name: str) -> bool:
    """Whether a file is called as TensorBoard's writers call theirs."""
    return "tfevents" in name


def batches(file: IO[bytes], offset: int = 0) -> Iterator[tuple[int, list[Scalar]]]:
    """Read the scalars of a file in batches.

    Parameters
    ----------
    file
        The file, which can seek.
    offset
        Where to begin: 0, or what an earlier reading gave.

    Yields
    ------
    int, list of Scalar
        Where the next reading goes on, and what was read up to there. A record that is not whole
        yet ends the reading.

    Raises
    ------
    Damaged
        What follows is no record; everything before it was given.
    """
    points: list[Scalar] = []
    told = end = offset
    size = 0
    damage = None
    try:
        for end, record in _records(file, offset):
            points += _scalars(record)
            size += len(record) if points else 0
            is_full = len(points) >= BATCH or size >= _MUCH
            if is_full or (end - told >= _PROGRESS and not points):
                yield end, points
                points, size, told = [], 0, end
    except Damaged as error:
        damage = error
    if points or end > told:
        yield end, points
    if damage is not None:
        raise damage


def _records(file: IO[bytes], offset: int) -> Iterator[tuple[int, bytes]]:
    file.seek(0, 2)
    size = file.tell()
    while offset + _HEAD.size <= size:
        file.seek(offset)
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return
        length, checksum = _HEAD.unpack(head)
        if _masked_checksum(head[:8]) != checksum:
            raise Damaged(f"There is no event at byte {offset}.")
        end = offset + _HEAD.size + length + _FOOT
        if end > size:
            return
        yield end, file.read(length) if length <= _LONGEST else b""
        offset = end


def _scalars(record: bytes) -> list[Scalar]:
    time, step, found = 0.0, 0, []
    try:
        for number, value in _fields(record):
            if number == 1 and isinstance(value, bytes):
                (time,) = struct.unpack("<d", value)
            elif number == 2 and isinstance(value, int):
                step = _signed(value)
            elif number == 5 and isinstance(value, bytes):
                found += [
                    scalar
                    for inner, content in _fields(value)
                    if inner == 1 and isinstance(content, bytes)
                    for scalar in _value(content)
                ]
    except (ValueError, struct.error, IndexError):
        return []  # a record of another kind
    milliseconds = time * 1000
    stamp = int(milliseconds) if 0 <= milliseconds < _TOO_LATE else 0
    return [Scalar(tag, value, stamp, step) for tag, value in found]


def _value(content: bytes) -> list[tuple[str, float]]:
    tag, plugin, number = "", "", None
    for field, value in _fields(content):
        if not isinstance(value, bytes):
            continue
        if field == 1:
            tag = value.decode("utf-8", "replace")
        elif field == 2 and len(value) == 4:
            (number,) = struct.unpack("<f", value)
        elif field == 8:
            number = _tensor(value)
        elif field == 9:
            plugin = _plugin(value)
    # Writers name the plug-in of a tag once and never again.
    if number is None or not tag or plugin not in ("", "scalars") or tag.startswith(_HPARAMS):
        return []
    return [(tag, number)]


def _plugin(metadata: bytes) -> str:
    for field, value in _fields(metadata):
        if field == 1 and isinstance(value, bytes):
            for inner, name in _fields(value):
                if inner == 1 and isinstance(name, bytes):
                    return name.decode("utf-8", "replace")
    return ""


def _tensor(content: bytes) -> float | None:
    """Give the only number of a tensor; None when there are others or it holds something else."""
    kind, size = 0, 1
    raw: bytes | None = None
    listed: list[int | bytes] = []
    for field, value in _fields(content):
        if field == 1 and isinstance(value, int):
            kind = value
        elif field == 2 and isinstance(value, bytes):
            size = _size(value)
        elif field == 4 and isinstance(value, bytes):
            raw = value
        elif field in (5, 6, 7, 10, 11, 13, 16, 17):
            listed.append(value)
    if size != 1 or (kind not in _NUMBERS and kind != _BFLOAT16):
        return None
    if raw:
        return _from_raw(kind, raw)
    return _from_list(kind, listed[0]) if listed else 0.0


def _size(shape: bytes) -> int:
    size = 1
    for field, dimension in _fields(shape):
        if field == 2 and isinstance(dimension, bytes):
            # Zero is left out where it is written.
            lengths = [value for inner, value in _fields(dimension) if inner == 1]
            size *= lengths[0] if lengths and isinstance(lengths[0], int) else 0
    return size


def _from_raw(kind: int, raw: bytes) -> float | None:
    if kind == _BFLOAT16:
        return float(struct.unpack("<f", b"\0\0" + raw)[0]) if len(raw) == 2 else None
    code, width = _NUMBERS[kind]
    return float(struct.unpack(f"<{code}", raw)[0]) if len(raw) == width else None


def _from_list(kind: int, value: int | bytes) -> float | None:
    if kind in (1, 2):
        width, code = (4, "<f") if kind == 1 else (8, "<d")
        if not isinstance(value, bytes) or len(value) < width:
            return None
        return float(struct.unpack(code, value[:width])[0])
    number = value if isinstance(value, int) else _varint(value, 0)[0]
    if kind in (19, _BFLOAT16):
        return _from_raw(kind, struct.pack("<H", number & 0xFFFF))
    return float(number if kind == 23 else _signed(number))


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and content of the fields of a message: a whole number, or bytes."""
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        wire = tag & 7
        if wire == 0:
            value, place = _varint(data, place)
            yield tag >> 3, value
            continue
        if wire == 2:
            length, place = _varint(data, place)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise ValueError("no such field")
        if place + length > len(data):
            raise ValueError("cut off")
        yield tag >> 3, data[place : place + length]
        place += length


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
        if shift > 63:
            raise ValueError("no number")


def _signed(value: int) -> int:
    value &= 2**64 - 1
    return value - 2**64 if value >= 2**63 else value


def _table() -> list[int]:
    made = []
    for start in range(256):
        value = start
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        made.append(value)
    return made


_TABLE = _table()


def _masked_checksum(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def main(path: str, offset: int) -> int:
    """Print what a file holds; tell by the exit code whether it is damaged."""
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib takes milliseconds to import
        try:
            for end, points in batches(file, offset):
                sys.stdout.write(json.dumps([end, points]) + "\n")
                sys.stdout.flush()
        except Damaged:
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
