"""Saying what a value is, and what to do when it cannot travel."""

from __future__ import annotations

import sys
import types

from trackside._capture.literals import MAX_SIZE
from trackside._text import plural, size_text

# How data of a well-known type is saved to a file that can travel.
_FILES = {
    ("numpy", "ndarray"): "npy",
    ("pandas", "DataFrame"): "parquet",
    ("pandas", "Series"): "parquet",
    ("polars", "DataFrame"): "parquet",
    ("torch", "Tensor"): "pt",
    ("pyarrow", "Table"): "parquet",
}
_BOUND_TO_PROCESS = frozenset(
    {"TextIOWrapper", "BufferedReader", "BufferedWriter", "FileIO", "socket", "lock", "RLock"}
    | {"Thread", "Process", "Event", "Condition", "Connection", "Cursor", "Popen"}
    | {"generator", "coroutine", "async_generator", "Pool", "ThreadPoolExecutor", "map", "zip"}
)


def what(value: object) -> str:
    """Return the type of a value with its shape or length: ``ndarray (1797, 64)``."""
    kind = type(value)
    if isinstance(value, types.ModuleType):
        return f"module {value.__name__}"
    if isinstance(value, type):
        return f"class {value.__qualname__}"
    if isinstance(value, types.FunctionType | types.BuiltinFunctionType):
        return f"function {value.__name__}"
    if isinstance(value, types.MethodType):
        return f"method {value.__name__} of {type(value.__self__).__name__}"
    shape = _shape(value)
    if shape is not None:
        return f"{kind.__name__} {shape}"
    if isinstance(value, str | bytes | bytearray):
        return f"{kind.__name__} of {size_text(len(value))}"
    if isinstance(value, list | tuple | set | frozenset | dict):
        return f"{kind.__name__} of {plural(len(value), 'item')}"
    return kind.__name__


def advice(name: str, value: object, part: object = None, *, too_large: bool = False) -> str:
    """Return why a value cannot travel and what to do instead.

    Parameters
    ----------
    name, value
        The variable.
    part
        What in it is the obstacle, when it is not all of it.
    too_large
        Whether only the size is in the way.
    """
    suffix = _file_suffix(value)
    if suffix:
        return f"data does not travel; {_load_or_save(f'{name}.{suffix}')}"
    if too_large:
        limit = f"values up to {MAX_SIZE // 1024} kB travel"
        return f"{limit}; {_load_or_save(f'{name}.json')}"
    kind = type(value).__name__
    if isinstance(value, types.ModuleType | types.FunctionType | type):
        module = value.__name__ if isinstance(value, types.ModuleType) else value.__module__
        file = getattr(sys.modules.get(module), "__file__", None)
        if file:
            return f"jobs cannot import it from {file}; move that file beside the notebook"
    if type(value) in (list, tuple, set, frozenset, dict):
        if part is None:
            return "it is nested too deeply; build it in the cell"
        return f"it holds a {what(part)}, which does not travel; build it in the cell"
    if kind in _BOUND_TO_PROCESS:
        return "it belongs to this kernel's process; make it in the cell"
    if isinstance(value, types.ModuleType):
        return "it cannot be imported by its name; put its code into a file beside the notebook"
    if isinstance(value, types.MethodType):
        return "it is bound to an object; make the object in the cell"
    if isinstance(value, types.FunctionType):
        return "its source is not known; define it in a cell with def"
    if isinstance(value, type):
        return "its source is not known; define it in a cell"
    return "objects do not travel; make it in the cell, or in a function that the cell calls"


def _load_or_save(file: str) -> str:
    return f"load it in the cell, or save it and add --file {file}"


def _file_suffix(value: object) -> str | None:
    for kind in type(value).__mro__:
        suffix = _FILES.get((kind.__module__.split(".")[0], kind.__name__))
        if suffix:
            return suffix
    return None


def _shape(value: object) -> str | None:
    try:
        shape = getattr(value, "shape", None)
        if shape is None or isinstance(value, type):
            return None
        return str(tuple(int(length) for length in shape))
    except Exception:  # noqa: BLE001  (attributes of foreign objects may do anything)
        return None
