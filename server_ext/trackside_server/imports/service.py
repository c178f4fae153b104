"""Imports and exports as the rest of the server sees them: asked for, followed, canceled."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from trackside_server.errors import Conflict, InvalidInput, NotFound, TracksideError
from trackside_server.structs import asdict, replace
from trackside_server.tracking.base import now_ms

from . import storage
from .claims import Claims
from .desk import Desk
from .sources import Place, place
from .storage import ENDED, Transfer
from .tally import Canceled, Tally

if TYPE_CHECKING:
    import logging
    import sqlite3
    from pathlib import Path

    from trackside_server.tracking.service import Tracking

    from .settings import Chosen, Wanted
    from .storage import Direction, State
    from .work import Work

_SAVE_EVERY = 1.0
_INTERRUPTED = (
    "The server was restarted, and passwords and tokens are not kept. "
    "Start it again: it goes on where it was."
)


class Transfers:
    """Imports from MLflow and exports to it.

    One at a time, on a thread of its own. What an import has brought is in the store with each
    small transaction, so whatever ends it, it goes on from there.

    Parameters
    ----------
    tracking
        The service that the runs belong to.
    root
        The folder of everything that Trackside keeps.
    log
        The server's log.
    elsewhere
        The MLflow server that keeps the runs instead of this store, if one does.
    """

    def __init__(
        self, tracking: Tracking, root: Path, log: logging.Logger, elsewhere: str | None = None
    ) -> None:
        self._elsewhere = elsewhere
        self._tracking = tracking
        self._log = log
        self._claims = Claims(root)
        self._places: dict[str, Place] = {}
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._tallies: dict[str, Tally] = {}
        self._canceled: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="trackside-transfer")
        self._news = asyncio.Event()

    async def start(self) -> None:
        """Go on with what an earlier server left."""
        for found in await self._tracking.read(storage.waiting):
            if not self._claims.take(found.id):
                continue  # another server on this store is at work on it
            if found.resumable:
                self._queue.put_nowait(found.id)
            else:
                await self._end(found.id, "FAILED", _INTERRUPTED)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop at the next small step; the next start goes on."""
        for tally in self._tallies.values():
            tally.stop()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await asyncio.to_thread(self._pool.shutdown)
        self._claims.release_all()

    async def begin(
        self,
        direction: Direction,
        source: str,
        wanted: Wanted | Chosen,
        *,
        secrets: dict[str, str],
        actor: str,
    ) -> tuple[Transfer, bool]:
        """Ask for an import or export; tell whether it is a new one.

        One that has not ended and was asked for in the same words is that one.
        """
        where = place(source, secrets)
        if direction == "import" and self._elsewhere is not None:
            raise Conflict(
                f"The runs are kept by {self._elsewhere}, where an import would not be seen.",
                hint="Start Jupyter without Trackside.tracking_uri to import into its own store.",
            )
        if direction == "export" and where.kind not in ("files", "server"):
            raise InvalidInput(
                "An export goes to a folder or to a running MLflow server.",
                hint="A database is filled by the server that it belongs to.",
            )
        options = asdict(wanted)
        for found in await self._tracking.read(storage.waiting):
            same = found.direction == direction and found.place == where.shown
            if same and {**found.options} == _plain(options):
                if found.id not in self._tallies and self._claims.take(found.id):
                    self._places[found.id] = where
                    self._queue.put_nowait(found.id)
                return self._live(found), False
        made = Transfer(
            id=f"{direction[:3]}-{uuid.uuid4().hex[:12]}",
            direction=direction,
            place=where.shown,
            options=_plain(options),
            resumable=not where.secrets,
            actor=actor,
            state="QUEUED",
            created_at=now_ms(),
        )
        self._claims.take(made.id)
        self._places[made.id] = where
        await self._tracking.write(lambda write: storage.create(write.connection, made))
        self._queue.put_nowait(made.id)
        return made, True

    async def get(self, identifier: str) -> Transfer:
        """Give a transfer as it is now."""
        found = await self._find(identifier)
        if found is None:
            raise NotFound(f"There is no import or export {identifier[:60]!r}.")
        return self._live(found)

    async def page(self, direction: Direction, limit: int, offset: int) -> list[Transfer]:
        """Give transfers, the newest first."""

        def work(connection: sqlite3.Connection) -> list[Transfer]:
            return storage.page(connection, direction, limit, offset)

        return [self._live(found) for found in await self._tracking.read(work)]

    async def problems(self, identifier: str, limit: int, offset: int) -> list[dict[str, str]]:
        """Give what could not be taken, and why."""
        await self.get(identifier)
        return await self._tracking.read(
            lambda connection: storage.problems(connection, identifier, limit, offset)
        )

    async def cancel(self, identifier: str) -> Transfer:
        """Stop a transfer; what it brought stays."""
        found = await self.get(identifier)
        if found.state in ENDED:
            return found
        self._canceled.add(identifier)
        tally = self._tallies.get(identifier)
        if tally is not None:
            tally.stop()
        else:
            await self._end(identifier, "CANCELED", None)
        return await self.get(identifier)

    async def wait(self, identifier: str, seconds: float) -> Transfer:
        """Give a transfer when something was counted, or after some seconds."""
        news = self._news  # before looking: nothing can happen unseen in between
        found = await self.get(identifier)
        if found.state not in ENDED and seconds > 0:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(news.wait(), seconds)
            found = await self.get(identifier)
        return found

    async def _find(self, identifier: str) -> Transfer | None:
        return await self._tracking.read(lambda connection: storage.get(connection, identifier))

    def _live(self, found: Transfer) -> Transfer:
        tally = self._tallies.get(found.id)
        return found if tally is None else replace(found, progress=tally.snapshot())

    async def _run(self) -> None:
        while True:
            identifier = await self._queue.get()
            found = await self._find(identifier)
            if found is None or found.state in ENDED:
                continue
            try:
                await self._carry_out(found)
            except TracksideError as error:
                # The store itself refuses: there is nowhere to write the end down.
                self._log.error("%s %s stopped: %s", found.direction, found.id, error.message)
            except Exception:  # noqa: BLE001 - the next one has its turn, whatever happened to this
                self._log.exception("%s %s stopped", found.direction, found.id)
            finally:
                self._tallies.pop(identifier, None)
                self._places.pop(identifier, None)
                self._claims.release(identifier)

    async def _carry_out(self, found: Transfer) -> None:
        # First of all: who cancels it from now on stops this, and before that wrote it down.
        tally = self._tallies[found.id] = Tally()
        work_of = await asyncio.to_thread(_load)
        if not await self._tracking.write(lambda write: self._started(write.connection, found.id)):
            return  # it was canceled just before
        loop = asyncio.get_running_loop()
        where = self._places.get(found.id) or place(found.place, {})
        work = work_of(found, where, Desk(self._tracking, loop), tally)
        future = loop.run_in_executor(self._pool, work.run)
        try:
            while not (await asyncio.wait({future}, timeout=_SAVE_EVERY))[0]:
                await self._save(found.id, tally)
        except BaseException as error:
            # The server ends, or the store refuses. The thread stops at its next step, and needs
            # the loop until then.
            tally.stop()
            await asyncio.wait({future})
            with contextlib.suppress(Exception):
                future.result()
            if isinstance(error, asyncio.CancelledError):
                await self._save(found.id, tally)
            raise
        state, message = self._verdict(found, future)
        await self._save(found.id, tally)
        if state is not None:
            await self._end(found.id, state, message)

    def _verdict(
        self, found: Transfer, future: asyncio.Future[None]
    ) -> tuple[State | None, str | None]:
        try:
            future.result()
        except Canceled:
            return ("CANCELED", None) if found.id in self._canceled else (None, None)
        except TracksideError as error:
            return "FAILED", " ".join(filter(None, (error.message, error.hint)))
        except Exception:  # noqa: BLE001 - a bug ends this one, not the server
            self._log.exception("%s %s failed", found.direction, found.id)
            return "FAILED", "Something went wrong in Trackside: the server's log has the details."
        return "SUCCEEDED", None

    async def _save(self, identifier: str, tally: Tally) -> None:
        fresh = tally.fresh_problems()
        progress = tally.snapshot()
        await self._tracking.write(
            lambda write: storage.note(write.connection, identifier, progress, fresh)
        )
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _started(self, connection: sqlite3.Connection, identifier: str) -> bool:
        storage.clear_problems(connection, identifier)
        return storage.move(connection, identifier, "RUNNING", now_ms())

    async def _end(self, identifier: str, state: State, message: str | None) -> None:
        await self._tracking.write(
            lambda write: storage.move(write.connection, identifier, state, now_ms(), message)
        )
        self._canceled.discard(identifier)
        news, self._news = self._news, asyncio.Event()
        news.set()


def _plain(options: dict[str, Any]) -> dict[str, Any]:
    """Give options as they come back from JSON."""
    return {
        key: list(value) if isinstance(value, tuple) else value for key, value in options.items()
    }


def _load() -> type[Work]:
    """Load what most servers never need, away from the event loop."""
    from .work import Work

    return Work
