"""The GPUs of this machine, found by NVML; no driver means no GPUs, quietly."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from trackside_server.jobs.entities import Gpu

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# A driver may be loaded later, but asking for it is not free.
_ASK_AGAIN = 60.0
# What there is where a driver is: on servers and desktops, in WSL, on boards.
_DEVICE_FILES = ("/dev/nvidiactl", "/dev/dxg", "/dev/nvhost-ctrl")
# NVML answers in milliseconds, and several views ask at once.
_FRESH = 1.0


class Inventory(Protocol):
    """Knows which GPUs there are."""

    def devices(self) -> tuple[Gpu, ...]:
        """Return the GPUs that this server may hand out, the ones to hand out first in front."""


class NvmlInventory:
    """The GPUs that NVIDIA's driver reports, within what the server itself may use.

    Parameters
    ----------
    visible
        The server's own ``CUDA_VISIBLE_DEVICES``: its jobs get no others.
    """

    def __init__(self, visible: str | None = None) -> None:
        self._visible = visible
        self._lock = threading.Lock()
        self._until = 0.0
        self._open = False
        self._found: tuple[Gpu, ...] = ()

    @classmethod
    def of_this_process(cls) -> NvmlInventory:
        """Return the inventory within the ``CUDA_VISIBLE_DEVICES`` of this process."""
        return cls(os.environ.get("CUDA_VISIBLE_DEVICES"))

    def devices(self) -> tuple[Gpu, ...]:
        """Return the GPUs, those that nobody uses first."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = tuple(self._ask())
                self._until = time.monotonic() + (_FRESH if self._found else _ASK_AGAIN)
            return self._found

    def _ask(self) -> Sequence[Gpu]:
        if sys.platform.startswith("linux") and not any(map(os.path.exists, _DEVICE_FILES)):
            # No driver: the binding need not even be loaded.
            return []
        import pynvml

        try:
            if not self._open:
                pynvml.nvmlInit()
                self._open = True
            found = visible_of(list(_devices(pynvml)), self._visible)
        except pynvml.NVMLError:
            # Also when the driver was replaced under a server that runs for months.
            self._close(pynvml)
            return []
        return sorted(found, key=lambda gpu: (bool(gpu.in_use_by), gpu.index))

    def _close(self, nvml: Any) -> None:
        if self._open:
            self._open = False
            with contextlib.suppress(nvml.NVMLError):
                nvml.nvmlShutdown()


def visible_of(gpus: Sequence[Gpu], visible: str | None) -> list[Gpu]:
    """Narrow GPUs down to those that ``CUDA_VISIBLE_DEVICES`` names, as CUDA reads it."""
    if visible is None:
        return list(gpus)
    chosen: list[Gpu] = []
    for word in (part.strip() for part in visible.split(",")):
        match = [
            gpu
            for gpu in gpus
            if (word.isdigit() and gpu.index == int(word) and not gpu.uuid.startswith("MIG-"))
            or (word.startswith(("GPU-", "MIG-")) and gpu.uuid.startswith(word))
        ]
        # CUDA stops at the first entry that names nothing.
        if not match or match[0] in chosen:
            break
        chosen.append(match[0])
    return chosen


def cuda_variables(gpus: Sequence[Gpu], *, machine_has_some: bool) -> dict[str, str]:
    """Return the variables that show a job its own GPUs and no others."""
    if not gpus:
        # Said even then: a program that just looks must not find the GPUs of others.
        return {"CUDA_VISIBLE_DEVICES": ""} if machine_has_some else {}
    parts = any(gpu.uuid.startswith("MIG-") for gpu in gpus)
    # Numbers where they are exact, because some libraries read nothing else.
    names = [gpu.uuid if parts else str(gpu.index) for gpu in gpus]
    return {"CUDA_VISIBLE_DEVICES": ",".join(names), "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}


def _devices(nvml: Any) -> Iterator[Gpu]:
    for index in range(nvml.nvmlDeviceGetCount()):
        handle = _ask_or(nvml, None, nvml.nvmlDeviceGetHandleByIndex, index)
        if handle is None:
            # One broken card does not hide the others.
            continue
        for part in list(_parts(nvml, handle)) or [handle]:
            memory = _ask_or(nvml, None, nvml.nvmlDeviceGetMemoryInfo, part)
            yield Gpu(
                index=index,
                uuid=_text(nvml.nvmlDeviceGetUUID(part)),
                name=_text(_ask_or(nvml, "GPU", nvml.nvmlDeviceGetName, part)),
                memory=int(memory.total) if memory is not None else 0,
                in_use_by=_users(nvml, part),
            )


def _parts(nvml: Any, handle: Any) -> Iterator[Any]:
    """Return the instances that a card is cut into (MIG): they are what CUDA hands out then."""
    if _ask_or(nvml, (0, 0), nvml.nvmlDeviceGetMigMode, handle)[0]:
        for number in range(_ask_or(nvml, 0, nvml.nvmlDeviceGetMaxMigDeviceCount, handle)):
            part = _ask_or(nvml, None, nvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, number)
            if part is not None:
                yield part


def _users(nvml: Any, handle: Any) -> tuple[int, ...]:
    running = _ask_or(nvml, [], nvml.nvmlDeviceGetComputeRunningProcesses, handle)
    return tuple(sorted({int(process.pid) for process in running}))


def _ask_or(nvml: Any, default: Any, question: Callable[..., Any], *about: Any) -> Any:
    """Answer with the default where a card or driver does not support a question."""
    try:
        return question(*about)
    except nvml.NVMLError:
        return default


def _text(value: str | bytes) -> str:
    # Older bindings answer with bytes.
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
