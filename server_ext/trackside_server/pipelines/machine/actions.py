"""What the engine has to do. An action that is done twice is done once: it names its attempt."""

from __future__ import annotations

from msgspec import Struct


class Launch(Struct, frozen=True):
    """Start this attempt of a task (or take its outputs from the cache), and tell how it ends."""

    path: str
    attempt: int


class Cancel(Struct, frozen=True):
    """Stop this attempt of a task at once, and tell when it has ended."""

    path: str
    attempt: int


class Wait(Struct, frozen=True):
    """Tell the machine when this moment has come: the next attempt is due."""

    path: str
    attempt: int
    until: float


Action = Launch | Cancel | Wait
