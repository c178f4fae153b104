"""Notebooks as jobs."""

import contextlib
import json
import os
import signal
import sys

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


def _notebook(job, *cells, path="train.ipynb"):
    job.entry("notebook", path)
    notebook = new_notebook(cells=list(cells))
    notebook.metadata["kernelspec"] = {
        "name": "a-kernel-of-another-machine",
        "display_name": "Python",
        "language": "python",
    }
    job.write(path, nbformat.writes(notebook))


def _executed(job):
    return nbformat.read(job.folder / "notebook.ipynb", as_version=4)


def _parameters(source):
    return new_code_cell(source, metadata={"tags": ["parameters"]})


def test_params_go_below_the_parameters_cell_and_output_goes_to_the_log(job, tmp_path):
    _notebook(
        job,
        new_markdown_cell("# Title"),
        _parameters("lr = 0.1\nepochs = 1"),
        new_code_cell("import sys\nprint('lr', lr)\nprint('warned', file=sys.stderr)\nlr * 2"),
    )
    ended = job.run(params={"lr": 0.5}, env={"IPYTHONDIR": str(tmp_path / "ipython")})
    assert ended.code == 0, ended.err
    assert ended.out == "lr 0.5\n1.0\n"
    assert "warned" in ended.err
    cells = _executed(job).cells
    assert cells[2].source == "# Parameters\nlr = 0.5"
    assert cells[2].metadata.tags == ["injected-parameters"]
    assert cells[3].outputs[0].text == "lr 0.5\n"


def test_a_param_that_the_parameters_cell_does_not_set_is_told_in_the_log(job):
    _notebook(job, _parameters("lr = 0.1"), new_code_cell("print(lr)"))
    ended = job.run(params={"learning_rate": 0.5, "lr": 0.2})
    assert (ended.code, ended.out) == (0, "0.2\n")
    told = "has no 'learning_rate': it is set all the same."
    assert [line.endswith(told) for line in ended.err.splitlines()] == [True]


def test_a_param_that_the_parameters_cell_imports_is_not_told_as_missing(job):
    job.write("defaults.py", "lr = 0.1\n")
    cell = _parameters("from defaults import lr\nfrom os import *")
    _notebook(job, cell, new_code_cell("print(lr)"))
    ended = job.run(params={"lr": 0.2, "seed": 1})
    assert (ended.code, ended.out, ended.err) == (0, "0.2\n", "")


def test_the_kernel_ends_with_the_notebook_in_its_own_time(job):
    code = "import atexit, time\ndef bye():\n    time.sleep(0.2)\n    open('bye', 'w').close()\n"
    _notebook(job, new_code_cell(code + "atexit.register(bye)"))
    assert job.run().code == 0
    assert (job.folder / "work" / "bye").exists()


def test_without_a_parameters_cell_params_go_on_top(job):
    _notebook(job, new_code_cell("print(lr)"))
    assert job.run(params={"lr": [1, 2]}).out == "[1, 2]\n"


def test_params_of_an_earlier_execution_are_replaced(job):
    old = new_code_cell("lr = 1", metadata={"tags": ["injected-parameters"]})
    _notebook(job, _parameters("lr = 0"), old, new_code_cell("print(lr)"))
    assert job.run(params={"lr": 2}).out == "2\n"
    assert len(_executed(job).cells) == 3


def test_an_error_names_the_cell_and_its_line(job):
    _notebook(
        job,
        new_code_cell("def f(x):\n    return 1 / x"),
        new_markdown_cell("text"),
        new_code_cell("print('before')\n\nf(0)"),
        new_code_cell("print('never')"),
    )
    ended = job.run(label="train.ipynb")
    assert ended.code == 1
    assert ended.out == "before\n"
    failure = ended.failure
    assert failure["type"] == "ZeroDivisionError"
    assert failure["message"] == "division by zero"
    assert failure["where"] == "cell [2] line 3"
    assert failure["cell_line"] == 3
    assert "\x1b" not in failure["traceback"]
    assert _executed(job).cells[2].outputs[-1].ename == "ZeroDivisionError"
    assert "nbclient" not in ended.err


def test_a_dead_kernel_is_told(job):
    _notebook(job, new_code_cell("import os\nos._exit(9)"))
    ended = job.run()
    assert ended.code == 1
    assert ended.failure["message"] == "The notebook's kernel died."


def test_the_notebook_runs_in_the_python_of_the_job_and_in_its_folder(job):
    job.write("sub/data.txt", "found")
    source = "import sys\nprint(sys.executable)\nprint(open('data.txt').read())"
    _notebook(job, new_code_cell(source), path="sub/train.ipynb")
    ended = job.run()
    assert ended.out == f"{sys.executable}\nfound\n"


def test_what_a_missing_library_means_is_told(job, tmp_path):
    _notebook(job, new_code_cell("1"))
    blocker = tmp_path / "block"
    blocker.mkdir()
    (blocker / "nbclient.py").write_text("raise ModuleNotFoundError('no', name='nbclient')")
    ended = job.run(env={"PYTHONPATH": str(blocker)})
    assert ended.code == 1
    assert "needs nbclient" in ended.failure["message"]
    assert "pip install nbclient ipykernel" in ended.failure["hint"]


