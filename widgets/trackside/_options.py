"""The options of a job as people write them, turned into what the server takes."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from trackside._errors import TracksideError

_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)\s*([smhd]?))+", re.IGNORECASE)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)", re.IGNORECASE)
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_MEMORY = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}

# The options that are fields of the request as they are.
_PLAIN = (
    "name",
    "experiment",
    "retries",
    "metric_pattern",
    "python",
    "on",
    "image",
    "queue",
    "runtime",
)
OPTIONS = (
    "params",
    "name",
    "experiment",
    "cpus",
    "memory",
    "gpus",
    "nodes",
    "time_limit",
    "retries",
    "env",
    "metric_pattern",
    "arguments",
    "tags",
    "on",
    "image",
    "queue",
    "runtime",
    "install",
    "python",
)


def options_of(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return those arguments of a call that are options of a job."""
    return {name: arguments[name] for name in OPTIONS if name in arguments}


def body_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request for these options; those that are None are left out.

    Raises
    ------
    TracksideError
        For an unknown option, or a value that it cannot have.
    """
    for name in options:
        if name not in OPTIONS:
            raise TracksideError(
                f"There is no option {name!r}.", f"The options are {', '.join(OPTIONS)}."
            )
    given = {name: value for name, value in options.items() if value is not None}
    body: dict[str, Any] = {name: given[name] for name in _PLAIN if name in given}
    if resources := _resources(given):
        body["resources"] = resources
    if "time_limit" in given:
        body["time_limit"] = seconds(given["time_limit"])
    if "params" in given:
        body["params"] = check_params(given["params"])
    if "env" in given:
        body["env"] = environment(given["env"])
    if "arguments" in given:
        body["arguments"] = [str(argument) for argument in given["arguments"]]
    if "tags" in given:
        body["tags"] = {str(key): str(value) for key, value in dict(given["tags"]).items()}
    if "install" in given:
        body["install"] = bool(given["install"])
    if "retries" in body:
        body["retries"] = count("retries", body["retries"])
    return body


def check_params(params: object) -> dict[str, Any]:
    """Return params that can be sent and logged: plain values under names.

    Raises
    ------
    TracksideError
        Naming the param that is neither.
    """
    if not isinstance(params, Mapping):
        raise TracksideError("params must be a dict.", 'Write params={"lr": 0.01}.')
    checked = {}
    for name, value in params.items():
        if not isinstance(name, str) or not name.isidentifier():
            raise TracksideError(
                f"{name!r} cannot be the name of a param.", "Use a name that a variable may have."
            )
        checked[name] = _plain(name, value)
    return checked


def environment(env: object) -> dict[str, str]:
    """Return environment variables; a name without a value takes the one of this process.

    Raises
    ------
    TracksideError
        When a variable to take over is not set here.
    """
    if isinstance(env, str) or not isinstance(env, Mapping | Iterable):
        raise TracksideError(
            "env must be a dict or a list of names.", 'Write env={"HF_TOKEN": None} or a list.'
        )
    pairs = env.items() if isinstance(env, Mapping) else ((name, None) for name in env)
    found = {}
    for name, value in pairs:
        if value is None and name not in os.environ:
            raise TracksideError(
                f"The environment variable {name} is not set here.",
                f"Set it first, or give its value: {name}=….",
            )
        found[str(name)] = os.environ[name] if value is None else str(value)
    return found


def seconds(value: object) -> float:
    """Return a duration in seconds: a number, ``"90s"``, ``"30m"``, ``"2h"``, ``"1h30m"``.

    Raises
    ------
    TracksideError
        When it is none of these.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    text = str(value).strip()
    if _DURATION.fullmatch(text):
        total = sum(float(n) * _SECONDS[unit.lower()] for n, unit in _PART.findall(text))
        if total > 0:
            return total
    raise TracksideError(f"{value!r} is not a duration.", "Write seconds, 30m, 2h or 1h30m.")


def memory_bytes(value: object) -> int:
    """Return an amount of memory in bytes: a number, ``"16Gi"``, ``"512M"``.

    Raises
    ------
    TracksideError
        When it is neither.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _MEMORY.fullmatch(str(value))
    if match:
        amount, unit, binary = match.groups()
        total = int(float(amount) * (1024 if binary else 1000) ** _POWERS[unit.lower()])
        if total > 0:
            return total
    raise TracksideError(f"{value!r} is not an amount of memory.", "Write 16Gi or 512Mi.")


def gpus(value: object) -> int | str:
    """Return how many GPUs, or which: a number, ``"A100"``, ``"2 x A100-80GB"``, ``"1g.10gb"``.

    What GPUs are called, the server knows.

    Raises
    ------
    TracksideError
        When it is neither a number nor a name.
    """
    if isinstance(value, str) and any(letter.isalpha() for letter in value):
        return value.strip()
    return count("gpus", value, or_else='or GPUs such as "A100" or "2 x A100"')


def _resources(given: Mapping[str, Any]) -> dict[str, Any]:
    resources: dict[str, Any] = {}
    if "cpus" in given:
        resources["cpus"] = positive("cpus", given["cpus"])
    if "memory" in given:
        resources["memory"] = memory_bytes(given["memory"])
    if "gpus" in given:
        resources["gpus"] = gpus(given["gpus"])
    if "nodes" in given:
        resources["nodes"] = count("nodes", given["nodes"], least=1)
    return resources


def _plain(name: str, value: object) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        raise TracksideError(
            f"The param {name} is {float(value)}, which cannot be sent.",
            f"Give it as text, and turn it into a number in the code: float({name}).",
        )
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "shape", None) == ():
        found = item()  # A NumPy scalar is what a loop over np.logspace gives.
        if type(found) is not type(value):
            return _plain(name, found)
    if isinstance(value, list | tuple):
        return [_plain(name, element) for element in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(name, element) for key, element in value.items()}
    raise TracksideError(
        f"The param {name} is of type {type(value).__name__}, which cannot be sent.",
        "Params are numbers, text, True, False, None, and lists and dicts of them.",
    )


def positive(name: str, value: object) -> float:
    """Return an argument that has to be a number above zero."""
    try:
        number = float(str(value))
    except ValueError:
        number = 0.0
    if number <= 0:
        raise TracksideError(f"{name} must be a number above zero, not {value!r}.")
    return number


def count(name: str, value: object, *, least: int = 0, or_else: str = "") -> int:
    """Return an argument that has to be a whole number, not below the least one."""
    try:
        number = int(str(value))
    except ValueError:
        number = least - 1
    if number < least:
        words = f"a whole number of {'zero' if least == 0 else 'one'} or more"
        words = f"{words}, {or_else}" if or_else else words
        raise TracksideError(f"{name} must be {words}, not {value!r}.")
    return number
