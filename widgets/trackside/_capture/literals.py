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


def expression(value: object, leaf: Callable[[object], str] | None = None) -> str:
    """Return an expression that makes an equal value, the same text for equal values.

    It needs no import around it: what is not built in imports itself.

    Parameters
    ----------
    value
        Any value.
    leaf
        Returns an expression for what is no plain value, or raises `NotLiteral`.

    Raises
    ------
    NotLiteral
        When there is none, or it is longer than `MAX_SIZE`.
    """
    writer = _Writer(leaf)
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
    def __init__(self, leaf: Callable[[object], str] | None) -> None:
        self._size = 0
        self._leaf = leaf

    def write(self, value: object, depth: int) -> str:
        writer = _WRITERS.get(type(value))
        if depth > _MAX_DEPTH and writer is not _by_repr:
            raise NotLiteral(value)
        text = writer(self, value, depth + 1) if writer else self._other(value)
        self._size += len(text) if writer is None or writer is _by_repr else 2
        if self._size > MAX_SIZE:
            raise NotLiteral(value, too_large=True)
        return text

    def _other(self, value: object) -> str:
        return _scalar(value) or _small(self, value) or self._named(value)

    def _named(self, value: object) -> str:
        if self._leaf is None:
            raise NotLiteral(value)
        return self._leaf(value)

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


def _scalar(value: object) -> str | None:
    """Return the expression of a NumPy scalar: a number with a type of its own."""
    kind = type(value)
    item = getattr(value, "item", None)
    if kind.__module__ == "numpy" and callable(item) and getattr(value, "shape", None) == ():
        plain = item()
        if type(plain) in (bool, int, float):
            return f"__import__('numpy').{kind.__name__}({expression(plain)})"
    return None


def _small(writer: _Writer, value: Any) -> str | None:
    """Return the expression of small objects that well-known modules make.

    By the names of their types: a module that is not loaded has made none.
    """
    kind = (type(value).__module__.split(".")[0], type(value).__name__)
    if kind == ("re", "Pattern"):
        return f"__import__('re').compile({writer.write(value.pattern, 0)}, {int(value.flags)})"
    if kind == ("logging", "Logger"):
        return f"__import__('logging').getLogger({value.name!r})"
    if kind in (("decimal", "Decimal"), ("fractions", "Fraction"), ("uuid", "UUID")):
        return f"__import__({kind[0]!r}).{kind[1]}({str(value)!r})"
    if kind == ("torch", "device"):
        return f"__import__('torch').device({str(value)!r})"
    if kind == ("torch", "dtype"):
        return f"__import__('torch').{str(value).partition('.')[2]}"
    if kind[0] == "collections" and kind[1] in ("OrderedDict", "Counter", "deque", "defaultdict"):
        return _collection(writer, value, kind[1])
    if kind == ("functools", "partial"):
        arguments = writer.items([value.func, *value.args], 1)
        arguments += [f"{key}={writer.write(item, 1)}" for key, item in value.keywords.items()]
        return f"__import__('functools').partial({', '.join(arguments)})"
    return None


def _collection(writer: _Writer, value: Any, kind: str) -> str:
    if kind == "deque":
        inner = f"{_list(writer, list(value), 1)}, {value.maxlen!r}"
    elif kind == "defaultdict":
        inner = f"{writer.write(value.default_factory, 1)}, {_dict(writer, value, 1)}"
    else:
        inner = _dict(writer, value, 1)
    return f"__import__('collections').{kind}({inner})"


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
