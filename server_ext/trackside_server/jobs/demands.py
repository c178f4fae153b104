"""Reads the parts of a request that have units or secrets: environment, resources, time limit."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from trackside_server.cluster.gpus import GpuRequest, parse_request
from trackside_server.errors import InvalidInput

from .entities import Resources
from .fields import Fields, finite, shown
from .quantities import parse_duration, parse_size, size_text

MAX_VARIABLES = 1000
# No system takes more than 128 KiB for one.
MAX_VARIABLE_BYTES = 100 * 1024
MAX_ENV_BYTES = 256 * 1024
MAX_GPUS = 1024
MAX_NODES = 1000
MIN_MEMORY = 16 * 1024 * 1024
MAX_TIME = 365 * 86400

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_OURS = ("TRACKSIDE_", "MLFLOW_TRACKING_")
_OURS_EXACT = ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID", "CUDA_VISIBLE_DEVICES")

IsSecret = Callable[[str, str], bool]


def read_environment(fields: Fields, is_secret: IsSecret) -> tuple[dict[str, str], dict[str, str]]:
    """Return the environment variables that may be stored, and those that are secrets."""
    variables = fields.mapping("env")
    if len(variables) > MAX_VARIABLES:
        raise InvalidInput(
            f"env holds {len(variables)} names; {MAX_VARIABLES} is the most.", reason="env"
        )
    total = sum(_variable_bytes(name, value) for name, value in variables.items())
    if total > MAX_ENV_BYTES:
        raise InvalidInput(
            f"env has {total:,} bytes in all; {MAX_ENV_BYTES:,} ({size_text(MAX_ENV_BYTES)}) "
            "is the most.",
            hint="Put large values into a file that travels with the code.",
            reason="env",
        )
    public: dict[str, str] = {}
    secret: dict[str, str] = {}
    # Last: to look for secrets in what is far too large would take seconds.
    for name, value in variables.items():
        (secret if is_secret(name, value) else public)[name] = value
    return public, secret


def _variable_bytes(name: str, value: Any) -> int:
    """Refuse a variable that cannot be; return what it takes in the environment of a process."""
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
    size = len(value.encode("utf-8", "surrogatepass"))
    if size > MAX_VARIABLE_BYTES:
        raise InvalidInput(
            f"env.{name} is larger than {size_text(MAX_VARIABLE_BYTES)}.",
            hint="Put it into a file that travels with the code.",
            reason=f"env.{name}",
        )
    # With the = between them and the NUL at the end.
    return len(name) + size + 2


def read_resources(fields: Fields) -> Resources:
    """Return what the job asks of its machine, or of each of its nodes."""
    inner = Fields(fields.mapping("resources"), "resources.")
    inner.allow_only(("cpus", "memory", "gpus", "gpu", "nodes"))
    gpus = _gpus(inner)
    nodes = inner.count("nodes", 1, MAX_NODES, low=1)
    return Resources(_cpus(inner), _memory(inner), gpus.count, gpus.name, nodes)


def merged_resources(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return resources as a request has them, with some of them changed.

    Parameters
    ----------
    before
        What was asked for, all of it.
    changes
        What shall differ. Another kind of GPU takes the place of the one before, another number
        leaves the kind as it is, and none at all has no kind.
    """
    merged = {**before, **changes}
    gpus, gpu = changes.get("gpus"), changes.get("gpu")
    if "gpus" in changes and "gpu" not in changes:
        names_one = isinstance(gpus, str) and not gpus.strip().isdecimal()
        if names_one or gpus in (0, "0", None):
            del merged["gpu"]
    elif gpu is not None and gpus is None and before["gpus"] == 0:
        del merged["gpus"]
    return merged


def _gpus(fields: Fields) -> GpuRequest:
    """Return how many GPUs, and which: the text of ``gpus`` may say both, ``gpu`` says the kind."""
    gpus, gpu = fields.get("gpus"), fields.text("gpu")
    if isinstance(gpus, str) and gpus.strip() and not gpus.strip().isdecimal():
        asked = _parsed(gpus, "gpus")
    else:
        default = 1 if gpu else 0
        asked = GpuRequest(default if gpus == "" else fields.count("gpus", default, MAX_GPUS))
    if gpu is None:
        return asked
    named = _parsed(gpu, "gpu")
    if named.name is None or named.count != 1:
        raise fields.wrong("gpu", "the name of a GPU", "Write how many in gpus.")
    if asked.count == 0 or asked.name not in (None, named.name):
        raise InvalidInput(
            f"resources.gpus says {shown(gpus)}, and resources.gpu {shown(gpu)}.",
            hint="Leave one of them out.",
            reason="resources.gpu",
        )
    return GpuRequest(asked.count, named.name)


def _parsed(text: str, name: str) -> GpuRequest:
    try:
        return parse_request(text)
    except InvalidInput as error:
        reason = f"resources.{name}"
        raise InvalidInput(error.message, hint=error.hint, reason=reason) from None


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
