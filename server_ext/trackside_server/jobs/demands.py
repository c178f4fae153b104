"""Reads the parts of a request that have units or secrets: environment, resources, time limit."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from trackside_server.errors import InvalidInput

from .entities import Resources
from .fields import Fields, finite, shown
from .quantities import parse_duration, parse_size, size_text

MAX_ENV_BYTES = 100 * 1024
MAX_GPUS = 1024
MIN_MEMORY = 16 * 1024 * 1024
MAX_TIME = 365 * 86400

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_OURS = ("TRACKSIDE_", "MLFLOW_TRACKING_")
_OURS_EXACT = ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "CUDA_VISIBLE_DEVICES")

IsSecret = Callable[[str, str], bool]


def read_environment(fields: Fields, is_secret: IsSecret) -> tuple[dict[str, str], dict[str, str]]:
    """Return the environment variables that may be stored, and those that are secrets."""
    public: dict[str, str] = {}
    secret: dict[str, str] = {}
    for name, value in fields.mapping("env").items():
        if not _ENV_NAME.fullmatch(name):
            raise InvalidInput(
                f"env has the name {shown(name)}, which no environment variable can have.",
                hint="Use letters, digits and _, and begin with a letter.",
                reason="env",
            )
        if name.startswith(_OURS) or name in _OURS_EXACT:
            raise InvalidInput(
                f"env.{name} is set by Trackside for each job.",
                hint="Use gpus to ask for GPUs." if name.startswith("CUDA") else "Leave it out.",
                reason=f"env.{name}",
            )
        if not isinstance(value, str) or "\0" in value:
            # The value may be a secret, so it is not shown.
            raise InvalidInput(
                f"env.{name} has to be a text.", hint='Write "1" for 1.', reason=f"env.{name}"
            )
        if len(value.encode("utf-8", "surrogateescape")) > MAX_ENV_BYTES:
            raise InvalidInput(
                f"env.{name} is larger than {size_text(MAX_ENV_BYTES)}.",
                hint="Put it into a file that travels with the code.",
                reason=f"env.{name}",
            )
        (secret if is_secret(name, value) else public)[name] = value
    return public, secret


def read_resources(fields: Fields) -> Resources:
    """Return what the job asks of its machine."""
    inner = Fields(fields.mapping("resources"), "resources.")
    inner.allow_only(("cpus", "memory", "gpus"))
    return Resources(_cpus(inner), _memory(inner), inner.count("gpus", 0, MAX_GPUS))


def _cpus(fields: Fields) -> float | None:
    value = fields.get("cpus")
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise fields.wrong("cpus", "a number above 0") from None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise fields.wrong("cpus", "a number above 0")
    if not math.isfinite(value) or not 0 < value <= 10_000:
        raise fields.wrong("cpus", "a number above 0")
    return float(value)


def _memory(fields: Fields) -> int | None:
    value = fields.get("memory")
    if value is None or value == "":
        return None
    must, hint = "a size", "Write 16Gi for 16 GiB or 500Mi for 500 MiB."
    if isinstance(value, str):
        try:
            size = parse_size(value)
        except ValueError:
            raise fields.wrong("memory", must, hint) from None
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or not finite(value):
        raise fields.wrong("memory", must, hint)
    else:
        size = round(value)
    if size < MIN_MEMORY:
        raise fields.wrong("memory", f"at least {size_text(MIN_MEMORY)}", hint)
    if size > 2**53:
        raise fields.wrong("memory", must, hint)
    return size


def read_time_limit(fields: Fields) -> float | None:
    """Return the seconds after which the job is stopped."""
    value = fields.get("time_limit")
    if value is None or value == "":
        return None
    must, hint = "a duration above 0", "Write 2h, 90m, 1h30m or a number of seconds."
    if isinstance(value, str):
        try:
            value = parse_duration(value)
        except ValueError:
            raise fields.wrong("time_limit", must, hint) from None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not finite(value):
        raise fields.wrong("time_limit", must, hint)
    if not 0 < value <= MAX_TIME:
        raise fields.wrong("time_limit", "above 0 and at most a year", hint)
    return float(value)
