"""What a component asks of its machine, as jobs ask for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from trackside_server.jobs.entities import Resources
from trackside_server.jobs.quantities import parse_size
from trackside_server.jobs.runners.local import machine

from . import inputs
from .reasons import ContractError

if TYPE_CHECKING:
    from trackside_server.pipelines.ir.model import Demand

    from .context import TaskContext
    from .placeholders import Scope

_MILLI: Final = 1000
_GPU: Final = "nvidia.com/gpu"


def read(demand: Demand, scope: Scope) -> Resources:
    """Return what the job of a task asks for.

    What a pipeline asks of a cluster's nodes must not keep it from a smaller machine: processors
    and memory are asked for as far as they are here. Accelerators cannot be replaced.

    Raises
    ------
    ContractError
        An amount is none.
    """
    cpus = scope.text(demand.cpu_limit or demand.cpu_request)
    memory = scope.text(demand.memory_limit)
    count = scope.text(demand.accelerators)
    return Resources(
        cpus=min(_cpus(cpus), machine.cpus()) if cpus else None,
        memory=min(_memory(memory), machine.memory()) if memory else None,
        gpus=_count(count) if count else 1 if demand.accelerator else 0,
    )


def in_pod(demand: Demand, scope: Scope) -> tuple[Resources, dict[str, str], dict[str, str]]:
    """Return what the job of a task on the cluster asks for, and requests and limits as written.

    Raises
    ------
    ContractError
        An amount is none.
    """
    cpu, memory = scope.text(demand.cpu_limit), scope.text(demand.memory_limit)
    count = scope.text(demand.accelerators)
    gpus = _count(count) if count else 1 if demand.accelerator else 0
    resources = Resources(
        cpus=_cpus(cpu) if cpu else None, memory=_memory(memory) if memory else None, gpus=gpus
    )
    requests = {"cpu": scope.text(demand.cpu_request), "memory": scope.text(demand.memory_request)}
    limits = {"cpu": cpu, "memory": memory}
    if gpus:
        limits[scope.text(demand.accelerator) or _GPU] = str(gpus)
    return resources, _said(requests), _said(limits)


def gpus(demand: Demand) -> int | None:
    """Return how many accelerators are asked for, None where only the run itself will say it."""
    if not demand.accelerators:
        return 1 if demand.accelerator else 0
    try:
        return _count(demand.accelerators)
    except ContractError:
        return None


def wants_gpus(demand: Demand, context: TaskContext) -> bool:
    """Say whether the job of an attempt asks for accelerators; one that is none asks for none."""
    known = gpus(demand)
    if known is None:
        try:
            filled = inputs.with_defaults(context, inputs.resolved_inputs(context))
            known = read(demand, inputs.scope_of(context, inputs.build(context, filled))).gpus
        except ContractError:
            return False
    return known > 0


def _said(amounts: dict[str, str]) -> dict[str, str]:
    return {name: amount for name, amount in amounts.items() if amount}


def _cpus(text: str) -> float:
    milli = text.strip().endswith("m")
    try:
        amount = float(text.strip().removesuffix("m")) / (_MILLI if milli else 1)
    except ValueError:
        raise _wrong(text, "processors") from None
    if not math.isfinite(amount) or amount <= 0:
        raise _wrong(text, "processors")
    return amount


def _memory(text: str) -> int:
    try:
        amount = parse_size(text)
    except ValueError:
        raise _wrong(text, "memory") from None
    if amount <= 0:
        raise _wrong(text, "memory")
    return amount


def _count(text: str) -> int:
    try:
        count = float(text)
    except ValueError:
        raise _wrong(text, "accelerators") from None
    if not 0 <= count <= 1024 or not count.is_integer():
        raise _wrong(text, "accelerators")
    return int(count)


def _wrong(text: str, what: str) -> ContractError:
    return ContractError("BAD_RESOURCES", f"{text[:80]!r} is no amount of {what}.")
