"""Cells as jobs."""

import json
import sys
from textwrap import dedent
from types import SimpleNamespace

import pytest

from trackside._runtime import failure


def test_a_cell_sees_its_params_as_variables_and_the_notebooks_definitions(job):
    ended = job.cell(
        "print(double(lr), epochs)",
        preamble="def double(x):\n    return 2 * x\n",
        params={"lr": 0.5, "epochs": 3},
    )
    assert (ended.code, ended.out, ended.err) == (0, "1.0 3\n", "")
    assert ended.failure is None


def test_a_params_value_wins_over_the_one_captured_from_the_notebook(job):
    ended = job.cell(
        "print(show())", preamble="lr = 1\ndef show():\n    return lr\n", params={"lr": 2}
    )
    assert ended.out == "2\n"


def test_an_error_names_the_line_of_the_cell_that_the_user_sees(job):
    source = dedent("""\
        def inner(x):
            return 1 / x

        inner(0)
    """)
    ended = job.cell(source, first_line=2)
    assert ended.code == 1
    failure = ended.failure
    assert failure["type"] == "ZeroDivisionError"
    assert failure["module"] == "builtins"
    assert failure["message"] == "division by zero"
    assert failure["args"] == ["division by zero"]
    assert failure["cell_line"] == 3
    assert failure["where"] == "cell line 3"
    assert failure["source_label"] == "cell [7] of digits.ipynb"


def test_a_traceback_shows_the_cells_lines_and_nothing_of_the_bootstrap(job):
    ended = job.cell("x = 1\nraise ValueError('shapes (64,) and (10,) not aligned')\n")
    assert "bootstrap" not in ended.err
    assert "_runtime" not in ended.err
    assert '<cell [7] of digits.ipynb>", line 2' in ended.err
    assert "raise ValueError('shapes" in ended.err
    assert ended.err == ended.failure["traceback"]


def test_frames_of_the_bootstrap_are_left_out_of_chained_errors_too(job):
    source = "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise RuntimeError('x') from e\n"
    ended = job.cell(source)
    assert "_runtime" not in ended.err
    assert "ZeroDivisionError" in ended.err
    assert ended.err.count("Traceback") == 2


def test_an_error_in_a_library_is_placed_at_the_cells_line(job):
    ended = job.cell("import json\n\njson.loads('{')\n")
    assert ended.failure["type"] == "JSONDecodeError"
    assert ended.failure["module"] == "json.decoder"
    assert ended.failure["cell_line"] == 3


def test_an_error_in_a_captured_function_names_the_function(job):
    ended = job.cell("print(1)\ntrain()\n", preamble="def train():\n    raise KeyError('lr')\n")
    assert ended.failure["where"] == "cell line 2"
    assert "in train" in ended.err


def test_a_syntax_error_names_its_line(job):
    ended = job.cell("x = 1\nif x\n    y\n", first_line=2)
    assert ended.failure["type"] == "SyntaxError"
    assert ended.failure["cell_line"] == 3


def test_the_last_expression_is_shown_as_in_a_notebook(job):
    assert job.cell("x = 20\nx + 1").out == "21\n"


@pytest.mark.parametrize("source", ["x = 1\nx;", "x = 1", "None"])
def test_nothing_is_shown_where_a_notebook_shows_nothing(job, source):
    assert job.cell(source).out == ""


def test_await_works_at_the_top_of_a_cell(job):
    source = "import asyncio\nawait asyncio.sleep(0)\nasync def f():\n    return 5\nawait f()"
    ended = job.cell(source)
    assert (ended.code, ended.out) == (0, "5\n")


def test_display_prints(job):
    assert job.cell("display({'a': 1})").out == "{'a': 1}\n"


def test_a_missing_relative_file_says_that_jobs_run_in_a_copy(job):
    ended = job.cell("open('data.csv')")
    assert ended.failure["hint"] == (
        "Jobs run in a copy of the code: add --file data.csv, or use an absolute path."
    )


