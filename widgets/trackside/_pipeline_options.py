"""The options of ``%%step`` and ``%pipeline``: their part of the one table."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError

from trackside._job_options import JOB_OPTIONS
from trackside._option import MAGIC, Command, Option, one_of, whole
from trackside._pipelines.places import PLACES, TASKS

_OF_IT = ("params", "name")
_OF_RUNS = ("experiment", "no_cache", "on")

# What can be done with a pipeline, and what of the options each of these heeds.
ACTIONS = {
    "show": _OF_IT,
    "run": (*_OF_IT, *_OF_RUNS, "wait"),
    "runs": ("on", "max_results"),
    "compile": ("argument", *_OF_IT),
    "schedule": ("argument", *_OF_IT, *_OF_RUNS),
    "send": _OF_IT,
    "clear": (),
}


def _of_jobs(*keywords: str) -> tuple[Option, ...]:
    return tuple(option for option in JOB_OPTIONS if option.keyword in keywords)


def _read_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][\w -]*", text):
        raise ArgumentTypeError(
            f"A step is named with letters, digits, blanks, - and _; {text!r} cannot be a name."
        )
    return text


def _read_names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


_HELP = Option(("--help", "-h"), "Show this help.", "help", doors=(MAGIC,))

STEP_OPTIONS: tuple[Option, ...] = (
    Option(
        ("--after",),
        "Steps that this one waits for without using a variable of them, as in a,b.",
        "after",
        "STEPS",
        _read_names,
        doors=(MAGIC,),
    ),
    Option(
        ("--gpus",),
        "How many GPUs the step needs.",
        "gpus",
        "N",
        whole("--gpus", 0),
        doors=(MAGIC,),
    ),
    *_of_jobs("cpus"),
    Option(("--memory",), "How much memory the step may use, as in 16Gi.", "memory", "SIZE"),
    Option(
        ("--retries",),
        "How many times the step is tried again when it fails.",
        "retries",
        "N",
        whole("--retries", 0),
        doors=(MAGIC,),
    ),
    Option(
        ("--package",),
        "A package that pip installs before the step runs, as in scikit-learn==1.5. Can be given"
        " several times.",
        "packages",
        "PACKAGE",
        str,
        "many",
        doors=(MAGIC,),
    ),
    Option(
        ("--image",),
        "The container image of the step on a cluster. Default: python, of the version of this"
        " kernel.",
        "image",
        "IMAGE",
        doors=(MAGIC,),
    ),
    Option(("--no-cache",), "Never take the results of an equal step.", "no_cache", doors=(MAGIC,)),
)
STEP = Command(
    "step",
    "Run this cell, and make it a step of the notebook's pipeline.",
    (
        Option(
            ("name",),
            "The name of the step, as in %%step train.",
            "name",
            "NAME",
            _read_name,
            doors=(MAGIC,),
        ),
        *STEP_OPTIONS,
        Option(
            ("--only-pipeline",),
            "Do not run the cell here, only as a step.",
            "only_pipeline",
            doors=(MAGIC,),
        ),
        _HELP,
    ),
    cell=True,
)
PIPELINE = Command(
    "pipeline",
    "Show, run, compile, schedule or send the pipeline that the steps of this notebook make.",
    (
        Option(
            ("action",),
            "What to do. show (the default) shows steps, what goes between them and what stands in"
            " the way; run runs them; runs lists the newest runs of pipelines; compile writes FILE,"
            " a YAML file for Kubeflow Pipelines; schedule lets the server run them at the times of"
            ' a cron line, as in "0 6 * * *"; send keeps them on the KFP server; clear forgets all'
            " steps.",
            "action",
            "ACTION",
            one_of("%pipeline", *ACTIONS),
            "optional",
            doors=(MAGIC,),
        ),
        Option(
            ("argument",),
            "The file to compile into, or the times to run at.",
            "argument",
            "FILE|CRON",
            shape="optional",
            doors=(MAGIC,),
        ),
        Option(
            ("--param", "-p"),
            "A value for a parameter: a plain variable of the notebook, as in -p lr=0.1. Can be"
            " given several times.",
            "params",
            "NAME=VALUE",
            next(option.read for option in JOB_OPTIONS if option.keyword == "params"),
            "pairs",
            doors=(MAGIC,),
        ),
        Option(
            ("--name",),
            "The name of the pipeline. Default: that of the notebook.",
            "name",
            "NAME",
            doors=(MAGIC,),
        ),
        Option(
            ("--experiment",),
            "The experiment that the runs belong to. Default: the name of the pipeline.",
            "experiment",
            "NAME",
            doors=(MAGIC,),
        ),
        Option(
            ("--no-cache",), "Never take the results of equal steps.", "no_cache", doors=(MAGIC,)
        ),
        Option(
            ("--on",),
            "Where it runs, is scheduled, or is listed: here, on the Jupyter server, or on kfp, the"
            " server of Kubeflow Pipelines that it was told of. cluster runs all steps as pods of"
            " the Jupyter server's cluster, local all of them on its machine. Default: here, each"
            " step where it can.",
            "on",
            "PLACE",
            one_of("--on", *PLACES, *TASKS),
            doors=(MAGIC,),
        ),
        Option(
            ("--max", "-n"),
            "How many runs at most. Default: 20.",
            "max_results",
            "N",
            whole("--max", 1),
            doors=(MAGIC,),
        ),
        Option(("--wait",), "Wait until the run has ended.", "wait", doors=(MAGIC,)),
        _HELP,
    ),
)
