"""Logging from a notebook's kernel: where it came from, and what a killed kernel leaves."""

import pytest
from jupyter_client.manager import KernelManager


class Kernel:
    """A real kernel, as a notebook's."""

    def __init__(self, program):
        self.program = program
        self.manager = KernelManager(kernel_name="python3")
        env = program.environment(JPY_SESSION_NAME="work/digits.ipynb")
        self.manager.start_kernel(env=env, cwd=str(program.folder))
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=200)

    def execute(self, code):
        lines = []

        def collect(message):
            if message["msg_type"] == "stream":
                lines.append(message["content"]["text"])

        reply = self.client.execute_interactive(code, output_hook=collect, timeout=200)
        assert reply["content"]["status"] == "ok", reply["content"]
        return "".join(lines)

    def stop(self, *, now):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=now)
        self.manager.cleanup_resources()


@pytest.fixture
def kernel(program):
    made = []

    def start():
        made.append(Kernel(program))
        return made[-1]

    yield start
    for one in made:
        if one.manager.has_kernel:
            one.stop(now=True)


def tags_of(program):
    return {item["key"]: item["value"] for item in program.runs()[0]["data"]["tags"]}


def test_a_run_of_a_notebook_knows_its_notebook_and_cell(program, kernel):
    notebook = kernel()
    notebook.execute("import trackside as ts")
    cell = "with ts.start_run() as run:\n    ts.log({'loss': 0.5})\nprint(run.run_id)"
    run_id = notebook.execute(cell).strip()
    (run,) = program.runs()
    assert run["info"]["run_id"] == run_id
    # What takes a while to find out comes a moment later.
    tags = program.until(lambda: (found := tags_of(program)).get("trackside.python") and found)
    assert tags["mlflow.source.type"] == "NOTEBOOK"
    assert tags["mlflow.source.name"] == "work/digits.ipynb"
    assert tags["trackside.execution_count"] == "2"
    path = f"{run['info']['experiment_id']}/{run_id}/artifacts/provenance/cell.py"
    answer = program.server.request("GET", f"trackside/api/2.0/mlflow-artifacts/artifacts/{path}")
    assert answer.text == cell
    experiment = program.mlflow("GET", "experiments/get-by-name?experiment_name=digits")
    assert experiment["experiment"]["experiment_id"] == run["info"]["experiment_id"]


def test_what_a_killed_kernel_left_is_sent_by_the_next_one(program, kernel):
    run_id = program.new_run()
    program.server_file.write_text('{"url": "http://127.0.0.1:9/gone"}')
    first = kernel()
    first.execute(
        "import os, trackside as ts\n"
        "os.environ['TRACKSIDE_URL'] = 'http://127.0.0.1:9/gone'\n"
        f"run = ts.start_run(run_id='{run_id}')\n"
        "for step in range(20): ts.log({'loss': step}, step=step)"
    )
    program.until(lambda: program.spooled() == 20)
    first.stop(now=True)
    assert program.points(run_id) == []
    program.announce()
    second = kernel()
    second.execute("import trackside as ts\nwith ts.start_run(): ts.log({'loss': 1})")
    program.until(lambda: program.points(run_id) == [(step, float(step)) for step in range(20)])


def test_an_exception_in_a_cell_fails_the_run_and_the_kernel_lives_on(program, kernel):
    notebook = kernel()
    notebook.execute("import trackside as ts")
    reply = notebook.client.execute_interactive(
        "with ts.start_run():\n    1/0", output_hook=lambda _: None, timeout=200
    )
    assert reply["content"]["ename"] == "ZeroDivisionError"
    assert program.runs()[0]["info"]["status"] == "FAILED"
    notebook.execute("with ts.start_run(): ts.log({'loss': 1})")
    assert sorted(run["info"]["status"] for run in program.runs()) == ["FAILED", "FINISHED"]


def test_a_run_left_open_ends_with_its_kernel(program, kernel):
    notebook = kernel()
    notebook.execute("import trackside as ts\nts.start_run()\nts.log({'loss': 1})")
    notebook.stop(now=False)
    program.until(lambda: program.runs()[0]["info"]["status"] == "FINISHED")
