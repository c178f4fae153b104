"""What the kernel's own values say about variables that go from step to step."""

from __future__ import annotations

import importlib
import math
import pickle
import types
from dataclasses import dataclass
from typing import Any

from trackside._capture import describe, literals
from trackside._pipelines.model import PARAMETER_TYPES

# Beyond these a value goes as an artifact: numbers that JSON does not keep, texts that no table of
# parameters should show.
_LARGEST_WHOLE = 2**53
_LONGEST_TEXT = 4000
_ENOUGH = 1_000_000

_DATA = frozenset(
    {("pandas", "DataFrame"), ("pandas", "Series"), ("polars", "DataFrame"), ("numpy", "ndarray")}
    | {("pyarrow", "Table"), ("torch", "Tensor")}
)


@dataclass(frozen=True)
class Fact:
    """What was seen of a variable when its step had run in the kernel."""

    what: str
    kind: str | None
    schema: str


def seen(value: object) -> Fact:
    """Note what a variable holds."""
    plain = type(value) in PARAMETER_TYPES and not isinstance(value, list | dict)
    kind = PARAMETER_TYPES[type(value)] if plain and _fits(value) else None
    return Fact(describe.what(value), kind, _schema(value))


def obstacle(name: str, value: object) -> str | None:
    """Return why a variable cannot be handed to another step; None when nothing is in the way."""
    if literals.looks_secret(name, value):
        return (
            "looks like a secret, and what steps hand on is stored; read it in each step, as in"
            f" os.environ[{name.upper()!r}]"
        )
    if _is_data(value):
        return None
    error, aside = _pickled(value)
    if error is None:
        return None
    what = describe.what(value)
    if "<lambda>" in error:
        has = "is a lambda" if isinstance(value, types.FunctionType) else f"({what}) holds a lambda"
        why = f"{has}, which cannot be handed on; write it as a function with def and a name"
    else:
        why = f"({what}) cannot be handed on: {error}; make it in the step that uses it"
    return why + aside


def helpers_of(value: object) -> set[str] | None:
    """Return the classes and functions of the notebook that a value needs where it is read.

    None when that is not known, as for large values.
    """
    if _is_data(value):
        return None if getattr(getattr(value, "dtype", None), "hasobject", False) else set()
    looking = _Looking(_Beginning(), protocol=4)
    try:
        looking.dump(value)
    except Exception:  # noqa: BLE001  (`obstacle` says what is in the way)
        return None
    return looking.found


def is_parameter(value: object) -> bool:
    """Tell whether a plain value can be a parameter of a pipeline."""
    if type(value) not in PARAMETER_TYPES:
        return False
    try:
        return len(literals.expression(value)) <= _LONGEST_TEXT
    except literals.NotLiteral:
        return False


def _fits(value: Any) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return abs(value) <= _LARGEST_WHOLE
    if isinstance(value, str):
        # Some runners of KFP take braces in a parameter for a placeholder.
        return len(value) <= _LONGEST_TEXT and "{{" not in value
    return math.isfinite(value)


def _schema(value: object) -> str:
    if _is_data(value):
        return "system.Dataset"
    if callable(getattr(type(value), "predict", getattr(type(value), "state_dict", None))):
        return "system.Model"
    return "system.Artifact"


def _is_data(value: object) -> bool:
    kind = type(value)
    return (kind.__module__.split(".")[0], kind.__name__) in _DATA


class _Enough(Exception):
    """The beginning of a large value could be pickled."""


class _Beginning:
    """Counts what is written, and ends it when there is enough."""

    def __init__(self) -> None:
        self._size = 0

    def write(self, content: bytes) -> int:
        self._size += len(content)
        if self._size > _ENOUGH:
            raise _Enough
        return len(content)


class _Looking(pickle.Pickler):
    """Notes what of the main module a value refers to."""

    def __init__(self, file: Any, protocol: int) -> None:
        super().__init__(file, protocol)
        self.found: set[str] = set()

    def reducer_override(self, obj: Any) -> Any:
        """Look at a class or function, and leave the rest to pickle."""
        if isinstance(obj, type | types.FunctionType) and obj.__module__ == "__main__":
            self.found.add(obj.__qualname__.split(".")[0])
        return NotImplemented


def _pickled(value: object) -> tuple[str | None, str]:
    """Return why a value cannot be pickled, and words about what could not be asked.

    Its first megabyte is looked at.
    """
    error: str | None = None
    for name in ("pickle", "cloudpickle"):
        try:
            # As in a step, which takes the second one where it is installed.
            module = importlib.import_module(name)
        except ImportError:
            break
        except Exception as problem:  # noqa: BLE001  (a broken module may raise anything)
            why = str(problem) or type(problem).__name__
            return error, f"; {name}, which takes more, cannot be imported: {why}"
        try:
            module.Pickler(_Beginning(), protocol=4).dump(value)
        except _Enough:
            return None, ""
        except Exception as problem:  # noqa: BLE001  (the methods of foreign objects may do anything)
            error = error or str(problem) or type(problem).__name__
        else:
            return None, ""
    return error, ""