@pytest.mark.parametrize("minor", [4, 5])
def test_old_notebooks_without_cell_ids_work(job, minor):
    job.entry("notebook", "old.ipynb")
    cell = {
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": "print(lr)",
    }
    notebook = {"nbformat": 4, "nbformat_minor": minor, "metadata": {}, "cells": [cell]}
    job.write("old.ipynb", json.dumps(notebook))
    ended = job.run(params={"lr": 1})
    assert (ended.code, ended.out) == (0, "1\n")
    assert "Warning" not in ended.err


@pytest.mark.parametrize("heard_by", ["every process of the job", "its first process alone"])
def test_a_stopped_notebook_runs_its_finally_blocks_and_is_saved(job, heard_by):
    source = (
        "import os, time\n"
        "try:\n    print('on', os.getpid(), flush=True)\n    time.sleep(600)\n"
        "finally:\n    time.sleep(0.2)\n    print('tidied up')"
    )
    _notebook(job, new_code_cell("print('first')"), new_code_cell(source))
    process = job.start(label="train.ipynb")
    kernel = _on(process)
    _stop(process.pid, kernel.pid, heard_by)
    ended = job.finish(process)
    assert ended.code == 128 + signal.SIGTERM
    assert ended.failure is None
    assert ended.out == "tidied up\n"
    assert _executed(job).cells[0].outputs[0].text == "first\n"
    psutil.wait_procs([kernel], timeout=10)
    assert not kernel.is_running()


_SIGTERM = "os.kill(os.getpid(), signal.SIGTERM)"
_CALLBACK = (
    "stopped = []\ncallback = lambda _: stopped or (stopped.append(1), {kill})\n"
    "get_ipython().events.register({event!r}, callback)"
)
# What the cell before does, and the cell itself.
_AWKWARD = {
    "where Python ignores errors": (
        "",
        f"class Thing:\n    def __del__(self): {_SIGTERM}\nThing()",
    ),
    "in a cell that has run another": ("", f"get_ipython().run_cell('1')\n{_SIGTERM}"),
    "in a cell that awaits": (
        "import asyncio",
        f"asyncio.get_running_loop().call_later(0.2, lambda: {_SIGTERM})\nawait asyncio.sleep(600)",
    ),
    "while callbacks run before a cell": (
        _CALLBACK.format(event="pre_run_cell", kill=_SIGTERM),
        "",
    ),
    "while callbacks run after a cell": (
        _CALLBACK.format(event="post_run_cell", kill=_SIGTERM),
        "",
    ),
}


@pytest.mark.parametrize("moment", _AWKWARD)
def test_a_kernel_that_is_stopped_at_any_moment_interrupts_the_cell_or_the_next_one(job, moment):
    before, within = _AWKWARD[moment]
    _notebook(
        job,
        new_code_cell(f"import os, signal, time\n{before}"),
        new_code_cell(f"{within}\ntime.sleep(600)"),
    )
    ended = job.run(label="train.ipynb")
    assert ended.code == 1
    assert ended.failure["type"] in ("KeyboardInterrupt", "CancelledError")


def test_a_notebook_that_ends_its_cell_when_it_is_stopped_begins_no_other(job):
    source = (
        "import os, signal, threading\nstopped = threading.Event()\n"
        "signal.signal(signal.SIGTERM, lambda *_: stopped.set())\n"
        "print('on', os.getpid(), flush=True)\n"
        "while not stopped.wait(0.1):\n    pass\nprint('checkpoint')"
    )
    _notebook(job, new_code_cell(source), new_code_cell("print('next')"))
    process = job.start(label="train.ipynb")
    _on(process)
    os.kill(process.pid, signal.SIGTERM)
    ended = job.finish(process)
    assert (ended.code, ended.out) == (128 + signal.SIGTERM, "checkpoint\n")
    assert ended.failure is None


@pytest.mark.parametrize("heard_by", ["every process of the job", "its first process alone"])
def test_a_notebook_that_is_stopped_while_its_kernel_starts_begins_no_cell(job, heard_by):
    startup = job.folder / "ipython/profile_default/startup"
    startup.mkdir(parents=True)
    ready, never = job.folder / "ready", job.folder / "never"
    os.mkfifo(ready)
    os.mkfifo(never)
    (startup / "slow.py").write_text(
        f"import os\nopen({str(ready)!r}, 'w').write(str(os.getpid()))\nopen({str(never)!r})\n"
    )
    _notebook(job, new_code_cell("print('first')"))
    process = job.start(label="train.ipynb", env={"IPYTHONDIR": str(job.folder / "ipython")})
    kernel = int(ready.read_text())
    _stop(process.pid, kernel, heard_by)
    ended = job.finish(process)
    assert (ended.code, ended.out, ended.err) == (128 + signal.SIGTERM, "", "")
    assert ended.failure is None


def _stop(process, kernel, heard_by):
    os.kill(process, signal.SIGTERM)
    if heard_by == "every process of the job":
        with contextlib.suppress(ProcessLookupError):
            os.kill(kernel, signal.SIGTERM)


def _on(process):
    """Wait until the cell that is to be stopped runs, and return its kernel."""
    line = process.stdout.readline()
    while not line.startswith("on "):
        line = process.stdout.readline()
    return psutil.Process(int(line.split()[1]))


def test_the_kernels_own_start_leaves_nothing_in_the_log(job):
    _notebook(job, new_code_cell("sorted(name for name in globals() if name[0] != '_')"))
    ended = job.run()
    assert ended.err == ""
    assert "end" not in ended.out
    assert "os" not in ended.out.replace("'open'", "")
