"""The life of one pipeline run: events in, stored steps, and what became owed by them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from .assignment import Assignment, place_of, run_of
from .executor.inputs import words_of_run
from .happening import Happening
from .machine.actions import Launch, Wait
from .machine.events import Begin, Due, Retry, Terminate
from .machine.owing import owed
from .machine.state import ENDED
from .machine.stepping import Step, step
from .storage import artifacts, runs, tasks

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from pathlib import Path

    from .entities import PipelineRun
    from .ir.model import Pipeline
    from .ledger import Entry, Ledger
    from .loading import Loaded
    from .machine.actions import Action
    from .machine.events import Event
    from .machine.state import Node, Run
    from .tasks import Tasks
    from .tracking import Parents

T = TypeVar("T")

# After a disk that was full or the like.
_TRY_AGAIN: Final = 5.0


@dataclass(frozen=True, slots=True)
class Means:
    """What runners work with.

    Parameters
    ----------
    ledger, tasks, parents, log
        Collaborators.
    readable
        Folders whose files tasks may be given.
    """

    ledger: Ledger
    tasks: Tasks
    parents: Parents
    log: logging.Logger
    readable: tuple[Path, ...] = ()


class Runner:
    """One run that is not over.

    Parameters
    ----------
    means
        Collaborators.
    loaded
        The run as it is stored.
    pipeline
        What is run.
    """

    def __init__(self, means: Means, loaded: Loaded, pipeline: Pipeline) -> None:
        self.number = loaded.number
        self.record: PipelineRun = loaded.record
        self.run: Run = loaded.machine
        self.pipeline = pipeline
        self._means = means
        self._queue: list[Happening] = []
        self._wake = asyncio.Event()
        self._doing: dict[Action, asyncio.Task[None]] = {}
        self._heeding: asyncio.Future[None] | None = None

    async def live(self) -> None:
        """Go on from where the run is to its end."""
        try:
            await self._go_on()
        finally:
            for task in list(self._doing.values()):
                task.cancel()
            await asyncio.gather(*self._doing.values(), return_exceptions=True)
            if self._heeding is not None and not self._heeding.done():
                self._heeding.cancel()

    async def heed(self) -> None:
        """Do what is wished of the run; return once that is stored."""
        await self._take_wish()
        if self._heeding is not None:
            await asyncio.wait([self._heeding])

    async def _take_wish(self) -> None:
        wish = await self._means.ledger.read(lambda c: runs.wished(c, self.number))
        # Taken in once: whoever asks for the end twice means more than the one who asks once.
        if wish is not None and self._heeding is None:
            self._heeding = asyncio.get_running_loop().create_future()
            event = (Terminate if wish == "terminate" else Retry)(time.time())
            self._post(Happening(event))

    async def _go_on(self) -> None:
        if self.record.folder is None:
            await self._patiently(self._settle_place)
        if not self.run.nodes:
            place = place_of(self.record, self.pipeline)
            if place.workspace is not None:
                await asyncio.to_thread(place.workspace.mkdir, mode=0o700, exist_ok=True)
            told = run_of(self.record, self.pipeline)
            self.run = replace(self.run, words=words_of_run(told, place))
            self._post(Happening(Begin(time.time())))
        self._act(owed(self.run))
        # It may be why a run that is over was opened.
        await self._patiently(self._take_wish)
        while self._queue or self.run.state not in ENDED:
            await self._wake.wait()
            self._wake.clear()
            happenings, self._queue = self._queue, []
            if happenings:
                await self._apply(happenings)

    async def _settle_place(self) -> None:
        self.record = await self._means.parents.begin(self.number, self.record, self.run.arguments)

    async def _apply(self, happenings: Sequence[Happening]) -> None:
        """Store what follows from events in one transaction, then do what became owed."""
        at = time.time()
        # A loop of a thousand items begins in one step, which takes longer than a turn may.
        taken = await asyncio.to_thread(self._follow, [one.event for one in happenings])
        run = taken.run
        wishes = [h for h in happenings if isinstance(h.event, Terminate | Retry)]
        if run.state in ENDED and self.run.state not in ENDED:
            await self._means.parents.conclude(self.record, run)

        def work(entry: Entry) -> PipelineRun:
            connection = entry.connection
            tasks.remove(connection, self.number, taken.removed)
            tasks.store(connection, self.number, run.run_id, taken.changed)
            for happening in happenings:
                artifacts.store(connection, self.number, happening.made)
                if happening.also is not None:
                    happening.also(connection)
            moved = entry.move(self.number, self.record, run, at)
            if wishes:
                runs.wish(connection, self.number, None, moved.revision)
            self._means.parents.follow(entry, self.record, moved)
            return moved

        self.record = await self._patiently(lambda: self._means.ledger.write(work))
        self.run = run
        if wishes and self._heeding is not None:
            heeded, self._heeding = self._heeding, None
            heeded.set_result(None)
        self._act(taken.actions)

    def _follow(self, events: Sequence[Event]) -> Step:
        """Take several steps as one."""
        run = self.run
        changed: dict[str, Node] = {}
        removed: set[str] = set()
        for event in events:
            taken = step(self.pipeline, run, event)
            run = taken.run
            removed |= taken.removed
            changed.update((node.path, node) for node in taken.changed)
        gone = removed - run.nodes.keys()
        kept = tuple(node for path, node in changed.items() if path not in gone)
        return Step(run, kept, frozenset(gone))

    def _post(self, happening: Happening) -> None:
        self._queue.append(happening)
        self._wake.set()

    def _act(self, actions: Iterable[Action]) -> None:
        for action in sorted(actions, key=self._order):
            if action in self._doing:
                continue
            task = asyncio.create_task(self._do(action))
            self._doing[action] = task
            task.add_done_callback(partial(self._done, action))

    def _done(self, action: Action, _: asyncio.Task[None]) -> None:
        self._doing.pop(action, None)

    def _order(self, action: Action) -> tuple[float, str]:
        # As they stand in the pipeline: it is the order in which they wait for a place to run.
        return (self.run.nodes[action.path].created, action.path)

    async def _do(self, action: Action) -> None:
        if isinstance(action, Wait):
            self._post(await _wait(action))
            return
        carry_out = (
            self._means.tasks.launch if isinstance(action, Launch) else self._means.tasks.cancel
        )
        assignment = Assignment(
            self.record,
            self.run,
            self.pipeline,
            self.run.nodes[action.path],
            self._means.readable,
        )
        happening = await self._patiently(lambda: carry_out(assignment))
        if happening is not None:
            self._post(happening)

    async def _patiently(self, work: Callable[[], Coroutine[None, None, T]]) -> T:
        """Do a work, again and again when the store or a disk refuses it."""
        while True:
            try:
                return await work()
            except Exception:  # noqa: PERF203 - each round takes seconds anyway
                self._means.log.exception(
                    "The pipeline run %s cannot go on for a moment", self.record.run_id
                )
                await asyncio.sleep(_TRY_AGAIN)


async def _wait(action: Wait) -> Happening:
    # The clock may have been set meanwhile, and an event that comes early changes nothing.
    while (left := action.until - time.time()) > 0:  # noqa: ASYNC110 - nothing else wakes it
        await asyncio.sleep(left)
    return Happening(Due(time.time(), action.path, action.attempt))
