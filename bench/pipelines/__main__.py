"""Compare what pipelines cost with KFP's local runner: ``python -m bench.pipelines``.

A chain of ten tasks and a hundred tasks side by side, each adding two numbers. What the processes
of the tasks take by themselves is measured in the same run, and is not counted.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from tests.kfp_clients import NEWEST

from trackside_server.pipelines.ir.reading import read
from trackside_server.pipelines.times import seconds_of
from trackside_server.testing import JupyterProcess

CHAIN = 10
CHAIN_LIMIT = 0.15
FAN_LIMIT = 3.0


def main() -> int:
    """Print one line a pipeline; end with 1 when one costs more than it may."""
    parser = argparse.ArgumentParser(prog="python -m bench.pipelines", description=__doc__)
    parser.add_argument("--width", type=int, default=100, help="how many tasks side by side")
    width = parser.parse_args().width
    with tempfile.TemporaryDirectory() as folder:
        server = JupyterProcess(Path(folder) / "jupyter", env=NEWEST.environment())
        environment = {**server.environment(), "BENCH_WIDTH": str(width)}
        sdk = NEWEST.run(Path(__file__).with_name("sdk.py"), env=environment, timeout=600)
        try:
            server.start().wait_ready()
            ours = {name: _run(server, text) for name, text in sdk["compiled"].items()}
        finally:
            server.clean_up()
    bare, cores = sdk["bare"], os.cpu_count() or 1
    print(f"The process of a task alone: {bare:.3f} s; {cores} cores")
    chain = ours["chain"] / CHAIN - bare
    theirs = sdk["local"]["chain"] / CHAIN - bare
    print(
        f"A chain of {CHAIN}: {ours['chain']:.2f} s, {chain:.3f} s a task beyond its process "
        f"(at most {CHAIN_LIMIT}); kfp.local: {sdk['local']['chain']:.2f} s, {theirs:.3f} s a task"
    )
    fan = ours["fan"] - width * bare / cores
    print(
        f"{width} side by side: {ours['fan']:.2f} s, {fan:.2f} s beyond their processes (at most "
        f"{FAN_LIMIT}); kfp.local, one after the other: {sdk['local']['fan']:.2f} s"
    )
    return int(chain > CHAIN_LIMIT or fan > FAN_LIMIT)


def _run(server: JupyterProcess, text: str) -> float:
    """Run a compiled pipeline; give the seconds from its request to its end."""
    api = "trackside/apis/v2beta1/runs"
    body = {
        "display_name": "bench",
        "pipeline_spec": read(text.encode()).pipeline,
        "trackside": {"cached": False},
    }
    made = server.request("POST", api, body)
    assert made.status == 200, made.text
    while True:
        run = server.request("GET", f"{api}/{made.json['run_id']}").json
        if "finished_at" in run:
            assert run["state"] == "SUCCEEDED", server.log
            return seconds_of(run["finished_at"], "end") - seconds_of(run["created_at"], "begin")
        # Seldom: to be asked is work, too.
        time.sleep(1)


if __name__ == "__main__":
    raise SystemExit(main())
