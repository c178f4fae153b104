"""Values that can be written down as source code."""

from __future__ import annotations

import datetime as dt
import math
import pathlib
import re
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_SIZE = 64 * 1024
_MAX_DEPTH = 50

_SECRET_NAME = re.compile(
    r"(^|_)(token|secret|passwd|password|passphrase|credentials?|api_?key|access_?key|private_?key)s?$",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|AKIA[0-9A-Z]{16}"
    r"|xox[abp]-[A-Za-z0-9-]{10,}|glpat-[A-Za-z0-9_-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)


class NotLiteral(Exception):
    """The value cannot be written down.

    Parameters
    ----------
    part
        What in it cannot.
    too_large
        Whether only its size is in the way.
    """

    def __init__(self, part: object, *, too_large: bool = False) -> None:
        super().__init__(part)
        self.part = part
        self.too_large = too_large


def expression(value: object) -> str:
    """Return an expression that makes an equal value, the same text for equal values.

    It needs no import around it: what is not built in imports itself.

    Raises
    ------
    NotLiteral
        When there is none, or it is longer than `MAX_SIZE`.
    """
    writer = _Writer()
    text = writer.write(value, 0)
    if len(text) > MAX_SIZE:
        raise NotLiteral(value, too_large=True)
    return text


def looks_secret(name: str, value: object) -> bool:
    """Tell whether a variable seems to hold a password or an access key."""
    if not isinstance(value, str | bytes):
        return False
    text = value if isinstance(value, str) else value.decode("latin-1")
    return bool(text) and bool(_SECRET_NAME.search(name) or _SECRET_VALUE.search(text))


class _Writer:
    def __init__(self) -> None:
        self._size = 0

    def write(self, value: object, depth: int) -> str:
        writer = _WRITERS.get(type(value))
        if depth > _MAX_DEPTH and writer is not _by_repr:
            raise NotLiteral(value)
        text = writer(self, value, depth + 1) if writer else _other(value)
        self._size += len(text) if writer is None or writer is _by_repr else 2
        if self._size > MAX_SIZE:
            raise NotLiteral(value, too_large=True)
        return text

    def items(self, values: Any, depth: int) -> list[str]:
        return [self.write(value, depth) for value in values]


def _by_repr(_: _Writer, value: Any, __: int) -> str:
    if isinstance(value, str | bytes) and len(value) > MAX_SIZE:
        raise NotLiteral(value, too_large=True)
    return repr(value)


def _float(_: _Writer, value: float, __: int) -> str:
    return repr(value) if math.isfinite(value) else f"float({str(value)!r})"


def _complex(writer: _Writer, value: complex, depth: int) -> str:
    return f"complex({_float(writer, value.real, depth)}, {_float(writer, value.imag, depth)})"


def _list(writer: _Writer, value: list[Any], depth: int) -> str:
    return f"[{', '.join(writer.items(value, depth))}]"


def _tuple(writer: _Writer, value: tuple[Any, ...], depth: int) -> str:
    inner = ", ".join(writer.items(value, depth))
    return f"({inner},)" if len(value) == 1 else f"({inner})"


def _set(writer: _Writer, value: set[Any], depth: int) -> str:
    # Sorted: the order of a set is another in each process.
    inner = ", ".join(sorted(writer.items(value, depth)))
    return f"{{{inner}}}" if inner else "set()"


def _frozenset(writer: _Writer, value: frozenset[Any], depth: int) -> str:
    return f"frozenset([{', '.join(sorted(writer.items(value, depth)))}])"


def _dict(writer: _Writer, value: dict[Any, Any], depth: int) -> str:
    pairs = (
        f"{writer.write(key, depth)}: {writer.write(item, depth)}" for key, item in value.items()
    )
    return f"{{{', '.join(pairs)}}}"


def _namespace(writer: _Writer, value: types.SimpleNamespace, depth: int) -> str:
    return f"__import__('types').SimpleNamespace(**{_dict(writer, vars(value), depth)})"


def _slice(writer: _Writer, value: slice, depth: int) -> str:
    return f"slice({', '.join(writer.items((value.start, value.stop, value.step), depth))})"


def _path(_: _Writer, value: pathlib.PurePath, __: int) -> str:
    pure = "Path" if isinstance(value, pathlib.Path) else type(value).__name__
    return f"__import__('pathlib').{pure}({str(value)!r})"


def _date(_: _Writer, value: Any, __: int) -> str:
    zone = getattr(value, "tzinfo", None)
    if zone is not None and type(zone) is not dt.timezone:
        raise NotLiteral(value)
    return repr(value).replace("datetime.", "__import__('datetime').")


def _other(value: object) -> str:
    """Return the expression of a NumPy scalar: a number with a type of its own."""
    kind = type(value)
    item = getattr(value, "item", None)
    if kind.__module__ == "numpy" and callable(item) and getattr(value, "shape", None) == ():
        plain = item()
        if type(plain) in (bool, int, float):
            return f"__import__('numpy').{kind.__name__}({expression(plain)})"
    raise NotLiteral(value)


_WRITERS: dict[type, Callable[[_Writer, Any, int], str]] = {
    type(None): _by_repr,
    bool: _by_repr,
    int: _by_repr,
    str: _by_repr,
    bytes: _by_repr,
    range: _by_repr,
    type(...): lambda *_: "...",
    float: _float,
    complex: _complex,
    list: _list,
    tuple: _tuple,
    set: _set,
    frozenset: _frozenset,
    dict: _dict,
    slice: _slice,
    types.SimpleNamespace: _namespace,
    pathlib.PosixPath: _path,
    pathlib.WindowsPath: _path,
    pathlib.PurePosixPath: _path,
    pathlib.PureWindowsPath: _path,
    dt.date: _date,
    dt.datetime: _date,
    dt.time: _date,
    dt.timedelta: _date,
    dt.timezone: _date,
}
