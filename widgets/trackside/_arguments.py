"""The options of a job and of the questions about jobs: one table for every door.

The magics, the command line and the reference are made from what stands here, so an option is
spelled the same wherever it is typed, and its keyword is that of the Python function.
"""

from __future__ import annotations

from trackside._job_options import JOB_OPTIONS
from trackside._option import (
    CLI,
    MAGIC,
    Command,
    Option,
    days,
    one_of,
    read_variable,
    whole,
)
from trackside._pipeline_options import PIPELINE, STEP
from trackside._project_options import RUN
from trackside._schedule_options import SCHEDULE, SCHEDULES

__all__ = [
    "CANCEL",
    "CLI",
    "COMMANDS",
    "COMPARE",
    "EXPERIMENTS",
    "EXPORT",
    "IMPORT",
    "JOBS",
    "JOB_OPTIONS",
    "LOGS",
    "MAGIC",
    "MAGICS",
    "MODELS",
    "PIPELINE",
    "RUN",
    "RUNS",
    "SCHEDULE",
    "SCHEDULES",
    "STEP",
    "SUBMIT",
    "TRAIN",
]


def _most(what: str, default: int) -> Option:
    return Option(
        ("--max", "-n"),
        f"How many {what} at most. Default: {default}.",
        "max_results",
        "N",
        whole("--max", 1),
    )


def _experiment(what: str) -> Option:
    return Option(
        ("experiment",),
        f"Only the {what} of this experiment.",
        "experiment",
        "EXPERIMENT",
        shape="optional",
    )


_HELP = Option(("--help", "-h"), "Show this help.", "help", doors=(MAGIC,))
_JSON = Option(("--json",), "Print JSON instead of a table.", "json", doors=(CLI,))

TRAIN = Command(
    "train",
    "Run this cell as a job.",
    (
        *JOB_OPTIONS,
        Option(("--wait",), "Wait until the job has ended.", "wait"),
        Option(
            ("--as",),
            "A variable that the job is stored in.",
            "variable",
            "NAME",
            read_variable,
        ),
        _HELP,
    ),
    cell=True,
)
SUBMIT = Command(
    "submit",
    "Run a script, a notebook or any command as a job.",
    (
        Option(
            ("path",),
            "The script (.py) or notebook (.ipynb). Without one, what follows a bare -- is the"
            " command to run, as in `trackside submit --gpus 1 -- ./train --lr 0.1`; files that it"
            " names travel with it.",
            "path",
            "FILE",
            shape="optional",
        ),
        *JOB_OPTIONS,
        Option(
            ("--wait",),
            "Show the log until the job has ended; the exit status is 0 only if it succeeded.",
            "wait",
        ),
        _JSON,
    ),
)
RUNS = Command(
    "runs",
    "List runs with their metrics and params.",
    (
        _experiment("runs"),
        Option(
            ("--filter", "-f"),
            "Only the runs that fit, in MLflow's words, as in 'metrics.loss < 0.3'.",
            "filter",
            "FILTER",
        ),
        Option(
            ("--order-by", "-o"),
            "What to sort by, as in 'metrics.loss' or 'params.lr DESC'. Can be given several"
            " times. Default: the newest first.",
            "order_by",
            "COLUMN",
            str,
            "many",
        ),
        _most("runs", 100),
        _JSON,
        _HELP,
    ),
)
EXPERIMENTS = Command(
    "experiments",
    "List experiments, the one that was used last first.",
    (_most("experiments", 100), _JSON, _HELP),
)
MODELS = Command(
    "models",
    "List registered models, or show the versions of one.",
    (
        Option(
            ("model",),
            "The registered model whose versions are shown.",
            "model",
            "MODEL",
            shape="optional",
        ),
        _most("models", 100),
        _JSON,
        _HELP,
    ),
)
COMPARE = Command(
    "compare",
    "Put two to twenty runs side by side: what differs, and what goes with the better result.",
    (
        Option(("runs",), "The names of jobs, or the ids of runs.", "runs", "RUN", shape="rest"),
        Option(
            ("--metric",),
            "What says which result is better. Default: the main metric that most of them have.",
            "metric",
            "METRIC",
        ),
        Option(
            ("--goal",),
            "Whether less (min) or more (max) of it is better. Default: as its name says.",
            "goal",
            "GOAL",
            one_of("--goal", "min", "max"),
        ),
        Option(
            ("--base",),
            "The run that code is compared with. Default: the oldest one.",
            "base",
            "RUN",
        ),
        _JSON,
        _HELP,
    ),
)
JOBS = Command(
    "jobs",
    "List jobs, the newest first.",
    (
        _experiment("jobs"),
        Option(
            ("--state", "-s"),
            "Only the jobs in this state: queued, starting, running, succeeded, failed or"
            " canceled. Can be given several times.",
            "state",
            "STATE",
            str,
            "many",
        ),
        _most("jobs", 20),
        _JSON,
        _HELP,
    ),
)
LOGS = Command(
    "logs",
    "Show what a job printed.",
    (
        Option(
            ("job",),
            "The name or id of the job. Default: the newest.",
            "job",
            "JOB",
            shape="optional",
        ),
        Option(("--follow", "-f"), "Go on until the job has ended.", "follow"),
        Option(("--tail", "-n"), "Only the last lines.", "tail", "LINES", whole("--tail", 0)),
        Option(
            ("--rank",),
            "Of a job on several nodes, the one whose log is shown, counted from 0. Default: 0.",
            "rank",
            "N",
            whole("--rank", 0),
        ),
        _HELP,
    ),
)
CANCEL = Command(
    "cancel",
    "Stop jobs.",
    (
        Option(("jobs",), "The names or ids of the jobs.", "jobs", "JOB", shape="rest"),
        _HELP,
    ),
)
_ARTIFACTS = Option(
    ("--artifacts",),
    "What becomes of files: copy copies them (the default), reference leaves them where they are"
    " and reads them from there, none leaves them out.",
    "artifacts",
    "HOW",
    one_of("--artifacts", "copy", "reference", "none"),
    doors=(CLI,),
)
_STOP = Option(("--stop",), "Stop the one that is under way.", "stop", doors=(CLI,))
IMPORT = Command(
    "import",
    "Bring experiments, runs, models and traces from MLflow. Can be repeated: only what is new"
    " comes.",
    (
        Option(
            ("source",),
            "An mlruns folder, the file or URL of MLflow's database (SQLite or PostgreSQL), or the"
            " URL of a running MLflow server. MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME"
            " and MLFLOW_TRACKING_PASSWORD, say who you are there.",
            "source",
            "SOURCE",
            doors=(CLI,),
        ),
        _ARTIFACTS,
        Option(
            ("--artifact-root",),
            "A further folder in which artifacts of the source lie, such as the one that"
            " `mlflow server --artifacts-destination` names.",
            "artifact_root",
            "DIR",
            doors=(CLI,),
        ),
        Option(
            ("--prefix",),
            "What to put before the names of experiments and registered models. Default: nothing,"
            " so that they join those of the same name.",
            "prefix",
            "TEXT",
            doors=(CLI,),
        ),
        Option(
            ("--experiment",),
            "Only this experiment, without the registry. Can be given several times.",
            "experiments",
            "NAME",
            str,
            "many",
            doors=(CLI,),
        ),
        Option(("--dry-run",), "Only tell what would come.", "dry_run", doors=(CLI,)),
        _STOP,
        _JSON,
    ),
)
EXPORT = Command(
    "export",
    "Write experiments, runs, models and traces where MLflow reads them. Can be repeated: only what"
    " is new goes.",
    (
        Option(
            ("--to",),
            "A folder (mlruns), or the URL of a running MLflow server. The variables of `import`"
            " say who you are there.",
            "to",
            "PLACE",
            doors=(CLI,),
        ),
        Option(
            ("--experiment",),
            "Only this experiment. Can be given several times.",
            "experiments",
            "NAME",
            str,
            "many",
            doors=(CLI,),
        ),
        Option(
            ("--run",),
            "Only the run with this id. Can be given several times.",
            "runs",
            "ID",
            str,
            "many",
            doors=(CLI,),
        ),
        Option(
            ("--model",),
            "Only this registered model, with the runs and logged models behind its versions."
            " Can be given several times.",
            "models",
            "NAME",
            str,
            "many",
            doors=(CLI,),
        ),
        Option(
            ("--artifacts",),
            "What becomes of files: copy copies them (the default), none leaves them out.",
            "artifacts",
            "HOW",
            one_of("--artifacts", "copy", "none"),
            doors=(CLI,),
        ),
        _STOP,
        _JSON,
    ),
)