def test_a_missing_module_names_the_python_that_lacks_it(job):
    ended = job.cell("import no_such_module_here")
    assert sys.executable in ended.failure["hint"]


def test_files_beside_the_notebook_can_be_imported_and_read(job):
    job.write("utils.py", "def hello():\n    return open('names.txt').read()\n")
    job.write("names.txt", "Ada")
    assert job.cell("import utils\nprint(utils.hello())").out == "Ada\n"


def test_no_module_of_the_bootstrap_shadows_one_of_the_user(job):
    for name in ("code", "files", "results", "failure", "run"):
        job.write(f"{name}.py", f"who = 'the {name} of the user'\n")
    ended = job.cell(
        "import code, files, results, failure, run\n"
        "print(code.who, files.who, results.who, failure.who, run.who, sep='\\n')"
    )
    assert ended.out.count("of the user") == 5


def test_the_environment_is_written_down(job):
    found = job.cell("pass").json("environment.json")
    assert found["python"].startswith("3.")
    assert found["packages"]["pytest"]
    assert found["host"]


def test_what_an_earlier_attempt_left_is_not_taken_for_this_ones(job):
    (job.folder / "failure.json").write_text("{}")
    (job.folder / "result.json").write_text("{}")
    ended = job.cell("pass")
    assert ended.failure is None
    assert ended.json("result.json") is None


def test_functions_of_the_notebook_reach_processes_that_the_cell_spawns(job):
    source = dedent("""\
        import multiprocessing
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            print(pool.map(square, [1, 2, 3]))
    """)
    ended = job.cell(source, preamble="def square(x):\n    return x * x\n")
    assert ended.out == "[1, 4, 9]\n"


def test_a_very_long_message_is_bounded(job):
    ended = job.cell("raise ValueError('x' * 1_000_000)")
    assert len(ended.failure["message"]) < 20_000
    assert "left out" in ended.failure["message"]


def test_an_exception_that_cannot_be_printed_is_still_reported(job):
    source = "class Bad(Exception):\n    def __str__(self):\n        return 1 / 0\nraise Bad()\n"
    ended = job.cell(source)
    assert ended.code == 1
    assert ended.failure["type"] == "Bad"


def test_annotations_stay_unevaluated_where_the_notebook_asked_for_it(job):
    job.entry("cell", "__trackside__/cell.py", preamble="from __future__ import annotations\n")
    job.write("__trackside__/cell.py", "x: Nowhere = 1\nprint(x)")
    entry = json.loads((job.work / "__trackside__" / "entry.json").read_text())
    job.write("__trackside__/entry.json", json.dumps({**entry, "lazy_annotations": True}))
    assert job.run().out == "1\n"


def test_an_end_for_want_of_space_says_what_to_do(job):
    ended = job.cell("open('/dev/full', 'wb', buffering=0).write(b'x')")
    assert ended.failure["no_space"]
    assert ended.failure["hint"] == "The disk is full: free some space, and run it again."


def test_an_end_is_recorded_though_the_log_takes_no_more(job):
    ended = job.cell("import sys\nsys.stderr = open('/dev/full', 'w')\n1 / 0")
    assert ended.failure["type"] == "ZeroDivisionError"


def test_a_record_that_finds_no_room_leaves_nothing_half(job):
    (job.folder / "failure.json").mkdir()
    assert job.cell("1 / 0").code == 1
    assert not list(job.folder.glob("*.part"))


def test_an_error_in_a_step_of_a_pipeline_names_the_step_and_its_line(tmp_path):
    task = SimpleNamespace(cell_name=None, work=tmp_path, preamble=None)
    with pytest.raises(ZeroDivisionError) as caught:
        exec(compile("n = 1\nn / 0", "<step count>", "exec"))
    assert failure.place(task, caught.value) == (None, "step count line 2")
