"""The history of promotions of an outside MLflow server, which keeps none.

What is moved through this Jupyter server is written down with who and why. What others move there
is found by comparing where things stand with what was written last, and written down as seen.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from trackside_server.changes import Change
from trackside_server.errors import NotFound, TracksideError
from trackside_server.registry import board, validation
from trackside_server.registry.entities import Belongs, Mover, Step
from trackside_server.tracking.base import now_ms

from .known_models import KnownModels
from .models import Models
from .turns import Turns

if TYPE_CHECKING:
    import logging
    import sqlite3
    from collections.abc import Callable, Sequence

    from trackside_server.changes import Changes
    from trackside_server.registry.board import Standing
    from trackside_server.registry.entities import Excerpt, Promotion
    from trackside_server.store import Store

    from .client import Client
    from .registry_news import Done

_LARGEST: Final = 2**63 - 1
# Views that ask one after the other make the server be asked once.
_FRESH: Final = 1.0
_ELSEWHERE: Final = Mover("")


class UpstreamRegistry:
    """Moves aliases and versions on the MLflow server, and keeps the history of that.

    Parameters
    ----------
    client, store, changes, log
        Collaborators.
    """

    def __init__(self, client: Client, store: Store, changes: Changes, log: logging.Logger) -> None:
        self._log = log
        self._models = Models(client)
        self._known = KnownModels(client.address.uri)
        self._store = store
        self._changes = changes
        # One move of a model at a time, or one would be taken for another's.
        self._turns = Turns()
        self._looked: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def set_alias(
        self, name: str, alias: str, version: str | None, mover: Mover
    ) -> Promotion | None:
        """Give an alias to a version, or take it away; give the line, None when nothing moved."""
        validation.name(name)
        if version is None:
            validation.alias(alias)
        else:
            validation.new_alias(alias)
            version = str(validation.version(version))

        def plan(standing: Standing) -> list[Step]:
            _require_version(name, version, standing)
            old = standing.aliases.get(alias, "")
            return [] if old == (version or "") else [Step("alias", alias, old, version or "")]

        lines = await self._move(name, plan, mover)
        return lines[0] if lines else None

    async def set_stage(
        self, name: str, version: str, stage: str, mover: Mover, *, archive_existing: bool = False
    ) -> tuple[dict[str, Any], list[Promotion]]:
        """Move a version to a stage of MLflow's; give it and the lines of the history."""
        validation.name(name)
        number = str(validation.version(version))
        target = validation.stage(stage)
        async with self._turns.of(name):
            await self._look(name)
            moved = await self._models.to_stage(name, number, target, archive=archive_existing)
            _, lines = await self._look(name, mover, lambda step: step.kind == "stage")
        return moved, lines

    async def place(
        self, name: str, version: str, stage: str, mover: Mover, *, archive_existing: bool = False
    ) -> list[Promotion]:
        """Move a version to a column of the board; give the lines of the history."""
        validation.name(name)
        number = str(validation.version(version))
        target = validation.stage(stage)

        def plan(standing: Standing) -> list[Step]:
            _require_version(name, number, standing)
            return board.steps_to(standing, number, target, archive=archive_existing)

        return await self._move(name, plan, mover)

    async def take_back(self, name: str, move: int, mover: Mover) -> list[Promotion]:
        """Take a move back, as a new line of the history that names it."""
        validation.name(name)
        # Another model may have the name by now, which the server alone knows.
        await self._see(name)

        def lines(connection: sqlite3.Connection) -> list[Promotion]:
            known = self._known.find(connection, name)
            number = -1 if known is None or known.is_gone else known.number
            return self._known.log.move(connection, name, number, move)

        taken = await self._store.read(lines)

        def plan(standing: Standing) -> list[Step]:
            return board.steps_back(standing, taken)

        return await self._move(name, plan, mover, taken[0].move)

    async def history(self, name: str, excerpt: Excerpt) -> list[Promotion]:
        """Give who moved what as far as it is known, the newest move first."""
        validation.name(name)
        await self._see(name)
        return await self._store.read(
            lambda connection: self._known.log.history(connection, name, excerpt)
        )

    async def holders(self, name: str, time: int) -> tuple[dict[str, int], dict[str, list[int]]]:
        """Give which versions had which aliases and stages then, as far as it is known."""
        validation.name(name)
        await self._see(name)
        return board.holders(await self._last(name, time))

    async def covers(self, name: str) -> int | None:
        """Give since when moves of a model are written down."""
        found = await self._store.read(lambda connection: self._known.find(connection, name))
        return found.since if found else now_ms()

    async def changed_since(self, revision: int, limit: int) -> dict[str, list[dict[str, Any]]]:
        """Give the models that moved, as far as this server had a part in it."""
        found = await self._store.read(
            lambda connection: self._known.changed_since(connection, revision, limit + 1)
        )
        return {"models": found}

    async def newest(self, limit: int) -> dict[str, list[dict[str, Any]]]:
        """Give nothing: a view that starts anew searches for the models that it shows."""
        del limit
        return {"models": []}

    def passed(self, done: Done, mover: Mover) -> None:
        """Write down, while nobody waits for it, what a client just did through this server."""
        task = asyncio.get_running_loop().create_task(self._take_down(done, mover))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Look no more: the next server finds what is not written down."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take_down(self, done: Done, mover: Mover) -> None:
        name = done.new_name or done.name
        try:
            async with self._turns.of(done.name, name):
                if name != done.name:
                    await self._rename(done.name, name)
                await self._look(name, mover.because(done.reason), done.moved, tell=True)
        except TracksideError as error:
            self._log.debug("What was done to model %s is not known: %s", done.name, error)

    async def _move(
        self,
        name: str,
        plan: Callable[[Standing], list[Step]],
        mover: Mover,
        reverts: int | None = None,
    ) -> list[Promotion]:
        async with self._turns.of(name):
            standing, _ = await self._look(name)
            if standing is None:
                raise NotFound(f"There is no registered model named {name[:80]!r}.")
            steps = plan(standing)
            done: list[Step] = []
            try:
                for step in steps:
                    await self._models.apply(name, step)
                    done.append(step)
            finally:
                # Of a move that broke off, what was done is known by whom and why, too.
                lines = await self._write(name, done, mover, reverts=reverts) if done else []
            return lines

    async def _see(self, name: str) -> None:
        """Write down what others moved, if the server can be asked."""
        async with self._turns.of(name):
            if time.monotonic() - self._looked.get(name, -_FRESH) < _FRESH:
                return
            try:
                await self._look(name)
            except TracksideError as error:
                is_known = await self._store.read(
                    lambda connection: self._known.find(connection, name) is not None
                )
                if error.status < 500 or not is_known:
                    raise

    async def _look(
        self,
        name: str,
        mover: Mover = _ELSEWHERE,
        mine: Callable[[Step], bool] = lambda _: False,
        *,
        tell: bool = False,
    ) -> tuple[Standing | None, list[Promotion]]:
        """Compare where things stand with what was written last, and write down the difference."""
        standing = await self._models.standing(name)
        if standing is None:
            known = await self._store.read(lambda connection: self._known.find(connection, name))
            if known is None:
                raise NotFound(f"There is no registered model named {name[:80]!r}.")
            if known.is_gone:
                return None, []
        aliases, stages = board.holders(await self._last(name, _LARGEST))
        steps = _difference(aliases, stages, standing)
        await self._write(name, [step for step in steps if not mine(step)], _ELSEWHERE)
        own = [step for step in steps if mine(step)]
        lines = await self._write(name, own, mover) if own or (tell and not steps) else []
        if standing is None:
            await self._end(name)
        if len(self._looked) > 1000:
            self._looked.clear()
        self._looked[name] = time.monotonic()
        return standing, lines

    async def _write(
        self, name: str, steps: Sequence[Step], mover: Mover, *, reverts: int | None = None
    ) -> list[Promotion]:
        """Write steps down as one move, those of others each as one of its own; tell of it."""
        revision = 0

        def work(connection: sqlite3.Connection) -> list[Promotion]:
            nonlocal revision
            revision = self._store.next_revision()
            now = now_ms()
            model = self._known.know(connection, name, now, revision)
            self._known.moved(connection, model, revision)
            numbers: list[int] = []
            seen = mover is _ELSEWHERE
            for step in steps:
                first = 0 if seen or not numbers else numbers[0]
                number = self._known.log.append(
                    connection,
                    (model.number, name),
                    step,
                    mover,
                    now,
                    Belongs(first, reverts),
                    seen=seen,
                )
                numbers.append(number)
            return [self._known.log.get(connection, number) for number in numbers]

        if not steps and mover is _ELSEWHERE and await self._is_known(name):
            return []
        lines = await self._store.write(work)
        self._tell(name, "stages" if steps else "data", revision)
        return lines

    async def _rename(self, name: str, new_name: str) -> None:
        revision = 0

        def work(connection: sqlite3.Connection) -> None:
            nonlocal revision
            known = self._known.find(connection, name)
            if known is not None:
                self._known.rename(connection, known, new_name)
            revision = self._store.bury(connection, "model", name)

        await self._store.write(work)
        self._tell(name, "renamed", revision)

    async def _end(self, name: str) -> None:
        revision = 0

        def work(connection: sqlite3.Connection) -> None:
            nonlocal revision
            known = self._known.find(connection, name)
            if known is not None and not known.is_gone:
                self._known.end(connection, known)
                revision = self._store.bury(connection, "model", name)

        await self._store.write(work)
        if revision:
            self._tell(name, "deleted", revision)

    async def _is_known(self, name: str) -> bool:
        found = await self._store.read(lambda connection: self._known.find(connection, name))
        return found is not None and not found.is_gone

    async def _last(self, name: str, time: int) -> list[Promotion]:
        return await self._store.read(
            lambda connection: self._known.log.last_moves(connection, name, time)
        )

    def _tell(self, name: str, change: str, revision: int) -> None:
        self._changes.publish(Change("model", name, change, revision, {"name": name}))


def _require_version(name: str, version: str | None, standing: Standing) -> None:
    if version is not None and version not in standing.stages:
        raise NotFound(f"There is no version {version} of a registered model {name[:80]!r}.")


def _difference(
    aliases: dict[str, int], stages: dict[str, list[int]], standing: Standing | None
) -> list[Step]:
    """Give what moved between what was written last and where things stand, None for nowhere."""
    held = {alias: str(number) for alias, number in aliases.items()}
    holds = dict(standing.aliases) if standing else {}
    steps = [
        Step("alias", alias, held.get(alias, ""), holds.get(alias, ""))
        for alias in sorted(held.keys() | holds.keys())
        if held.get(alias) != holds.get(alias)
    ]
    stood = {str(number): stage for stage, found in stages.items() for number in found}
    stands = standing.stages if standing else {}
    for version in sorted(stood.keys() | stands.keys(), key=int):
        old = stood.get(version, "None")
        # Of a version that is gone nothing is left to say when it stood nowhere.
        new = stands.get(version, "" if version in stood else "None")
        if old != new:
            steps.append(Step("stage", version, old, new))
    return steps
