"""Outputs of equal tasks are taken again.

Equal are tasks of pipelines of one name that run the same command in the same way with the same
values and with artifacts of the same *content*. Outputs are not copied: an entry names the files
that its task made, and one whose files are gone is no hit.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from trackside_server.jobs.quantities import size_text
from trackside_server.structs import asdict, replace

from .executor.artifacts import artifact_id
from .executor.digests import Reader, StoppedError, TooMuchError
from .executor.inputs import resolved_inputs
from .executor.places import is_there, to_path
from .executor.prelude import recognise
from .executor.reasons import ContractError
from .ir.model import Container
from .machine.state import Values
from .storage import cache
from .storage.cache import Entry

if TYPE_CHECKING:
    import logging
    import sqlite3
    from collections.abc import Iterable
    from concurrent.futures import Executor

    from .assignment import Assignment
    from .executor.context import TaskContext
    from .executor.digests import Digests
    from .ledger import Ledger
    from .machine.state import Artifact

_DAY: Final = 86400.0
_PRUNE_EVERY: Final = 3600.0


class Limits(Struct, frozen=True):
    """How much is remembered.

    Parameters
    ----------
    days
        For how long; 0 sets no limit.
    entries
        Of how many tasks; 0 remembers nothing.
    artifact
        How many bytes an artifact that goes into a task may have; 0 sets no limit.
    """

    days: float = 0.0
    entries: int = 10_000
    artifact: int = 0

    @property
    def oldest(self) -> float:
        """The moment before which nothing counts."""
        return time.time() - self.days * _DAY if self.days else 0.0


class Uncached(Struct, frozen=True):
    """A sentence that says why a task is neither taken from the cache nor put there."""

    why: str


class _LargeError(Exception):
    pass


class Cache:
    """What earlier tasks gave.

    Parameters
    ----------
    ledger, digests, log
        Collaborators.
    readers
        Threads that read artifacts.
    limits
        How much is remembered.
    """

    def __init__(
        self,
        ledger: Ledger,
        digests: Digests,
        log: logging.Logger,
        readers: Executor,
        limits: Limits,
    ) -> None:
        self._ledger = ledger
        self._digests = digests
        self._log = log
        self._readers = readers
        self._limits = limits
        self._pruned = 0.0

    def holds(self, assignment: Assignment) -> bool:
        """Say whether outputs of a task may be taken again at all."""
        task, _ = assignment.spot
        may_be = task is not None and task.cached and assignment.record.cached is not False
        return may_be and self._limits.entries > 0

    async def key_of(
        self, assignment: Assignment, stop: asyncio.Event, *, on_cluster: bool
    ) -> str | Uncached | None:
        """Give the key of all that goes into a task, or say why there is none.

        Parameters
        ----------
        assignment
            The task.
        stop
            Ends the reading of artifacts when it is set; there is no key then.
        on_cluster
            Whether it would be carried out there.
        """
        given_up = False
        reader = Reader(lambda: given_up or stop.is_set(), self._limits.artifact)
        work = partial(self._key, assignment, reader, on_cluster=on_cluster)
        try:
            # What reads for minutes has threads of its own.
            return await asyncio.get_running_loop().run_in_executor(self._readers, work)
        except StoppedError:
            return None
        except _LargeError as error:
            return Uncached(str(error))
        except (OSError, ContractError) as error:
            self._log.warning("The task %s is not cached: %s", assignment.node.path, error)
            return None
        finally:
            given_up = True

    async def find(self, key: str, assignment: Assignment) -> tuple[Values, str] | None:
        """Give the outputs that a task would make, under new ids, and the task that made them."""
        entry = await self._ledger.read(lambda c: cache.get(c, key, self._limits.oldest))
        if entry is None:
            return None
        if not await asyncio.to_thread(_are_there, entry.present):
            await self._ledger.write(lambda written: cache.drop(written.connection, entry))
            return None
        return _again(entry.outputs, assignment.context), entry.task_id

    async def entry_of(self, key: str, assignment: Assignment, outputs: Values) -> Entry:
        """Make the entry of a task that succeeded."""
        present = await asyncio.to_thread(_present, outputs)
        run_id = assignment.record.run_id
        return Entry(key, run_id, assignment.task_id, outputs, present, time.time())

    def remember(self, connection: sqlite3.Connection, entry: Entry) -> None:
        """Store an entry, inside a transaction."""
        cache.put(connection, entry)
        if entry.created - self._pruned > _PRUNE_EVERY:
            self._pruned = entry.created
            cache.prune(connection, self._limits.oldest, self._limits.entries)

    def _key(self, assignment: Assignment, reader: Reader, *, on_cluster: bool) -> str:
        context = assignment.context
        component, executor = context.component, context.executor
        assert isinstance(executor, Container)
        if context.task.cache_key:
            return _hash([assignment.pipeline.name, component.name, context.task.cache_key])
        given = resolved_inputs(context)
        return _hash(
            [
                assignment.pipeline.name,
                asdict(executor),
                _settings(assignment),
                None if on_cluster else _interpreter(assignment),
                dict(given.parameters),
                {
                    name: [self._content(name, artifact, reader) for artifact in some]
                    for name, some in given.artifacts.items()
                },
                {name: asdict(one) for name, one in component.output_parameters.items()},
                {name: asdict(one) for name, one in component.output_artifacts.items()},
            ]
        )

    def _content(self, name: str, artifact: Artifact, reader: Reader) -> list[Any]:
        kind = artifact.type
        try:
            digest = self._digests.of(artifact.uri, reader)
        except TooMuchError as error:
            raise _LargeError(
                f"Not cached: its input {name} has {size_text(error.size)}, and at most "
                f"{size_text(reader.most)} are read for the cache."
            ) from None
        return [
            kind.title,
            kind.version,
            dict(artifact.metadata),
            digest,
        ]


def _settings(assignment: Assignment) -> dict[str, Any] | None:
    """Give what a cluster sets up for the task, by the names that it gets in this run."""
    _, component = assignment.spot
    if component.executor not in assignment.pipeline.kubernetes:
        return None
    return asdict(assignment.settings)


def _interpreter(assignment: Assignment) -> str | None:
    """Return what runs a function here; a container has all that it needs."""
    executor = assignment.context.executor
    is_function = isinstance(executor, Container) and recognise(executor) is not None
    return assignment.record.python if is_function else None


def _hash(parts: list[Any]) -> str:
    # 1, 1.0, "1" and true are four different things here, as they are to a component.
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _present(outputs: Values) -> list[str]:
    """List the content that there is: metrics and the like have none."""
    made = [one.uri for some in outputs.artifacts.values() for one in some]
    # As URIs: the name of a file need not be text, and the store takes nothing else.
    return [uri for uri in made if (path := to_path(uri)) is not None and is_there(path)]


def _are_there(present: Iterable[str]) -> bool:
    paths = [to_path(one) for one in present]
    return all(path is not None and is_there(path) for path in paths)


def _again(outputs: Values, context: TaskContext) -> Values:
    return Values(
        outputs.parameters,
        {
            name: tuple(
                replace(artifact, artifact_id=artifact_id(context, name, index))
                for index, artifact in enumerate(some)
            )
            for name, some in outputs.artifacts.items()
        },
    )
