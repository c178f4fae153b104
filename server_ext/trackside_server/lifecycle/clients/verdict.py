"""Whether the client of a run is gone, and why in one plain sentence."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from .kernels import KernelSource
    from .record import Client

Status = Literal["FAILED", "KILLED"]


class Verdict(Struct, frozen=True):
    """How a run is closed.

    Attributes
    ----------
    status
        MLflow's word: KILLED when somebody ended its client on purpose, FAILED otherwise.
    code
        A stable code.
    message
        The sentence.
    """

    status: Status
    code: str
    message: str


_OF_KERNELS = {
    "died": Verdict("FAILED", "KERNEL_DIED", "The kernel that logged this run died."),
    "restarted": Verdict(
        "KILLED", "KERNEL_RESTARTED", "The kernel that logged this run was restarted."
    ),
    "gone": Verdict("KILLED", "KERNEL_SHUT_DOWN", "The kernel that logged this run was shut down."),
    # Nobody saw it end: the Jupyter server was away, or another program had started the kernel.
    "unknown": Verdict("KILLED", "KERNEL_GONE", "The kernel that logged this run is gone."),
}
_PROCESS = Verdict(
    "FAILED", "PROCESS_GONE", "The process that logged this run is gone and did not end it."
)
_MACHINE = Verdict(
    "FAILED", "MACHINE_RESTARTED", "The machine or container that logged this run was restarted."
)


def silent(hours: float) -> Verdict:
    """Say that nothing was heard of a run's client."""
    days, plain = hours / 24, f"{hours:g} hours"
    span = f"{days:g} days" if days >= 2 and days == int(days) else plain
    return Verdict(
        "FAILED", "SILENT", f"Nothing was heard for {span} of the client that logged this run."
    )


def judge(
    client: Client, kernels: KernelSource, *, lives: bool, last_sign: float, up_since: float
) -> Verdict | None:
    """Tell how a run has to be closed; None when its client lives, or may.

    Parameters
    ----------
    client
        Who logs it.
    kernels
        What Jupyter knows.
    lives
        Whether its process is there, if it is one that this server can see.
    last_sign
        When something was heard of the run last, in seconds since 1970.
    up_since
        Since when this machine, or this container, is up.
    """
    if client.is_here:
        if lives:
            return None
        if client.kernel_id is None:
            return _PROCESS
        return _OF_KERNELS[kernels.fate(client.kernel_id, client.pid, gone=True)]
    if client.host == platform.node() and last_sign < up_since:
        return _MACHINE
    if client.kernel_id is None:
        return None
    # A kernel of this server may run on another machine.
    fate = kernels.fate(client.kernel_id, client.pid, gone=False)
    return _OF_KERNELS[fate] if fate in ("gone", "died") else None
