"""Functions and scripts as jobs."""

import pickle
from textwrap import dedent

import pytest


@pytest.mark.parametrize("value", [None, 1, 0.1, "ä", True, [1, [2]], {"a": {"b": [1.5]}}])
def test_plain_results_come_back_as_json(job, value):
    ended = job.function("f", f"def f():\n    return {value!r}\n")
    assert ended.code == 0
    assert ended.json("result.json") == {"value": value}


@pytest.mark.parametrize("value", [(1, 2), {1: 2}, {1, 2}, b"x", float("inf"), 1j])
def test_other_results_are_pickled_with_their_types(job, value):
    job.function("f", f"inf = float('inf')\ndef f():\n    return {value!r}\n")
    assert pickle.loads((job.folder / "result.pkl").read_bytes()) == value
    assert not (job.folder / "result.json").exists()


def test_a_result_that_cannot_be_pickled_does_not_fail_the_job(job):
    ended = job.function("f", "def f():\n    return lambda: 1\n")
    assert ended.code == 0
    found = ended.json("result.json")
    assert "cannot be pickled" in found["message"]
    assert "cannot be pickled" in ended.err


def test_params_are_keyword_arguments(job):
    ended = job.function("f", "def f(lr, n=1):\n    return lr * n\n", params={"lr": 2, "n": 3})
    assert ended.json("result.json") == {"value": 6}


def test_a_wrong_param_fails_with_pythons_own_words(job):
    ended = job.function("f", "def f(lr):\n    return lr\n", params={"rate": 2})
    assert ended.failure["type"] == "TypeError"
    assert "rate" in ended.failure["message"]


def test_a_coroutine_function_is_awaited(job):
    assert job.function("f", "async def f():\n    return 3\n").json("result.json") == {"value": 3}


def test_a_failing_function_is_named(job):
    ended = job.function("f", "def g():\n    1 / 0\ndef f():\n    g()\n")
    assert ended.failure["where"] == "g()"
    assert ended.failure["cell_line"] is None


def test_a_script_runs_as_python_would_run_it(job):
    source = dedent("""\
        import sys
        from pathlib import Path
        import helper
        if __name__ == "__main__":
            print(sys.argv[1:], Path(__file__).name, helper.who)
    """)
    job.write("sub/helper.py", "who = 'helper'\n")
    ended = job.script(source, "sub/train.py", arguments=["a"], params={"lr": 0.1})
    assert (ended.out, ended.code) == ("['a', '--lr', '0.1'] train.py helper\n", 0)


def test_params_follow_the_way_a_script_spells_its_options(job):
    source = dedent("""\
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--learning-rate", type=float)
        parser.add_argument("--layers", nargs="*", type=int)
        parser.add_argument("--fast", action="store_true")
        parser.add_argument("--slow", action="store_true")
        parser.add_argument("--seed", type=int, default=7)
        print(vars(parser.parse_args()))
    """)
    params = {"learning_rate": 0.1, "layers": [1, 2], "fast": True, "slow": False, "seed": None}
    expected = {"learning_rate": 0.1, "layers": [1, 2], "fast": True, "slow": False, "seed": 7}
    assert job.script(source, params=params).out == f"{expected}\n"


def test_an_error_in_a_script_names_file_and_line(job):
    ended = job.script("x = 1\n\nraise ValueError('no')\n")
    assert ended.failure["where"] == "train.py line 3"
    assert "_runtime" not in ended.err


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("import sys\nsys.exit(0)", 0),
        ("import sys\nsys.exit()", 0),
        ("import sys\nsys.exit(3)", 3),
        ("raise SystemExit(300)", 44),
        ("import os\nos._exit(9)", 9),
    ],
)
def test_exit_codes_are_kept(job, source, code):
    ended = job.script(source)
    assert ended.code == code
    assert ended.failure is None


def test_leaving_with_a_text_fails_with_that_text(job):
    ended = job.script("import sys\nsys.exit('no data found')")
    assert ended.code == 1
    assert ended.err == "no data found\n"
    assert ended.failure["message"] == "no data found"


def test_exit_handlers_run(job):
    ended = job.script("import atexit\natexit.register(print, 'bye')\n1 / 0")
    assert ended.out == "bye\n"


def test_a_scripts_encoding_line_counts(job):
    job.entry("script", "train.py")
    (job.work / "train.py").write_bytes("# coding: latin-1\nprint('ü')\n".encode("latin-1"))
    assert job.run(env={"PYTHONIOENCODING": "utf-8"}).out == "ü\n"
