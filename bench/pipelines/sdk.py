"""Runs where the SDK is: compiles the pipelines, and runs them by its own local runner.

Prints JSON: the compiled pipelines, and seconds. The components come without the SDK's prelude of
pip, which its local runner would run before each task.
"""

import contextlib
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kfp import compiler, dsl, local

CHAIN = 10
WIDTH = int(os.environ["BENCH_WIDTH"])
AT_ONCE = int(os.environ["BENCH_AT_ONCE"])


@dsl.component(install_kfp_package=False)
def add(a: int, b: int) -> int:
    return a + b


@dsl.pipeline
def chain():
    last = add(a=0, b=1)
    for _ in range(CHAIN - 1):
        last = add(a=last.output, b=1)


@dsl.pipeline
def fan():
    for number in range(WIDTH):
        add(a=number, b=1)


def bare(folder, times, at_once):
    """Run the component's process alone, so often; give seconds, and those of processors."""
    source = Path(folder) / "component.py"
    source.write_text("def add(a: int, b: int) -> int:\n    return a + b\n")
    outputs = {
        "outputFile": f"{folder}/out",
        "parameters": {"Output": {"outputFile": f"{folder}/o"}},
    }
    told = {"inputs": {"parameterValues": {"a": 1, "b": 2}}, "outputs": outputs}
    command = [sys.executable, "-m", "kfp.dsl.executor_main", "--component_module_path", source]
    command += ["--executor_input", json.dumps(told), "--function_to_execute", "add"]
    env = {**os.environ, "_KFP_RUNTIME": "true"}

    def one(_):
        subprocess.run(command, check=True, capture_output=True, env=env)

    worked, begun = processors(), time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(one, range(times)))
    return time.perf_counter() - begun, processors() - worked


def processors():
    """Give the seconds of processors that the processes took that were started here."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def by_local_runner(pipeline):
    begun = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        pipeline()
    return time.perf_counter() - begun


compiled = {}
with tempfile.TemporaryDirectory() as folder:
    for pipeline in (chain, fan):
        file = Path(folder) / "pipeline.yaml"
        compiler.Compiler().compile(pipeline, str(file))
        compiled[pipeline.name] = file.read_text()
    alone = {
        "chain": bare(folder, CHAIN, 1),
        # As many at once as the queue of jobs lets run.
        "fan": bare(folder, WIDTH, AT_ONCE),
    }
    local.init(local.SubprocessRunner(use_venv=False), pipeline_root=folder)
    seconds = {pipeline.name: by_local_runner(pipeline) for pipeline in (chain, fan)}
print(json.dumps({"compiled": compiled, "bare": alone, "local": seconds}))
