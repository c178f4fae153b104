"""The options of ``schedule`` and ``schedules``: their part of the one table."""

from __future__ import annotations

from trackside._job_options import JOB_OPTIONS
from trackside._option import CLI, MAGIC, Command, Option, one_of, whole

# What can be done with schedules.
ACTIONS = ("list", "enable", "disable", "run", "hand-over", "take-back", "delete")

_HELP = Option(("--help", "-h"), "Show this help.", "help", doors=(MAGIC,))
_JSON = Option(("--json",), "Print JSON instead of text.", "json", doors=(CLI,))

SCHEDULE = Command(
    "schedule",
    "Let the Jupyter server run a script or notebook again and again.",
    (
        Option(
            ("path",),
            "The script (.py) or notebook (.ipynb). It is read when a run is due, and runs in its"
            " own folder.",
            "path",
            "FILE",
        ),
        Option(
            ("cron",),
            "When: minute, hour, day, month and weekday, in the server's time. '0 6 * * *' is every"
            " day at six.",
            "cron",
            "CRON",
        ),
        Option(
            ("--name",),
            "The name of the schedule and of its jobs. One of this name for the same file is"
            " changed. Default: as the file is.",
            "name",
            "NAME",
        ),
        Option(("--description",), "Words about it.", "description", "TEXT"),
        Option(
            ("--max-concurrency",),
            "How many of its runs may go on at once. Default: 1.",
            "max_concurrency",
            "N",
            whole("--max-concurrency", 1),
        ),
        Option(
            ("--catch-up",),
            "Make up for each run that was missed. Default: for the last one.",
            "catch_up",
        ),
        *(option for option in JOB_OPTIONS if option.keyword != "name"),
        _JSON,
        _HELP,
    ),
)
SCHEDULES = Command(
    "schedules",
    "List what recurs, with the next run and how many were missed; or do something with it.",
    (
        Option(
            ("action",),
            "What to do. list (the default) lists them; enable and disable let them recur or not;"
            " run runs them now; hand-over lets the cluster start them, also while the Jupyter"
            " server is off, and take-back the server again; delete forgets them, and their runs"
            " stay.",
            "action",
            "ACTION",
            one_of("schedules", *ACTIONS),
            "optional",
        ),
        Option(
            ("schedules",),
            "The names or ids of schedules.",
            "names",
            "SCHEDULE",
            shape="rest",
        ),
        Option(
            ("--leave",),
            "With take-back: do not ask the cluster, because it is gone for good. A CronJob that is"
            " still there goes on.",
            "leave",
        ),
        _JSON,
        _HELP,
    ),
)
