"""Takes requests: everything is checked, then stored at once, and only then does anything start."""

from __future__ import annotations

import asyncio
import json
import secrets as random
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

from msgspec import Struct, field

from trackside._bundle import BundleError
from trackside._errors import CannotTravel
from trackside._errors import TracksideError as ClientError
from trackside_server.errors import Conflict, InvalidInput, NotFound
from trackside_server.jobs.capture import check_pattern
from trackside_server.structs import asdict, replace

from . import naming, pythons, storage
from .directory import JobDirectory, write_json
from .entities import Job
from .ledger import now_ms
from .states import run_status

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from trackside._bundle import Bundle
    from trackside_server.provenance import Provenance
    from trackside_server.tracking.entities import Experiment

    from .bundles import Bundles
    from .entities import JobSpec
    from .ledger import Entry, Ledger
    from .runners.choice import Runners
    from .spec import JobRequest
    from .tracking import Reserved, Tracking

    Also = Callable[[sqlite3.Connection, Job], None]
    Turn = Callable[[], Awaitable[None]]

T = TypeVar("T")

# As long as MLflow lets the value of a param be.
_PARAM_LENGTH = 6000


class Submission(Struct, frozen=True):
    """Turns requests into stored jobs.

    Parameters
    ----------
    root
        The root of the store.
    notebooks
        The folder that paths of scripts and notebooks are relative to.
    ledger, tracking, provenance, bundles, runners
        Collaborators.
    """

    root: Path
    notebooks: Path
    ledger: Ledger
    tracking: Tracking
    provenance: Provenance
    bundles: Bundles
    runners: Runners
    _turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def submit(
        self,
        request: JobRequest,
        user: str,
        also: Also = lambda *_: None,
        turn: Turn | None = None,
    ) -> tuple[Job, bool]:
        """Store a job, or find the one that the same request stored before.

        Parameters
        ----------
        request
            What was asked for.
        user
            By whom.
        also
            Runs in the transaction that stores the job, if it is a new one.
        turn
            Waits until that transaction may begin.

        Returns
        -------
        Job, bool
            The job, and whether it is a new one.

        Raises
        ------
        InvalidInput
            When it can never run.
        Conflict
            When the idempotency key belongs to another request.
        """
        key = request.idempotency_key
        # A client that asks again must not overtake its own first request.
        async with asyncio.Lock() if key is None else self._turns.setdefault(key, asyncio.Lock()):
            return await self._submit(request, key, user, also, turn)

    async def _submit(
        self, request: JobRequest, key: str | None, user: str, also: Also, turn: Turn | None
    ) -> tuple[Job, bool]:
        fingerprint = request.fingerprint
        if key is not None:
            known = await self.ledger.read(lambda connection: storage.by_key(connection, key))
            if known is not None:
                return _same(known, fingerprint), False
        request = await self.ready(request)
        spec = request.spec
        experiment = await self.tracking.get_or_create_experiment(naming.experiment_name(spec))
        reserved = await self.tracking.reserve_run(
            random.token_hex(8), key, experiment.experiment_id, name=spec.name, user=user
        )
        directory = JobDirectory(self.root, reserved.job_id)
        await asyncio.to_thread(_prepare, directory, request.secrets)

        def work(entry: Entry) -> tuple[Job, bool]:
            if key is not None:
                known = storage.by_key(entry.connection, key)
                if known is not None:
                    return _same(known, fingerprint), False
            job = self._create(entry, reserved, request, experiment, user)
            job = entry.create(job, key, fingerprint)
            also(entry.connection, job)
            return job, True

        try:
            if turn is not None:
                await turn()
            job, created = await self.ledger.write(work)
        except Exception:
            await asyncio.to_thread(directory.remove)
            await self.tracking.release_run(reserved)
            raise
        if not created and job.job_id != reserved.job_id:
            await asyncio.to_thread(directory.remove)
            await self.tracking.release_run(reserved)
        return job, created

    async def check(self, request: JobRequest) -> tuple[str, tuple[str, ...]]:
        """Refuse a request with a path that could not be stored.

        Returns
        -------
        str, tuple of str
            The whole path, and what is worth knowing of it.
        """
        placed = await self._placed(request)
        assert placed.path is not None
        path = self._resolve(placed.path)
        _, notes = await asyncio.to_thread(_packed, path, placed)
        return str(path), notes

    def shown(self, path: str) -> str:
        """Give how the path of a file is shown here."""
        return _shown(Path(path), self.notebooks)

    def record(self, job: Job, request: JobRequest) -> None:
        """Have it found out and stored where the run comes from; nobody waits for it."""
        self.provenance.record_soon(
            job.run_id,
            _located(request, self.notebooks),
            command=command(job.spec),
            resources={k: v for k, v in asdict(job.spec.resources).items() if v},
        )

    async def preview(self, path: str, files: Sequence[str] = ()) -> dict[str, Any]:
        """Say what would travel with a script or notebook on the server's disk."""
        found = self._resolve(path)
        told = await asyncio.to_thread(_telling, _preview, found, files)
        return {"path": _shown(found, self.notebooks), **told}

    async def ready(self, request: JobRequest) -> JobRequest:
        """Refuse what can never run, and pack what is on the server's disk."""
        request = await self._placed(request)
        if request.path is None:
            return request
        spec = request.spec
        path = self._resolve(request.path)
        bundle, notes = await asyncio.to_thread(_packed, path, request)
        digest = await asyncio.to_thread(self.bundles.add, bundle)
        found: dict[str, Any] = {"label": path.name, "path": _shown(path, self.notebooks)}
        if notes:
            found["notes"] = list(notes)
        source = {**found, **request.source}
        kept = {**found, **spec.source}
        return replace(request, spec=replace(spec, bundle=digest, source=kept), source=source)

    async def _placed(self, request: JobRequest) -> JobRequest:
        """Choose where it runs, and refuse what cannot run there."""
        runner = await self.runners.choose(request.spec)
        spec = replace(request.spec, on=runner.name)
        request = replace(request, spec=spec)
        await runner.check(spec)
        await asyncio.to_thread(self._look_for, request, runner is self.runners.local)
        return request

    def _look_for(self, request: JobRequest, here: bool) -> None:
        """Refuse what needs something that is not there."""
        spec = request.spec
        if spec.python is not None and here:
            _check_python(spec.python)
        if spec.metric_pattern is not None:
            check_pattern(spec.metric_pattern)
        if request.path is None and not self.bundles.has(spec.bundle):
            raise InvalidInput(
                f"There is no bundle {spec.bundle}.",
                hint=f"Send it first: PUT /bundles/{spec.bundle}.",
                reason="bundle",
            )

    def _resolve(self, path: str) -> Path:
        """Find a file that a browser or a client named."""
        found = Path(path)
        # A whole path names one file, whatever the folder of this server holds.
        if not found.is_absolute() or not _is_file(found):
            found = self.notebooks / path.lstrip("/")
        if not _is_file(found):
            raise NotFound(f"There is no file {self.shown(path)[:200]}.", reason="path")
        if found.suffix not in (".py", ".ipynb"):
            raise InvalidInput(
                f"{self.shown(path)[:200]} is neither a script nor a notebook.",
                hint="Give a .py or .ipynb.",
                reason="path",
            )
        return found

    def _create(
        self,
        entry: Entry,
        reserved: Reserved,
        request: JobRequest,
        experiment: Experiment,
        user: str,
    ) -> Job:
        spec = request.spec
        name = naming.choose(entry.connection, spec.name, experiment.name)
        now = now_ms()
        run_id, told = self.tracking.create_run_in(
            entry.connection,
            experiment.experiment_id,
            reserved=reserved,
            run_name=name,
            user_id=user,
            start_time=now,
            tags={
                **self.provenance.tags_now(request.source, user),
                **spec.tags,
                "trackside.job_id": reserved.job_id,
                "trackside.kind": spec.kind,
            },
            params={key: str(value)[:_PARAM_LENGTH] for key, value in spec.params.items()},
            status=run_status("QUEUED"),
        )
        if told is not None:
            entry.changes.append(told)
        return Job(
            job_id=reserved.job_id,
            name=name,
            spec=spec,
            state="QUEUED",
            run_id=run_id,
            experiment_id=experiment.experiment_id,
            experiment_name=experiment.name,
            user=user,
            created_at=now,
            revision=0,
            max_attempts=spec.retries + 1,
        )


