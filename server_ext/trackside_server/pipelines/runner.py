"""The life of one pipeline run: events in, stored steps, and what became owed by them."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from trackside_server.structs import replace

from . import wishes
from .assignment import Assignment, place_of, run_of
from .executor.inputs import words_of_run
from .happening import Happening
from .machine.actions import Cancel, Launch, Wait
from .machine.events import Begin, Canceled, Due, Failed, Succeeded, Terminate
from .machine.owing import owed
from .machine.paths import in_order
from .machine.reasons import internal
from .machine.state import ENDED
from .machine.stepping import Step, step
from .patience import patiently
from .storage import artifacts, runs, tasks

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from pathlib import Path

    from .bell import Bell
    from .entities import PipelineRun
    from .ir.model import Pipeline
    from .ledger import Entry, Ledger
    from .loading import Loaded
    from .machine.actions import Action
    from .machine.events import Event
    from .machine.state import Node, Run
    from .tasks import Tasks
    from .tracking import Parents
    from .wishes import Wish

T = TypeVar("T")


class Tools(Struct, frozen=True):
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
    """One run that is not over, or of which something is wished.

    Parameters
    ----------
    tools
        Collaborators.
    loaded
        The run as it is stored.
    pipeline
        What is run.
    bell
        Rung when something is wished of the run.
    """

    def __init__(self, tools: Tools, loaded: Loaded, pipeline: Pipeline, bell: Bell) -> None:
        self.number = loaded.number
        self.record: PipelineRun = loaded.record
        self.run: Run = loaded.machine
        self.pipeline = pipeline
        self._tools = tools
        self._wish = loaded.wish
        self._bell = bell
        self._queue: list[Happening] = []
        self._doing: dict[Action, asyncio.Task[None]] = {}
        self._broken: BaseException | None = None

    async def live(self) -> None:
        """Go on from where the run is to its end.

        Raises
        ------
        GoneError
            The run was deleted.
        """
        try:
            await self._go_on()
        finally:
            for task in list(self._doing.values()):
                task.cancel()
            await asyncio.gather(*self._doing.values(), return_exceptions=True)

    async def stop_unstored(self, event: Terminate) -> None:
        """Let the run be terminated, and stop the attempts before that is stored."""
        self._post(Happening(event))
        taken = await asyncio.to_thread(step, self.pipeline, self.run, event)
        self._act(action for action in taken.actions if isinstance(action, Cancel))

    async def _go_on(self) -> None:
        if self.record.folder is None:
            await self._patiently(self._settle_place)
        if not self.run.words:
            await self._patiently(self._settle_words)
        if not self.run.nodes:
            self._post(Happening(Begin(time.time())))
        self._act(owed(self.run))
        # It may be why a run that is over was opened.
        self._take_in(self._wish)
        for event in self._bell.unstored:
            await self.stop_unstored(event)
        while self._bell.is_waited_for or self._queue or self.run.state not in ENDED:
            await self._bell.rung.wait()
            self._bell.rung.clear()
            if self._broken is not None:
                raise self._broken
            with self._bell.answering() as asked:
                # Nothing is stored while this is read, so that no wish is taken in twice.
                if asked:
                    await self._patiently(self._look_for_wish)
                happenings, self._queue = self._queue, []
                if happenings:
                    await self._take(happenings)

    async def _settle_place(self) -> None:
        self.record = await self._tools.parents.begin(self.number, self.record, self.run.arguments)

    async def _settle_words(self) -> None:
        place = place_of(self.record, self.pipeline)
        if place.workspace is not None:
            await asyncio.to_thread(place.workspace.mkdir, mode=0o700, parents=True, exist_ok=True)
        told = run_of(self.record, self.pipeline)
        self.run = replace(self.run, words=words_of_run(told, place))

    async def _look_for_wish(self) -> None:
        self._take_in(await self._tools.ledger.read(lambda c: runs.wished(c, self.number)))

    def _take_in(self, standing: Wish | None) -> None:
        """Let what is wished happen, as far as it is not about to."""
        further = wishes.left(standing, (one.event for one in self._queue))
        for event in wishes.events_of(further, time.time()):
            self._post(Happening(event))

    async def _take(self, happenings: Sequence[Happening]) -> None:
        """Store what happened; what can never be stored is told as a failure of its attempt."""
        try:
            await self._apply(happenings)
        except runs.GoneError:
            raise
        except Exception as error:
            first, *others = happenings
            instead = first if others else _instead_of(first, error)
            if instead is None:
                raise
            self._tools.log.exception(
                "What happened in the pipeline run %s cannot be stored", self.record.run_id
            )
            self._queue[:0] = others
            self._bell.rung.set()
            # A failure is not told as another one: the second error ends this life.
            await (self._take if others else self._apply)([instead])

    async def _apply(self, happenings: Sequence[Happening]) -> None:
        """Store what follows from events in one transaction, then do what became owed."""
        at = time.time()
        # A loop of a thousand items begins in one step, which takes longer than a turn may.
        taken = await asyncio.to_thread(self._follow, [one.event for one in happenings])
        run = taken.run
        if run.state in ENDED and self.run.state not in ENDED:
            over = max(one.over or one.event.at for one in happenings)
            await self._tools.parents.conclude(self.record, run, over)

        def work(entry: Entry) -> tuple[PipelineRun, Wish | None]:
            connection = entry.connection
            # Another server may have noted one, and what is stored here hides that from us.
            wished = runs.wished(connection, self.number)
            left = wishes.left(wished, (one.event for one in happenings))
            tasks.remove(connection, self.number, taken.removed)
            tasks.store(connection, self.number, run.run_id, taken.changed)
            for happening in happenings:
                artifacts.store(connection, self.number, happening.made)
                if happening.also is not None:
                    happening.also(connection)
            moved = entry.move(self.number, self.record, run, at)
            if left != wished:
                runs.wish(connection, self.number, left, moved.revision)
            self._tools.parents.follow(entry, self.record, moved)
            return moved, left

        self.record, left = await self._patiently(lambda: self._tools.ledger.write(work))
        self.run = run
        stored = [one.event for one in happenings]
        self._bell.unstored = [one for one in self._bell.unstored if one not in stored]
        self._take_in(left)
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
        self._bell.rung.set()

    def _act(self, actions: Iterable[Action]) -> None:
        for action in sorted(actions, key=self._order):
            if action in self._doing:
                continue
            task = asyncio.create_task(self._do(action))
            self._doing[action] = task
            task.add_done_callback(partial(self._done, action))

    def _done(self, action: Action, task: asyncio.Task[None]) -> None:
        self._doing.pop(action, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken = error
            self._bell.rung.set()

    def _order(self, action: Action) -> tuple[float, list[tuple[str, int]]]:
        # It is the order in which they wait for a place to run: a loop begins with its first item.
        return (self.run.nodes[action.path].created, in_order(action.path))

    async def _do(self, action: Action) -> None:
        if isinstance(action, Wait):
            self._post(await _wait(action))
            return
        carry_out = (
            self._tools.tasks.launch if isinstance(action, Launch) else self._tools.tasks.cancel
        )
        happening = await carry_out(
            Assignment(
                self.record,
                self.run,
                self.pipeline,
                self.run.nodes[action.path],
                self._tools.readable,
            )
        )
        if happening is not None:
            self._post(happening)

    def _patiently(self, work: Callable[[], Coroutine[None, None, T]]) -> Coroutine[None, None, T]:
        return patiently(work, self._tools.log, self.record.run_id)


def _instead_of(happening: Happening, error: Exception) -> Happening | None:
    """Tell of the failure of an attempt in the place of what cannot be stored of it."""
    event = happening.event
    if not isinstance(event, Succeeded | Failed | Canceled):
        return None
    return Happening(Failed(event.at, event.path, event.attempt, internal(error), final=True))


async def _wait(action: Wait) -> Happening:
    # The clock may have been set meanwhile, and an event that comes early changes nothing.
    while (left := action.until - time.time()) > 0:  # noqa: ASYNC110 - nothing else wakes it
        await asyncio.sleep(left)
    return Happening(Due(time.time(), action.path, action.attempt))
