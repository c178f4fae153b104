"""Compare what pipelines cost with KFP's local runner: ``python -m bench.pipelines``.

A chain of ten tasks and a hundred tasks side by side, each adding two numbers. What the processes
of the tasks take by themselves is measured in the same run, and is not counted: one after the other
for the chain, and as many at once as jobs run at once for the others, so that whatever else the
machine does is in both. Seconds of processors are told as well: they depend on that the least.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from tests.kfp_clients import NEWEST

from trackside_server.pipelines.ir.reading import read
from trackside_server.pipelines.times import seconds_of
from trackside_server.testing import JupyterProcess

from .answers import Answers, measure, told

CHAIN = 10
CHAIN_LIMIT = 0.15
FAN_LIMIT = 3.0
# As many jobs as run at once where nobody sets it.
AT_ONCE = 2
RUNS = "trackside/apis/v2beta1/runs"


class Cost(NamedTuple):
    """What a run cost.

    Parameters
    ----------
    seconds
        From its request to its end.
    server
        Seconds of processors that the Jupyter server took meanwhile.
    jobs
        Those that the processes of jobs took, with what watches over them.
    """

    seconds: float
    server: float
    jobs: float


class Round(NamedTuple):
    """What was measured once.

    Parameters
    ----------
    sdk
        What the script of the SDK told.
    ours
        What each pipeline cost here, by name.
    answers
        How fast others were answered meanwhile.
    """

    sdk: dict[str, Any]
    ours: dict[str, Cost]
    answers: Answers


def main() -> int:
    """Print some lines a pipeline; end with 1 when one costs more than it may."""
    parser = argparse.ArgumentParser(prog="python -m bench.pipelines", description=__doc__)
    parser.add_argument("--width", type=int, default=100, help="how many tasks side by side")
    parser.add_argument("--rounds", type=int, default=1, help="of which the median is told")
    options = parser.parse_args()
    width = options.width
    rounds = [_round(width) for _ in range(options.rounds)]
    print(f"{os.cpu_count()} processors; load {os.getloadavg()[0]:.1f}")
    chain = statistics.median(_tell("chain", CHAIN, one) for one in rounds) / CHAIN
    fan = statistics.median(_tell("fan", width, one) for one in rounds)
    print(told("while nothing runs", [took for one in rounds for took in one.answers.idle]))
    print(told(f"while {width} run", [took for one in rounds for took in one.answers.busy]))
    print(f"A chain of {CHAIN}: {chain:.3f} s a task beyond its process (at most {CHAIN_LIMIT})")
    print(f"{width} side by side: {fan:.2f} s beyond their processes (at most {FAN_LIMIT})")
    return int(chain > CHAIN_LIMIT or fan > FAN_LIMIT)


def _round(width: int) -> Round:
    with tempfile.TemporaryDirectory() as folder:
        server = JupyterProcess(Path(folder) / "jupyter", env=NEWEST.environment())
        environment = {
            **server.environment(),
            "BENCH_WIDTH": str(width),
            "BENCH_AT_ONCE": str(AT_ONCE),
        }
        sdk = NEWEST.run(Path(__file__).with_name("sdk.py"), env=environment, timeout=600)
        try:
            server.start().wait_ready()
            ours = {name: _run(server, text) for name, text in sdk["compiled"].items()}
            # Apart from what is measured of the pipeline: to be asked is work, too.
            answers = measure(server, RUNS, lambda: _start(server, sdk["compiled"]["fan"]))
        finally:
            server.clean_up()
    return Round(sdk, ours, answers)


def _tell(name: str, tasks: int, one: Round) -> float:
    """Print what a pipeline cost; give the seconds beyond its processes."""
    cost = one.ours[name]
    alone, processors = one.sdk["bare"][name]
    print(
        f"{name}: {cost.seconds:.2f} s, its {tasks} processes alone {alone:.2f} s, kfp.local "
        f"{one.sdk['local'][name]:.2f} s; of processors, in ms a task: server "
        f"{cost.server / tasks * 1000:.0f}, jobs {cost.jobs / tasks * 1000:.0f}, "
        f"processes alone {processors / tasks * 1000:.0f}"
    )
    return cost.seconds - alone


def _start(server: JupyterProcess, text: str) -> str:
    """Start a run of a compiled pipeline; give its id."""
    body = {
        "display_name": "bench",
        "pipeline_spec": read(text.encode()).pipeline,
        "trackside": {"cached": False},
    }
    made = server.request("POST", RUNS, body)
    assert made.status == 200, made.text
    return str(made.json["run_id"])


def _run(server: JupyterProcess, text: str) -> Cost:
    """Run a compiled pipeline."""
    before = _processors(server.pid)
    run_id = _start(server, text)
    while True:
        run = server.request("GET", f"{RUNS}/{run_id}?run_details=false").json
        if "finished_at" in run:
            assert run["state"] == "SUCCEEDED", server.log
            begun, ended = (seconds_of(run[at], at) for at in ("created_at", "finished_at"))
            own, jobs = (
                now - then for now, then in zip(_processors(server.pid), before, strict=True)
            )
            return Cost(ended - begun, own, jobs)
        # Seldom: to be asked is work, too.
        time.sleep(1)


def _processors(pid: int) -> tuple[float, float]:
    """Give the seconds of processors of a process, and of those that it has waited for."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    fields = [int(field) for field in text[text.rindex(")") + 2 :].split()[11:15]]
    own, waited = fields[0] + fields[1], fields[2] + fields[3]
    tick = os.sysconf("SC_CLK_TCK")
    return own / tick, waited / tick


if __name__ == "__main__":
    raise SystemExit(main())
