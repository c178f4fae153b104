"""The environment variables of a job: those of the server, without its secrets, and the job's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from . import gpus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.jobs.entities import Gpu, Job

# What the server or its hub must keep to itself, and what would lead a job's logging elsewhere.
_NEVER = ("TRACKSIDE_", "MLFLOW_TRACKING_", "MLFLOW_EXPERIMENT_", "MLFLOW_RUN_ID")
_HUB = ("JUPYTER", "JPY_", "CONFIGPROXY_")
_HUB_SECRETS = ("TOKEN", "COOKIE", "SECRET", "PASSWORD", "OAUTH")
_THREADS = ("OMP_NUM_THREADS",)


def build(
    job: Job,
    own: Mapping[str, str],
    inventory: Sequence[Gpu],
    base: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the environment of a job.

    Parameters
    ----------
    job
        The job, with the GPUs that it holds.
    own
        Variables of this job alone, the last word about all names.
    inventory
        The GPUs of this machine.
    base
        The variables to begin with. Default: those of this process.
    """
    base = os.environ if base is None else base
    env = {name: value for name, value in base.items() if not _is_kept_back(name)}
    # What is printed shall be seen at once.
    env["PYTHONUNBUFFERED"] = "1"
    cpus = job.spec.resources.cpus
    if cpus is not None:
        env.update(dict.fromkeys(_THREADS, str(max(1, int(cpus)))))
    env.update(job.spec.env)
    env.update(gpus.cuda_variables(job.gpus, machine_has_some=bool(inventory)))
    env.update(own)
    return env


def _is_kept_back(name: str) -> bool:
    if name.startswith(_NEVER):
        return True
    return name.startswith(_HUB) and any(word in name for word in _HUB_SECRETS)
