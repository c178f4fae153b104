"""Train, track and compare models beside the notebook.

``submit`` sends a function, a script or a notebook off as a job, ``schedule`` does so again and
again; ``log`` and ``start_run`` track without one; ``runs``, ``experiment`` and ``model`` read back
what was tracked, ``compare`` puts runs side by side, and ``show`` draws it. In a notebook,
``%load_ext trackside`` adds the magics ``%%train``, ``%runs``, ``%experiments``, ``%models``,
``%compare``, ``%jobs``, ``%logs``, ``%cancel``, ``%schedule`` and ``%schedules``, and ``%%step``
and ``%pipeline`` for the pipelines of `trackside.pipelines`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trackside._comparison import Comparison, compare
    from trackside._display import show
    from trackside._errors import CannotTravel, JobFailed, ServerUnavailable, TracksideError
    from trackside._experiment import Experiment, experiment, experiments
    from trackside._frames import history, jobs, runs
    from trackside._job import Job
    from trackside._logging import (
        ActiveRun,
        end_run,
        flush,
        log,
        log_artifact,
        log_params,
        set_tags,
        start_run,
    )
    from trackside._mlproject.submitting import run_project
    from trackside._model import Model, ModelVersion, model, models
    from trackside._run import Run
    from trackside._schedules import Schedule, schedule, schedules
    from trackside._submit import get_job, submit
    from trackside._tensorboard import read_tensorboard
    from trackside._transfers import export_mlflow, import_mlflow
    from trackside._trash import delete, empty_trash, trash
    from trackside._widget.compare import CompareWidget
    from trackside._widget.job import JobWidget
    from trackside._widget.model import ModelWidget
    from trackside._widget.run import RunWidget
    from trackside._widget.runs import RunsWidget

__all__ = [
    "ActiveRun",
    "CannotTravel",
    "CompareWidget",
    "Comparison",
    "Experiment",
    "Job",
    "JobFailed",
    "JobWidget",
    "Model",
    "ModelVersion",
    "ModelWidget",
    "Run",
    "RunWidget",
    "RunsWidget",
    "Schedule",
    "ServerUnavailable",
    "TracksideError",
    "compare",
    "delete",
    "empty_trash",
    "end_run",
    "experiment",
    "experiments",
    "export_mlflow",
    "flush",
    "get_job",
    "history",
    "import_mlflow",
    "jobs",
    "log",
    "log_artifact",
    "log_params",
    "model",
    "models",
    "read_tensorboard",
    "run_project",
    "runs",
    "schedule",
    "schedules",
    "set_tags",
    "show",
    "start_run",
    "submit",
    "trash",
]

# Where each public name lives. A training image imports this package in every process, so nothing
# is loaded before it is used.
_HOMES = {
    "ActiveRun": "_logging",
    "CannotTravel": "_errors",
    "CompareWidget": "_widget.compare",
    "Comparison": "_comparison",
    "Experiment": "_experiment",
    "Job": "_job",
    "JobWidget": "_widget.job",
    "JobFailed": "_errors",
    "Model": "_model",
    "ModelVersion": "_model",
    "ModelWidget": "_widget.model",
    "Run": "_run",
    "RunWidget": "_widget.run",
    "RunsWidget": "_widget.runs",
    "Schedule": "_schedules",
    "ServerUnavailable": "_errors",
    "TracksideError": "_errors",
    "compare": "_comparison",
    "delete": "_trash",
    "empty_trash": "_trash",
    "end_run": "_logging",
    "experiment": "_experiment",
    "experiments": "_experiment",
    "export_mlflow": "_transfers",
    "flush": "_logging",
    "get_job": "_submit",
    "history": "_frames",
    "import_mlflow": "_transfers",
    "jobs": "_frames",
    "log": "_logging",
    "log_artifact": "_logging",
    "log_params": "_logging",
    "model": "_model",
    "models": "_model",
    "read_tensorboard": "_tensorboard",
    "run_project": "_mlproject.submitting",
    "runs": "_frames",
    "schedule": "_schedules",
    "schedules": "_schedules",
    "set_tags": "_logging",
    "show": "_display",
    "start_run": "_logging",
    "submit": "_submit",
    "trash": "_trash",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("trackside")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


def load_ipython_extension(shell: Any) -> None:
    """Add the magics to this IPython session (``%load_ext trackside``)."""
    from trackside._magics import load_ipython_extension

    load_ipython_extension(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take the magics away again (``%unload_ext trackside``)."""
    from trackside._magics import unload_ipython_extension

    unload_ipython_extension(shell)


if "IPython" in sys.modules:
    # In a notebook, importing is enough to have the magics.
    from trackside._magics import attach

    attach()