def command(spec: JobSpec) -> str:
    """Write what runs as a person would type it."""
    if spec.kind == "command":
        return shlex.join(spec.arguments)
    if spec.kind in ("script", "notebook"):
        words = [str(spec.source.get("path") or spec.label)]
        for name, value in spec.params.items():
            text = value if isinstance(value, str) else json.dumps(value)
            words += [f"--{name}", text]
        return shlex.join([*words, *spec.arguments])
    given = ", ".join(f"{name}={value!r}" for name, value in spec.params.items())
    return f"{spec.function or spec.label}({given})"


def _same(known: tuple[Job, str], fingerprint: str) -> Job:
    job, before = known
    if before != fingerprint:
        raise Conflict(
            f"This idempotency_key belongs to another request, that of the job {job.name}.",
            hint="Use a new key for each new job.",
            reason="idempotency_key",
        )
    return job


def _prepare(directory: JobDirectory, secrets: Mapping[str, str]) -> None:
    directory.make()
    if secrets:
        write_json(directory.private, {"env": dict(secrets)})


def _packed(path: Path, request: JobRequest) -> tuple[Bundle, tuple[str, ...]]:
    kind, bundle, notes = _telling(_capture, path, request.files, request.spec.params)
    if kind != request.spec.kind:
        raise InvalidInput(
            f"{path.name} is a {kind}, and kind says {request.spec.kind}.", reason="kind"
        )
    return bundle, notes


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        # A name too long for the disk, a folder that may not be entered.
        return False


