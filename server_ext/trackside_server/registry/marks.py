"""What every change of the registry leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.changes import Change
from trackside_server.tracking.base import now_ms

from .entities import Belongs, Step
from .storage import models
from .storage.promotions import LOG

if TYPE_CHECKING:
    from typing import Literal

    from trackside_server.tracking.base import Write

    from .entities import Mover

_ALONE: Final = Belongs()


def changed(write: Write, model: int, name: str, change: str) -> None:
    """Move a model to the revision of a write, and tell of it after the commit."""
    models.revise(write.connection, model, write.revision)
    write.changes.append(Change("model", name, change, write.revision, {"name": name}))


def note(
    write: Write,
    model: int,
    name: str,
    kind: Literal["alias", "stage"],
    subject: str,
    moved: tuple[str, str],
    mover: Mover,
    belongs: Belongs = _ALONE,
) -> int:
    """Write down a move from the first value to the second; give the number of the line."""
    step = Step(kind, subject, *moved)
    return LOG.append(write.connection, (model, name), step, mover, now_ms(), belongs)
