"""A run as it is stored, with all that the engine needs to go on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from .storage import runs, tasks

if TYPE_CHECKING:
    import sqlite3

    from .entities import PipelineRun
    from .machine.state import Run
    from .wishes import Wish


class Loaded(Struct, frozen=True):
    """A run of the store.

    Parameters
    ----------
    number
        Its number there.
    record
        What was asked for, and where it is.
    machine
        What the machine knows of it.
    wish
        What somebody wishes of it.
    """

    number: int
    record: PipelineRun
    machine: Run
    wish: Wish | None


def load(connection: sqlite3.Connection, run_id: str) -> Loaded | None:
    """Read a run with all its nodes."""
    key = runs.find(connection, run_id)
    if key is None:
        return None
    nodes = [task.node for task in tasks.of_run(connection, key.number)]
    machine = runs.machine(connection, key.number, nodes)
    return Loaded(key.number, key.run, machine, runs.wished(connection, key.number))
