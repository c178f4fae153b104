"""The options of ``trackside run``: their part of the one table."""

from __future__ import annotations

from dataclasses import replace

from trackside._job_options import JOB_OPTIONS
from trackside._option import CLI, Command, Option, one_of, pair


def _of_jobs() -> tuple[Option, ...]:
    """Return the options of a job that go with a project."""
    left_out = ("params", "files", "install")
    return tuple(
        replace(option, doors=(CLI,)) for option in JOB_OPTIONS if option.keyword not in left_out
    )


RUN = Command(
    "run",
    "Run an entry point of an MLproject folder as a job.",
    (
        Option(
            ("folder",),
            "The folder with the file MLproject. Default: the current one.",
            "folder",
            "DIR",
            shape="optional",
            doors=(CLI,),
        ),
        Option(
            ("--entry-point", "-e"),
            "The entry point, or a .py or .sh file in the folder. Default: main.",
            "entry_point",
            "NAME",
            doors=(CLI,),
        ),
        Option(
            ("--param", "-P", "-p"),
            "A value for a parameter. What the entry point does not declare is passed on as --NAME"
            " VALUE. Can be given several times.",
            "params",
            "NAME=VALUE",
            pair("--param", "lr=0.01"),
            "pairs",
            doors=(CLI,),
        ),
        Option(
            ("--env-manager",),
            "Which environment it runs in: virtualenv makes the one of the project's python_env,"
            " once; local takes what is here. Default: virtualenv.",
            "env_manager",
            "MANAGER",
            one_of("--env-manager", "virtualenv", "local"),
            doors=(CLI,),
        ),
        *_of_jobs(),
        Option(
            ("--wait",),
            "Show the log until the job has ended; the exit status is 0 only if it succeeded.",
            "wait",
            doors=(CLI,),
        ),
        Option(("--json",), "Print JSON instead of a table.", "json", doors=(CLI,)),
    ),
)
