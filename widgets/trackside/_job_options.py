"""The options of a job: the part of the one table that every way to start one shares."""

from __future__ import annotations

from trackside._option import (
    Option,
    one_of,
    pair,
    read_cpus,
    read_env,
    read_gpus,
    read_param,
    whole,
)

JOB_OPTIONS: tuple[Option, ...] = (
    Option(
        ("--param", "-p"),
        "A param: a variable of a cell, a keyword argument of a function, --NAME VALUE of a"
        " script, the parameters cell of a notebook. Python literals keep their type, anything"
        " else is text. Can be given several times.",
        "params",
        "NAME=VALUE",
        read_param,
        "pairs",
    ),
    Option(
        ("--name",), "The name of the job. Default: the experiment and a number.", "name", "NAME"
    ),
    Option(
        ("--experiment",),
        "The experiment that the run belongs to. Default: the name of the notebook or script.",
        "experiment",
        "NAME",
    ),
    Option(
        ("--gpus",),
        "How many GPUs the job needs, or which: 2, A100, '2 x A100-80GB', or a slice such as"
        " 1g.10gb.",
        "gpus",
        "GPUS",
        read_gpus,
    ),
    Option(("--cpus",), "How many CPUs the job needs.", "cpus", "N", read_cpus),
    Option(
        ("--memory",),
        "How much memory the job may use, as in 16Gi or 500M; more than that ends it.",
        "memory",
        "SIZE",
    ),
    Option(
        ("--time-limit",),
        "How long the job may run, as in 90s, 30m or 2h; longer than that ends it.",
        "time_limit",
        "TIME",
    ),
    Option(
        ("--retries",),
        "How many times a failed job is started again.",
        "retries",
        "N",
        whole("--retries", 0),
    ),
    Option(
        ("--env",),
        "An environment variable of the job; NAME alone passes on the one that is set here."
        " Values that look like secrets are never stored or shown. Can be given several times.",
        "env",
        "NAME[=VALUE]",
        read_env,
        "pairs",
    ),
    Option(
        ("--file",),
        "A file or folder that travels with the job. Can be given several times.",
        "files",
        "PATH",
        str,
        "many",
    ),
    Option(
        ("--metric-pattern",),
        "A regular expression that finds metrics in what the job prints: a named group for each"
        " metric, or the groups 'name' and 'value'.",
        "metric_pattern",
        "REGEX",
    ),
    Option(
        ("--tag",),
        "A tag of the run. Can be given several times.",
        "tags",
        "NAME=VALUE",
        pair("--tag", "team=vision"),
        "pairs",
    ),
    Option(
        ("--on",),
        "Where the job runs: local or cluster. Default: this machine where it can run the job, else"
        " the cluster.",
        "on",
        "PLACE",
        one_of("--on", "local", "cluster"),
    ),
    Option(
        ("--nodes",),
        "How many machines of the cluster work on the job together; each has the GPUs, CPUs and"
        " memory that are asked for. Default: 1.",
        "nodes",
        "N",
        whole("--nodes", 1),
    ),
    Option(
        ("--image",),
        "The container image of the job on the cluster. Default: the one of this notebook.",
        "image",
        "IMAGE",
    ),
    Option(
        ("--install",),
        "Install in the job, too, what was installed on top of the notebook's image.",
        "install",
    ),
    Option(("--queue",), "The queue of the cluster that the job waits in.", "queue", "QUEUE"),
    Option(
        ("--runtime",),
        "The training runtime of the cluster that the job is made with.",
        "runtime",
        "RUNTIME",
    ),
    Option(
        ("--python",),
        "The Python that runs the job. Default: on this machine the one of this notebook or"
        " command, on the cluster that of the image.",
        "python",
        "PATH",
    ),
)