def _check_python(python: str) -> None:
    if not pythons.is_usable(python):
        raise InvalidInput(
            f"There is no Python at {python[:200]}.",
            hint="Give the whole path, as sys.executable shows it.",
            reason="python",
        )


def _shown(path: Path, notebooks: Path) -> str:
    return str(path.relative_to(notebooks)) if path.is_relative_to(notebooks) else str(path)


def _located(request: JobRequest, notebooks: Path) -> dict[str, Any]:
    """Add the folder, where git is looked for, to a source that does not tell it."""
    source = dict(request.source)
    written = source.get("notebook") or source.get("path")
    if not source.get("cwd") and isinstance(written, str):
        source["cwd"] = str((notebooks / written).parent)
    return source


def _capture(
    path: Path, files: Sequence[str], params: Mapping[str, Any]
) -> tuple[str, Bundle, tuple[str, ...]]:
    # Here, because a server that packs nothing need not load it.
    from trackside._capture.params import check_names
    from trackside._capture.static import capture_path

    captured = capture_path(path, files=files)
    captured.check()
    check_names(captured, params)
    return captured.kind, captured.bundle(), tuple(captured.notes)


def _preview(path: Path, files: Sequence[str]) -> dict[str, Any]:
    from trackside._capture.static import preview

    return preview(path, files=files)


def _telling(work: Callable[..., T], *args: Any) -> T:
    """Run code of the client package, and turn its refusals into ours."""
    try:
        return work(*args)
    except CannotTravel as error:
        raise InvalidInput(error.message, hint=error.hint, reason="cannot_travel") from error
    except ClientError as error:
        raise InvalidInput(error.message, hint=error.hint, reason="path") from error
    except BundleError as error:
        raise InvalidInput(str(error), reason="path") from error
    except OSError as error:
        raise InvalidInput(
            f"{error.filename} cannot be read: {error.strerror}.", reason="path"
        ) from error