_YES = Option(("--yes", "-y"), "Do not ask whether that is meant.", "yes", doors=(CLI,))

DELETE = Command(
    "delete",
    "Delete runs and experiments: to the trash, or for ever.",
    (
        Option(("runs",), "The ids of runs.", "runs", "RUN", shape="rest", doors=(CLI,)),
        Option(
            ("--experiment",),
            "An experiment with all that is in it, by its name or id. Can be given several times.",
            "experiment",
            "EXPERIMENT",
            str,
            "many",
            doors=(CLI,),
        ),
        Option(
            ("--forever",),
            "Delete what lies in the trash for ever: rows, files and jobs go, the name is free.",
            "forever",
            doors=(CLI,),
        ),
        Option(
            ("--force",),
            "With --forever: also what is not in the trash, has the tag trackside.keep, or is what"
            " a registered model was made of.",
            "force",
            doors=(CLI,),
        ),
        _YES,
        _JSON,
    ),
)
TRASH = Command(
    "trash",
    "Show what was deleted, or delete it for ever.",
    (
        Option(
            ("experiment",),
            "Only this experiment, by its name or id, and what belongs to it.",
            "experiment",
            "EXPERIMENT",
            shape="optional",
            doors=(CLI,),
        ),
        Option(("--empty",), "Delete it for ever.", "empty", doors=(CLI,)),
        Option(
            ("--older-than",),
            "With --empty: only what was deleted longer ago than so many days.",
            "older_than_days",
            "DAYS",
            days("--older-than"),
            doors=(CLI,),
        ),
        _YES,
        _JSON,
    ),
)

MAGICS = (
    TRAIN,
    RUNS,
    EXPERIMENTS,
    MODELS,
    COMPARE,
    JOBS,
    LOGS,
    CANCEL,
    SCHEDULE,
    SCHEDULES,
    STEP,
    PIPELINE,
)
COMMANDS = (
    SUBMIT,
    RUN,
    RUNS,
    EXPERIMENTS,
    MODELS,
    COMPARE,
    JOBS,
    LOGS,
    CANCEL,
    SCHEDULE,
    SCHEDULES,
    DELETE,
    TRASH,
    IMPORT,
    EXPORT,
)
