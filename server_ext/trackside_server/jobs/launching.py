"""Starts an attempt whose intent is stored: its code, its secrets and its token go to a runner."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec import Struct

from .directory import JobDirectory, read_json
from .runners.base import AttemptStatus, Launch
from .source import source_of

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from trackside_server.identity import Tokens
    from trackside_server.jobs.capture import Capture

    from .bundles import Bundles
    from .entities import Job
    from .runners.choice import Runners


class Launcher(Struct, frozen=True):
    """Starts attempts.

    Parameters
    ----------
    root
        The root of the store.
    runners, capture, tokens, bundles, log
        Collaborators.
    reach
        Returns the variables that lead a job with this token to the server.
    """

    root: Path
    runners: Runners
    capture: Capture
    tokens: Tokens
    bundles: Bundles
    log: logging.Logger
    reach: Callable[[str], Mapping[str, str]]

    async def launch(self, job: Job, token: str | None = None) -> AttemptStatus | None:
        """Start an attempt; give how it ended where it could not be started.

        Parameters
        ----------
        job
            The job.
        token
            With what it comes back to the server; None where that died with the server that
            intended to start it.
        """
        try:
            if token is None:
                token = await self.tokens.issue(job.job_id, job.run_id, job.experiment_id)
            runner = self.runners.of(job)
            directory = JobDirectory(self.root, job.job_id)
            if not runner.queues:
                await self.capture.attach(source_of(job, directory))
            launch = await asyncio.to_thread(self._prepared, job, directory, token)
            if launch is None:
                return _not_started("its code is not in the store any more")
            await runner.launch(job, launch)
        except OSError as error:
            return _not_started(error.strerror or str(error))
        except Exception as error:
            # Whatever it was: a job that is said to start for ever would be worse.
            self.log.exception("Job %s could not be started", job.name)
            return _not_started(str(error).rstrip("."))
        return None

    def _prepared(self, job: Job, directory: JobDirectory, token: str) -> Launch | None:
        """Lay ready what a runner needs; None where the code is gone."""
        if not self.bundles.has(job.spec.bundle):
            return None
        env = self._environment(job, directory, token)
        return Launch(env, self.bundles.files(job.spec.bundle), token)

    def _environment(self, job: Job, directory: JobDirectory, token: str) -> dict[str, str]:
        secrets = read_json(directory.private) or {}
        values = {str(key): str(value) for key, value in secrets.get("env", {}).items()}
        missing = [name for name in job.spec.secret_env if name not in values]
        if missing:
            raise FileNotFoundError(f"the value of {', '.join(missing)} is gone")
        return {
            **values,
            "TRACKSIDE_TOKEN": token,
            **self.reach(token),
            "MLFLOW_RUN_ID": job.run_id,
            "MLFLOW_EXPERIMENT_ID": job.experiment_id,
            "TRACKSIDE_JOB_ID": job.job_id,
            "TRACKSIDE_RUN_ID": job.run_id,
            "TRACKSIDE_SPOOL_DIR": str(directory.spool),
            "TRACKSIDE_SERVER_FILE": str(self.root / "runtime" / "server.json"),
        }


def _not_started(error: str) -> AttemptStatus:
    return AttemptStatus("ended", cause="launch_failed", error=error)
