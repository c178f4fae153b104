"""Reads what somebody wants to recur, and refuses now what could not be started when it is due."""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import InvalidInput
from trackside_server.jobs import pythons
from trackside_server.jobs.fields import Fields
from trackside_server.pipelines.fields import object_of, text_of, whole_of
from trackside_server.pipelines.ir.arguments import take_arguments
from trackside_server.pipelines.submission import read_cached, read_name, read_on, read_python

from .entities import Wish
from .schedule import Schedule
from .service import MOST_CONCURRENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.jobs.service import Jobs
    from trackside_server.pipelines.ir.model import Pipeline
    from trackside_server.pipelines.submission import Submissions

_FIELDS: Final = (
    "name",
    "description",
    "trigger",
    "job",
    "max_concurrency",
    "no_catchup",
    "enabled",
)
_MOST_WORDS: Final = 10_000
# Words for `mode` and their numbers in KFP's protocol.
_MODES: Final[Mapping[Any, bool]] = {"ENABLE": True, 1: True, "DISABLE": False, 2: False}


class Wishes:
    """Makes wishes of requests.

    Parameters
    ----------
    submissions, jobs
        Collaborators.
    """

    def __init__(self, submissions: Submissions, jobs: Jobs) -> None:
        self._submissions = submissions
        self._jobs = jobs

    async def job(self, body: Mapping[str, Any], user: str, before: Wish | None = None) -> Wish:
        """Read the notebook or script that shall recur.

        Parameters
        ----------
        body
            The request.
        user
            Who asks.
        before
            In whose place it does, which says what the request does not: whether it recurs.

        Raises
        ------
        InvalidInput
            It could not be run.
        NotFound
            The file is not there.
        """
        fields = Fields(body)
        fields.allow_only(_FIELDS)
        job = dict(fields.mapping("job"))
        if not job.get("path") or job.get("bundle"):
            raise InvalidInput(
                "What recurs is read when it is due: job needs the path of a notebook or script.",
                hint="Send job.path, relative to the folder of the Jupyter server, and no bundle.",
                reason="job.path",
            )
        if job.pop("idempotency_key", None) is not None:
            raise InvalidInput(
                "The idempotency_key of a job that recurs is made of when it is due.",
                hint="Leave it out.",
                reason="job.idempotency_key",
            )
        request = await self._jobs.check(job)
        # One that was of this machine, and may be gone by now, stays: that is told.
        if not (before and _kernel_of(before.job or {}) == _kernel_of(job)):
            job = await asyncio.to_thread(_with_known_python, job)
        path = str(request.path)
        if request.secrets:
            names = ", ".join(sorted(request.secrets))
            raise InvalidInput(
                f"Secret environment variables are not kept, so none can be given to what recurs: "
                f"{names}.",
                hint="Set them in the environment of the Jupyter server, or have the code read "
                "them from a file.",
                reason="job.env",
            )
        schedule = Schedule.read(object_of(body, "trigger"))
        at_once = whole_of(body, "max_concurrency", within=(1, MOST_CONCURRENT))
        wanted = fields.get("enabled")
        return Wish(
            name=_on_one_line(fields.text("name", 500) or "") or PurePosixPath(path).stem,
            description=text_of(body, "description", most=_MOST_WORDS),
            schedule=schedule,
            job={**job, "path": path},
            request={"user": user},
            max_concurrency=at_once or 1,
            no_catchup=fields.flag("no_catchup"),
            enabled=_is_on(before) if wanted is None else fields.flag("enabled"),
            notes=request.notes,
        )

    async def pipeline(
        self, body: Mapping[str, Any], user: str, before: Wish | None = None
    ) -> Wish:
        """Read the run of a pipeline that shall recur, as KFP's clients write it.

        Parameters
        ----------
        body, user
            As for `job`.
        before
            As for `job`; it says as well whether outputs are taken from the cache.

        Raises
        ------
        InvalidInput
            It could not be run.
        NotFound
            It names an experiment or a version that is not there.
        """
        submissions = self._submissions
        source = await submissions.source(body)
        config = object_of(body, "runtime_config", "runtimeConfig")
        compiled = await submissions.compiled(source)
        await asyncio.to_thread(take_arguments, compiled, object_of(config, "parameters"))
        # A look at a disk that may hang.
        await asyncio.to_thread(read_python, body)
        read_on(body)
        read_cached(body)
        own = dict(object_of(body, "trackside"))
        if before is not None and own.get("cached") is None:
            own = {**own, **_cached(before)}
        named = source.pipeline_id is not None
        at_once = whole_of(body, "max_concurrency", "maxConcurrency", within=(1, MOST_CONCURRENT))
        return Wish(
            name=_on_one_line(_name(body, compiled)),
            description=text_of(body, "description"),
            experiment_id=(await submissions.experiment(body)).experiment_id,
            schedule=Schedule.read(object_of(body, "trigger")),
            pipeline_id=source.pipeline_id,
            version_id=source.version_id,
            documents=None if named else source.documents,
            request={
                "runtime_config": dict(config),
                "user": user,
                **({"trackside": own} if own else {}),
            },
            max_concurrency=1 if at_once is None else at_once,
            no_catchup=_flag(body, "no_catchup", "noCatchup"),
            enabled=_mode(body, enabled=_is_on(before)),
        )


def _with_known_python(job: dict[str, Any]) -> dict[str, Any]:
    """Leave out the Python of a kernel behind a tunnel: it is none of this machine."""
    python = _kernel_of(job)
    if not python or pythons.is_usable(python):
        return job
    source = {key: value for key, value in job["source"].items() if key != "python"}
    return {**job, "source": source}


def _kernel_of(job: Mapping[str, Any]) -> str | None:
    """Give the Python of the kernel that asks, as `Jobs.check` has read it."""
    return object_of(job, "source").get("python")


def _is_on(before: Wish | None) -> bool:
    return before is None or before.enabled


def _name(body: Mapping[str, Any], compiled: Pipeline) -> str:
    if text_of(body, "display_name", "displayName").strip():
        return read_name(body)
    return compiled.display_name or compiled.name


def _cached(before: Wish) -> dict[str, Any]:
    own = object_of(before.request, "trackside")
    return {"cached": own["cached"]} if "cached" in own else {}


def _on_one_line(text: str) -> str:
    name = text.strip()
    if not name.isprintable():
        raise InvalidInput(
            "What recurs needs a name on one line, without control characters and marks that turn "
            "the direction of a text.",
            hint="Leave them out of the name.",
            reason="name",
        )
    return name


def _flag(body: Mapping[str, Any], *names: str) -> bool:
    for name in names:
        value = body.get(name)
        if isinstance(value, bool):
            return value
        if value is not None:
            raise InvalidInput(f"{name} has to be true or false.")
    return False


def _mode(body: Mapping[str, Any], *, enabled: bool) -> bool:
    mode = body.get("mode", "ENABLE" if enabled else "DISABLE")
    if not isinstance(mode, str | int) or mode not in _MODES:
        raise InvalidInput("mode has to be ENABLE or DISABLE.")
    return _MODES[mode]
