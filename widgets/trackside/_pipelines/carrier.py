"""The part of a step's program that is the same for every step; it runs where the step runs.

It is no module of this package: its text ends the program that is written into the compiled
pipeline, below what the step is made of (``STEP``, ``PREAMBLE``, ``CELL``, ``FILES``). It needs
Python 3.9 and nothing else, and takes the arguments of kfp.dsl.executor_main.
"""

from __future__ import annotations

import importlib
import json
import linecache
import math
import os
import pickle
import sys
import tempfile
import traceback
import types
from pathlib import Path
from typing import Any
from urllib.parse import unquote

# Filled in by the lines above it in a program.
STEP: dict[str, Any] = {}
PREAMBLE = CELL = ""
FILES: dict[str, str] = {}

ROOTS = {"gs://": "/gcs/", "s3://": "/s3/", "minio://": "/minio/", "oci://": "/oci/"}
KEPT: list[types.ModuleType] = []
PLAIN = (str, int, float, bool, type(None))
FITTING: dict[str, tuple[type, ...]] = {
    "NUMBER_INTEGER": (int,),
    "NUMBER_DOUBLE": (int, float),
    "BOOLEAN": (bool,),
    "STRING": (str,),
}


class Unpassable(Exception):
    """A variable that cannot be handed to another step; the message says why."""


def executor_main(words: list[str]) -> None:
    """Run the step with the arguments of a KFP executor."""
    try:
        run_step(words)
    except Unpassable as problem:
        # The name of the task stands beside it wherever this is told.
        sys.exit(str(problem))


def run_step(words: list[str]) -> None:
    """Read what the step takes, run its cell, and write what it gives."""
    given = json.loads(words[words.index("--executor_input") + 1])
    names = vars(fresh_main())
    inputs, outputs = given.get("inputs", {}), given.get("outputs", {})
    take_files()
    values = {
        name: as_kind(inputs["parameterValues"][name], kind)
        for name, kind in STEP["parameters"].items()
    }
    # Before, for definitions that use them while they are made; after, as what they are.
    names.update(values)
    run(PREAMBLE, f"<what step {STEP['name']} brings along>", names)
    names.update(values)
    for name in STEP["artifacts"]:
        names[name] = received(name, inputs["artifacts"][name]["artifacts"][0])
    run(CELL, f"<step {STEP['name']}>", names)
    answer: dict[str, Any] = {"parameterValues": {}, "artifacts": {}}
    for name, kind in STEP["gives"].items():
        if name not in names:
            raise Unpassable(f"the step does not set {name}, which a later step uses.")
        if kind:
            answer["parameterValues"][name] = parameter(name, names[name], kind)
        else:
            artifact = outputs["artifacts"][name]["artifacts"][0]
            written = sent(name, names[name], artifact)
            artifact["metadata"] = {**artifact.get("metadata", {}), **written}
            answer["artifacts"][name] = {"artifacts": [artifact]}
    file = Path(outputs["outputFile"])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(answer), encoding="utf-8")


def fresh_main() -> types.ModuleType:
    """Return an empty main module for the user's names, which must not meet those of this file."""
    KEPT.append(sys.modules["__main__"])
    sys.modules["__main__"] = types.ModuleType("__main__")
    return sys.modules["__main__"]


def take_files() -> None:
    """Write the modules and files that came along, and let Python find them."""
    if not FILES:
        return
    folder = Path(tempfile.mkdtemp(prefix="step-"))
    for path, text in FILES.items():
        file = folder.joinpath(*path.split("/"))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    os.chdir(folder)


def run(source: str, place: str, names: dict[str, Any]) -> None:
    """Run source whose lines a traceback shows."""
    linecache.cache[place] = (len(source), None, source.splitlines(keepends=True), place)
    exec(compile(source, place, "exec"), names)


def as_kind(value: Any, kind: str) -> Any:
    """Return a parameter as Python has it: JSON knows one kind of number."""
    if kind == "NUMBER_INTEGER":
        return int(value)
    return float(value) if kind == "NUMBER_DOUBLE" else value


def parameter(name: str, value: Any, kind: str) -> Any:
    """Return a value as a parameter of a kind."""
    item = getattr(value, "item", None)
    if getattr(value, "shape", None) == () and callable(item):
        value = item()  # A number of NumPy.
    fits = isinstance(value, FITTING[kind]) and (kind == "BOOLEAN" or not isinstance(value, bool))
    if not fits:
        raise Unpassable(
            f"{name} is of type {type(value).__name__} here, and was {STEP['types'][name]} when the"
            " pipeline was compiled. Run the cell of this step again in the notebook, and compile"
            " it anew."
        )
    if kind == "NUMBER_DOUBLE" and not math.isfinite(value):
        raise Unpassable(
            f"{name} is {value}, which a parameter cannot hold. Put it into a list, as in"
            f" {name} = [{name}]."
        )
    return value


def local(uri: str) -> Path:
    """Return the path of an artifact, as KFP mounts it."""
    for scheme, root in ROOTS.items():
        if uri.startswith(scheme):
            return Path(root + uri[len(scheme) :])
    return Path(unquote(uri[7:]) if uri.startswith("file://") else uri)


