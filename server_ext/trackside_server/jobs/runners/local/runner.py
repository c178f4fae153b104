"""Runs jobs as processes of this machine, each below a supervisor of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from trackside_server.cluster.gpunames import words
from trackside_server.errors import InvalidInput
from trackside_server.jobs import pythons
from trackside_server.jobs.directory import JobDirectory, read_json, write_json
from trackside_server.jobs.quantities import size_text
from trackside_server.jobs.runners.base import (
    AttemptStatus,
    Capacity,
    Finding,
    Host,
    Launch,
    Preview,
    Report,
)

from . import containers, environment, machine, processes
from .orders import Order
from .watching import Watcher, lost, status_of, supervisor_lives

if TYPE_CHECKING:
    from collections.abc import Callable

    from trackside_server.jobs.entities import Gpu, Job, JobSpec

    from .gpus import Inventory

T = TypeVar("T")

_SUPERVISOR = Path(__file__).with_name("supervise.py")


class LocalRunner:
    """The runner ``local``.

    Parameters
    ----------
    root
        The root of the store.
    inventory
        Knows the GPUs.
    grace
        The seconds between SIGTERM and SIGKILL.
    """

    name = "local"
    label = "this machine"
    queues = False

    def __init__(self, root: Path, inventory: Inventory, grace: float = 10.0) -> None:
        self._root = root
        self._inventory = inventory
        self._grace = grace
        self._report: Report | None = None
        self._watched: set[tuple[str, int]] = set()

    def start(self, report: Report, host: Host) -> None:  # noqa: ARG002
        """Tell about starts and ends from now on."""
        self._report = report

    async def stop(self) -> None:
        """Tell nothing any more; what runs goes on."""
        self._report = None

    async def launch(self, job: Job, launch: Launch) -> None:
        """Start the current attempt of a job, unless it was started before."""
        await _in_thread(self._launch, job, launch)

    async def adopt(self, job: Job) -> AttemptStatus:
        """Look at the current attempt, and report on it from now on if it is alive."""
        return await _in_thread(self._adopt, job)

    async def cancel(self, job: Job) -> None:
        """Ask the supervisor to end the current attempt."""
        await _in_thread(self._cancel, job)

    async def capacity(self) -> Capacity:
        """Say what this machine has."""
        return await _in_thread(self._capacity)

    async def closed(self, job: Job) -> None:
        """Do nothing: what an attempt leaves lies in the folder of its job."""

    async def preview(self, spec: JobSpec) -> Preview:
        """Say what keeps a job from running here; nothing is made but processes."""
        try:
            await self.check(spec)
        except InvalidInput as error:
            return Preview(findings=(Finding("error", error.message, error.hint),))
        return Preview()

    async def check(self, spec: JobSpec) -> None:
        """Refuse what this machine can never give."""
        resources = spec.resources
        for name in ("image", "queue", "runtime"):
            if getattr(spec, name) is not None:
                raise InvalidInput(
                    f"{name} belongs to jobs on a cluster, and this one runs on this machine.",
                    hint=f"Leave {name} out, or write --on cluster.",
                    reason=name,
                )
        if resources.nodes > 1:
            raise InvalidInput(
                f"The job asks for {resources.nodes} nodes, and this machine is one.",
                hint="Leave nodes out, or write --on cluster.",
                reason="resources.nodes",
            )
        if os.name == "nt":
            raise InvalidInput(
                "Jobs run on Linux and macOS, and this is Windows.",
                hint="Start Jupyter inside WSL.",
            )
        # GPUs are asked for only when they are wanted: a driver may take its time to answer.
        gpus = await _in_thread(self._inventory.devices) if resources.gpus else ()
        if resources.gpus > len(gpus):
            raise InvalidInput(
                f"The job asks for {_gpus(resources.gpus)}, and this machine has "
                f"{_describe(gpus)}.",
                hint=f"Ask for at most {len(gpus)}." if gpus else "Leave gpus out.",
                reason="resources.gpus",
            )
        if resources.gpu and not all(words(resources.gpu) <= words(gpu.name) for gpu in gpus):
            raise InvalidInput(
                f"The job asks for {resources.gpu}, and this machine has {_describe(gpus)}.",
                hint="Leave the kind of GPU out, or write --on cluster.",
                reason="resources.gpu",
            )
        cpus, memory = machine.cpus(), machine.memory()
        if resources.cpus is not None and resources.cpus > cpus:
            raise InvalidInput(
                f"The job asks for {resources.cpus:g} CPUs, and this machine has {cpus:g}.",
                hint=f"Ask for at most {cpus:g}.",
                reason="resources.cpus",
            )
        if resources.memory is not None and resources.memory > memory:
            raise InvalidInput(
                f"The job asks for {size_text(resources.memory)} of memory, and this machine has "
                f"{size_text(memory)}.",
                hint="Ask for less.",
                reason="resources.memory",
            )

    def _capacity(self) -> Capacity:
        return Capacity(machine.cpus(), machine.memory(), self._inventory.devices())

    def _launch(self, job: Job, launch: Launch) -> None:
        if (job.job_id, job.attempt) in self._watched:
            return
        directory = JobDirectory(self._root, job.job_id)
        directory.make()
        _unpack(launch.bundle, directory.work)
        directory.spool.mkdir(mode=0o700, exist_ok=True)
        write_json(directory.launch(job.attempt), _launch_file(job, directory, self._grace))
        env = environment.build(job, launch.env, self._inventory.devices())
        with directory.diary.open("ab") as diary:
            child = subprocess.Popen(
                supervised(self._order(job, directory)),
                cwd=directory.path,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=diary,
                start_new_session=True,
            )
        self._watch(job, directory, child)

    def _order(self, job: Job, directory: JobDirectory) -> Order:
        python = pythons.chosen(job.spec) or sys.executable
        return Order(
            str(directory.path),
            [python, "-u", str(bootstrap_path()), str(directory.launch(job.attempt))],
            cwd=str(directory.work),
            attempt=job.attempt,
            max_attempts=job.max_attempts,
            grace=self._grace,
            time_limit=job.spec.time_limit,
            memory=job.spec.resources.memory,
        )

    def _adopt(self, job: Job) -> AttemptStatus:
        status = self._found(job)
        containers.clear_away(job.spec, status)
        return status

    def _found(self, job: Job) -> AttemptStatus:
        directory = JobDirectory(self._root, job.job_id)
        data = read_json(directory.status(job.attempt))
        if data is None:
            return AttemptStatus("absent")
        if data["ended_at"] is not None:
            return status_of(data)
        if processes.same_boot(data.get("boot")) and supervisor_lives(data):
            self._watch(job, directory, None)
            return status_of(data)
        # It may have ended the job in the very moment before.
        data = read_json(directory.status(job.attempt)) or data
        if data["ended_at"] is not None:
            return status_of(data)
        return lost(directory, data, self._grace)

    def _watch(
        self, job: Job, directory: JobDirectory, child: subprocess.Popen[bytes] | None
    ) -> None:
        key = (job.job_id, job.attempt)
        if key not in self._watched:
            self._watched.add(key)
            Watcher(directory, job.attempt, self._grace, partial(self._tell, job), child).start()

    def _tell(self, job: Job, status: AttemptStatus) -> None:
        if status.phase == "ended":
            containers.clear_away(job.spec, status)
            self._watched.discard((job.job_id, job.attempt))
        report = self._report
        if report is not None:
            report(job.job_id, job.attempt, status)

    def _cancel(self, job: Job) -> None:
        directory = JobDirectory(self._root, job.job_id)
        wish = {
            "by": job.cancel.by if job.cancel else None,
            "at": time.time_ns() // 1_000_000,
            "grace": self._grace,
        }
        try:
            # First: a supervisor that is just being born looks for it before it starts the job.
            write_json(directory.cancel, wish)
        finally:
            # Also on a full disk: it may be this very job that fills it.
            data = read_json(directory.status(job.attempt))
            if data is not None and data["ended_at"] is None and supervisor_lives(data):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(data["supervisor_pid"], signal.SIGTERM)


def supervised(order: Order) -> list[str]:
    """Give the command that supervises an attempt."""
    # On Linux it needs nothing but the standard library, and starts sooner for that.
    options = ["-S", "-E", "-s"] if processes.LINUX else ["-E", "-s"]
    return [sys.executable, *options, str(_SUPERVISOR), *order.words()]


@lru_cache(maxsize=1)
def bootstrap_path() -> Path:
    """Return the program that every job begins with."""
    spec = find_spec("trackside")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "_runtime" / "bootstrap.py"


def _launch_file(job: Job, directory: JobDirectory, grace: float) -> dict[str, Any]:
    spec = job.spec
    return {
        "version": 1,
        "job_id": job.job_id,
        "name": job.name,
        "attempt": job.attempt,
        "cwd": str(directory.work),
        "kind": spec.kind,
        "function": spec.function,
        "params": dict(spec.params),
        "arguments": list(spec.arguments),
        "label": spec.label,
        "first_line": spec.source.get("first_line", 1),
        "grace": grace,
    }


def _unpack(bundle: Path, work: Path) -> None:
    """Give the job its own copy of the bundle; a later attempt goes on in the one it has."""
    if work.exists():
        return
    aside = work.with_name(".work")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(bundle, aside, copy_function=shutil.copyfile)
    aside.replace(work)


def _describe(gpus: tuple[Gpu, ...]) -> str:
    if not gpus:
        return "none"
    names = sorted({gpu.name for gpu in gpus})
    return f"{len(gpus)} ({', '.join(names)})"


def _gpus(count: int) -> str:
    return "1 GPU" if count == 1 else f"{count} GPUs"


async def _in_thread(work: Callable[..., T], *args: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(None, work, *args)
