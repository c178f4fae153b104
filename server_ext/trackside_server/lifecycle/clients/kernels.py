"""What the Jupyter server knows about its kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

Fate = Literal["restarted", "died", "gone", "unknown"]


class KernelSource(Protocol):
    """Tells what became of kernels."""

    def find(self, pid: int) -> str | None:
        """Give the kernel that a process is."""

    def watch(self, kernel_id: str) -> None:
        """Learn from now on when this kernel dies."""

    def fate(self, kernel_id: str, pid: int, *, gone: bool) -> Fate:
        """Tell what became of a kernel whose process is gone, or cannot be seen."""


class Kernels:
    """The kernels of this Jupyter server. Used on its event loop.

    Parameters
    ----------
    manager
        Gives Jupyter's kernel manager.
    """

    def __init__(self, manager: Callable[[], Any]) -> None:
        self._manager = manager
        # The process that each kernel is, and those that died.
        self._watched: dict[str, int | None] = {}
        self._died: set[tuple[str, int | None]] = set()

    def find(self, pid: int) -> str | None:
        """Give the kernel that a process is."""
        for kernel_id in self._manager().list_kernel_ids():
            if self._pid(kernel_id) == pid:
                return str(kernel_id)
        return None

    def watch(self, kernel_id: str) -> None:
        """Learn from now on when this kernel dies: Jupyter starts it again, which hides its end."""
        manager = self._manager()
        if kernel_id not in manager:
            return
        known = kernel_id in self._watched
        self._watched[kernel_id] = self._pid(kernel_id)
        if not known:
            for event in ("restart", "dead"):
                manager.add_restart_callback(kernel_id, lambda: self._note(kernel_id), event)

    def fate(self, kernel_id: str, pid: int, *, gone: bool) -> Fate:
        """Tell what became of a kernel.

        Parameters
        ----------
        kernel_id, pid
            The kernel, and the process that it was.
        gone
            Whether that process is gone; else it cannot be seen from here.
        """
        if (kernel_id, pid) in self._died or (gone and self._died_unnoticed(kernel_id, pid)):
            return "died"
        if kernel_id in self._manager():
            return "restarted"
        return "gone" if kernel_id in self._watched else "unknown"

    def _died_unnoticed(self, kernel_id: str, pid: int) -> bool:
        """Whether Jupyter, which looks every few seconds, still takes a gone process for alive."""
        if kernel_id not in self._manager() or self._pid(kernel_id) != pid:
            return False
        kernel = self._manager().get_kernel(kernel_id)
        # One that was ended on purpose has no process any more, until it is started again.
        has_process = getattr(getattr(kernel, "provisioner", None), "has_process", True)
        return has_process and not getattr(kernel, "shutting_down", False)

    def _note(self, kernel_id: str) -> None:
        self._died.add((kernel_id, self._watched.get(kernel_id)))

    def _pid(self, kernel_id: str) -> int | None:
        kernel = self._manager().get_kernel(kernel_id)
        pid = getattr(getattr(kernel, "provisioner", None), "pid", None)
        return pid if isinstance(pid, int) else None