def sent(name: str, value: Any, artifact: dict[str, Any]) -> dict[str, str]:
    """Write a variable, and return how it was written."""
    path = local(artifact["uri"])
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        form = next(form for form, write in WRITERS.items() if write(value, path))
    except Exception as error:
        raise Unpassable(
            f"{name} ({described(value)}) cannot be handed on: {error}; make it in the step that"
            " uses it."
        ) from None
    return {"variable": name, "type": described(value), "format": form}


def received(name: str, artifact: dict[str, Any]) -> Any:
    """Read a variable that an earlier step wrote."""
    metadata = artifact.get("metadata", {})
    if metadata.get("format") not in READERS:
        raise Unpassable(f"{name} was not written by a step of a notebook.")
    try:
        return READERS[metadata["format"]](local(artifact["uri"]))
    except ImportError as error:
        package = (error.name or "").split(".")[0]
        raise Unpassable(
            f"{name} ({metadata['type']}) cannot be read: {error}. Add --package {package} to this"
            " step, or choose an image that has it."
        ) from None


def described(value: Any) -> str:
    """Return the type of a value, with its shape."""
    kind, shape = type(value), getattr(value, "shape", None)
    home = kind.__module__.split(".")[0]
    name = kind.__qualname__ if home in ("builtins", "__main__") else f"{home}.{kind.__qualname__}"
    return f"{name} {tuple(shape)}" if isinstance(shape, tuple) else name


def is_a(value: Any, module: str, name: str) -> bool:
    """Tell whether a value is of a class of a module, without importing that."""
    return type(value).__module__.split(".")[0] == module and type(value).__name__ == name


def exact(value: Any, depth: int = 0) -> bool:
    """Tell whether JSON gives back the very same value."""
    if type(value) in PLAIN:
        return True
    if depth > 50:
        return False
    if type(value) is list:
        return all(exact(item, depth + 1) for item in value)
    return type(value) is dict and all(
        type(key) is str and exact(item, depth + 1) for key, item in value.items()
    )


def write_json(value: Any, path: Path) -> bool:
    """Write numbers, texts, lists and dictionaries of them."""
    if not exact(value):
        return False
    path.write_text(json.dumps(value), encoding="utf-8")
    return True


def write_npy(value: Any, path: Path) -> bool:
    """Write an array of NumPy."""
    if not is_a(value, "numpy", "ndarray") or value.dtype.hasobject:
        return False
    with path.open("wb") as file:
        importlib.import_module("numpy").save(file, value, allow_pickle=False)
    return True


def write_parquet(value: Any, path: Path) -> bool:
    """Write a table of pandas, unless it would come back as another one."""
    if not is_a(value, "pandas", "DataFrame"):
        return False
    try:
        value.to_parquet(path)
        again = read_parquet(path)
        return bool(again.dtypes.equals(value.dtypes) and again.index.equals(value.index))
    except Exception:
        return False


def write_torch(value: Any, path: Path) -> bool:
    """Write a tensor or module of PyTorch."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not isinstance(value, (torch.Tensor, torch.nn.Module)):
        return False
    torch.save(value, path)
    return True


def write_pickle(value: Any, path: Path) -> bool:
    """Write anything else, with cloudpickle what Python's own pickle does not take."""
    try:
        content = pickle.dumps(value, protocol=4)
    except Exception as error:
        try:
            content = importlib.import_module("cloudpickle").dumps(value, protocol=4)
        except ImportError:
            raise error from None
    path.write_bytes(content)
    return True


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_npy(path: Path) -> Any:
    """Read what `write_npy` wrote."""
    with path.open("rb") as file:
        return importlib.import_module("numpy").load(file, allow_pickle=False)


def read_parquet(path: Path) -> Any:
    """Read what `write_parquet` wrote."""
    return importlib.import_module("pandas").read_parquet(path)


def read_torch(path: Path) -> Any:
    """Read what `write_torch` wrote, also where there is no GPU."""
    torch = importlib.import_module("torch")
    place = None if torch.cuda.is_available() else "cpu"
    return torch.load(path, map_location=place, weights_only=False)


def read_pickle(path: Path) -> Any:
    """Read what `write_pickle` wrote: an earlier step of the same pipeline."""
    return pickle.loads(path.read_bytes())


WRITERS = {
    "json": write_json,
    "npy": write_npy,
    "parquet": write_parquet,
    "torch": write_torch,
    "pickle": write_pickle,
}
READERS = {
    "json": read_json,
    "npy": read_npy,
    "parquet": read_parquet,
    "torch": read_torch,
    "pickle": read_pickle,
}

if __name__ == "__main__":
    try:
        executor_main(sys.argv[1:])
    except Exception as problem:
        trace = problem.__traceback__
        # The user's own lines: what is above them is this program.
        while trace is not None and not trace.tb_frame.f_code.co_filename.startswith("<"):
            trace = trace.tb_next
        traceback.print_exception(type(problem), problem, trace or problem.__traceback__)
        sys.exit(1)
