"""What a program logs is in its run, and logging never gets in its way."""

import json


def test_a_run_with_all_that_can_be_logged(program):
    out, err = program.run(
        """
        import trackside as ts
        with ts.start_run(experiment="digits", name="first", tags={"team": "a"}) as run:
            ts.log_params({"lr": 0.1, "layers": [1, 2]})
            for step in range(3):
                ts.log({"loss": 1 / (step + 1), "acc": step}, step=step)
            ts.set_tags({"note": "x"})
            open("plot.txt", "w").write("hello")
            ts.log_artifact("plot.txt")
            open("plot.txt", "w").write("changed")
            ts.log_artifact("plot.txt", "plots/second.txt")
        print(run.run_id, run.name)
        """
    )
    assert err == ""
    (run,) = program.runs()
    run_id = run["info"]["run_id"]
    assert out.split() == [run_id, "first"]
    assert run["info"]["status"] == "FINISHED"
    assert run["info"]["end_time"] >= run["info"]["start_time"]
    assert program.points(run_id) == [(0, 1.0), (1, 0.5), (2, 1 / 3)]
    params = {item["key"]: item["value"] for item in run["data"]["params"]}
    assert params == {"lr": "0.1", "layers": "[1, 2]"}
    tags = {item["key"]: item["value"] for item in run["data"]["tags"]}
    assert tags["team"] == "a"
    assert tags["note"] == "x"
    assert tags["mlflow.source.name"].endswith("digits.py")
    path = f"trackside/api/2.0/mlflow-artifacts/artifacts/{run['info']['experiment_id']}/{run_id}"
    assert program.server.request("GET", f"{path}/artifacts/plot.txt").text == "hello"
    assert program.server.request("GET", f"{path}/artifacts/plots/second.txt").text == "changed"
    experiment = program.mlflow("GET", "experiments/get-by-name?experiment_name=digits")
    assert experiment["experiment"]["experiment_id"] == run["info"]["experiment_id"]
    assert not list(program.spool.glob("*.jsonl"))
    assert not list(program.spool.glob("files/*"))


def test_the_experiment_is_called_like_the_script_by_default(program):
    program.run("import trackside as ts\nwith ts.start_run(): ts.log({'loss': 1})")
    program.mlflow("GET", "experiments/get-by-name?experiment_name=digits")


def test_an_exception_fails_the_run(program):
    process = program.start(
        """
        import trackside as ts
        with ts.start_run():
            ts.log({"loss": 1})
            raise ValueError("no")
        """
    )
    _, err = process.communicate(timeout=120)
    assert "ValueError: no" in err
    (run,) = program.runs()
    assert run["info"]["status"] == "FAILED"
    assert program.points(run["info"]["run_id"]) == [(0, 1.0)]


def test_a_run_without_a_block_ends_with_the_program(program):
    program.run("import trackside as ts\nts.start_run()\nts.log({'loss': 1})")
    assert program.runs()[0]["info"]["status"] == "FINISHED"
    process = program.start("import trackside as ts\nts.start_run('other')\n1/0")
    process.communicate(timeout=120)
    assert sorted(run["info"]["status"] for run in program.runs()) == ["FAILED", "FINISHED"]


def test_a_run_inside_a_run_is_nested(program):
    program.run(
        """
        import trackside as ts
        with ts.start_run(name="outer"):
            for fold in range(2):
                with ts.start_run(name=f"fold-{fold}"):
                    ts.log({"loss": fold})
            ts.log({"loss": 9})
        """
    )
    runs = {run["info"]["run_name"]: run for run in program.runs()}
    outer = runs["outer"]["info"]["run_id"]
    for fold in range(2):
        tags = {item["key"]: item["value"] for item in runs[f"fold-{fold}"]["data"]["tags"]}
        assert tags["mlflow.parentRunId"] == outer
        assert program.points(runs[f"fold-{fold}"]["info"]["run_id"]) == [(0, fold)]
    assert program.points(outer) == [(0, 9.0)]


def test_executing_a_cell_again_ends_what_it_started_before(program):
    program.run(
        """
        import trackside as ts
        for _ in range(3):
            ts.start_run()
            ts.log({"loss": 1})
        """
    )
    runs = program.runs()
    assert [run["info"]["status"] for run in runs] == ["FINISHED"] * 3
    assert all(not program_parent(run) for run in runs)


def program_parent(run):
    return [item for item in run["data"]["tags"] if item["key"] == "mlflow.parentRunId"]


def test_in_a_job_everything_goes_to_the_run_of_the_job(program):
    run_id = program.new_run()
    program.run(
        """
        import trackside as ts
        ts.log({"loss": 1})
        with ts.start_run(experiment="elsewhere"):
            ts.log({"loss": 2})
        ts.log({"loss": 3})
        """,
        TRACKSIDE_RUN_ID=run_id,
    )
    assert program.points(run_id) == [(0, 1.0), (1, 2.0), (2, 3.0)]
    (run,) = program.runs()
    assert run["info"]["status"] == "RUNNING"


def test_without_a_run_nothing_is_raised_and_it_is_said_once(program):
    _, err = program.run("import trackside as ts\nfor _ in range(5): ts.log({'loss': 1})")
    assert err.count("no run is active") == 1


def test_values_that_are_no_numbers_cost_only_themselves(program):
    run_id = program.new_run()
    _, err = program.run(
        """
        import trackside as ts
        class Broken:
            def __float__(self): raise RuntimeError("broken")
        for _ in range(3):
            ts.log({"loss": 0.5, "text": "x", "broken": Broken(), "none": None, "bad#name": 1})
        ts.log({"loss": float("nan"), "acc": float("-inf")})
        ts.log(5)
        ts.log_params(7)
        ts.log_artifact("/does/not/exist")
        """,
        TRACKSIDE_RUN_ID=run_id,
    )
    assert [step for step, _ in program.points(run_id)] == [0, 1, 2, 3]
    assert program.points(run_id)[-1][1] == "NaN"
    assert len(program.points(run_id, "bad_name")) == 3
    assert len(program.points(run_id, "acc")) == 1
    assert err.count("'text' is not logged") == 1
    assert err.count("'broken' is not logged: broken") == 1
    assert "/does/not/exist is not kept" in err


def test_numbers_of_numpy_are_numbers(program):
    run_id = program.new_run()
    program.run(
        """
        import numpy as np, trackside as ts
        ts.log({"loss": np.float32(0.5), "count": np.int64(3), "array": np.array([2.0])[0]})
        """,
        TRACKSIDE_RUN_ID=run_id,
    )
    assert program.points(run_id) == [(0, 0.5)]
    assert program.points(run_id, "count") == [(0, 3.0)]


def test_a_param_that_is_refused_again_and_again_costs_only_itself(program):
    run_id = program.new_run()
    program.run(
        """
        import trackside as ts
        ts.log_params({"lr": 0.1})
        for step in range(12):
            ts.log_params({"lr": 0.2})
            ts.log({"loss": step}, step=step)
            assert ts.flush(20)
        """,
        TRACKSIDE_RUN_ID=run_id,
    )
    assert program.points(run_id) == [(step, float(step)) for step in range(12)]


def test_flush_is_not_stopped_by_a_timeout_that_is_no_number(program):
    run_id = program.new_run()
    _, err = program.run(
        """
        import trackside as ts
        ts.log({"loss": 0.5}, step=0)
        while not ts.flush("long"):
            pass
        """,
        TRACKSIDE_RUN_ID=run_id,
    )
    assert program.points(run_id) == [(0, 0.5)]
    assert "timeout must be a number of seconds, not 'long'" in err


def test_a_param_that_is_refused_costs_only_itself(program):
    run_id = program.new_run()
    _, err = program.run(
        """
        import trackside as ts
        ts.log_params({"lr": 0.1})
        ts.log({"loss": 1})
        ts.log_params({"lr": 0.2, "depth": 3})
        ts.log({"loss": 2})
        """,
        TRACKSIDE_RUN_ID=run_id,
    )
    assert program.points(run_id) == [(0, 1.0), (1, 2.0)]
    run = program.mlflow("GET", f"runs/get?run_id={run_id}")["run"]
    params = {item["key"]: item["value"] for item in run["data"]["params"]}
    assert params == {"lr": "0.1", "depth": "3"}
    assert err.count("was refused") == 1


def test_threads_log_side_by_side(program):
    run_id = program.new_run()
    program.run(
        """
        import threading, trackside as ts
        def work(number):
            for step in range(500):
                ts.log({f"loss_{number}": step}, step=step)
        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        """,
        TRACKSIDE_RUN_ID=run_id,
    )
    for number in range(4):
        assert program.points(run_id, f"loss_{number}") == [(s, float(s)) for s in range(500)]


def test_forked_workers_log_to_the_same_run(program):
    run_id = program.new_run()
    program.run(
        """
        import multiprocessing, os, trackside as ts
        def work(number):
            for step in range(50):
                ts.log({f"loss_{number}": step}, step=step)
        ts.log({"loss": 0})
        context = multiprocessing.get_context("fork")
        workers = [context.Process(target=work, args=(n,)) for n in range(2)]
        [worker.start() for worker in workers]
        [worker.join() for worker in workers]
        ts.log({"loss": 1})
        """,
        TRACKSIDE_RUN_ID=run_id,
    )
    assert program.points(run_id) == [(0, 0.0), (1, 1.0)]
    for number in range(2):
        assert len(program.points(run_id, f"loss_{number}")) == 50


def test_a_call_costs_microseconds(program):
    run_id = program.new_run()
    out, _ = program.run(
        """
        import time, trackside as ts
        ts.log({"loss": 0.5, "acc": 0.5}, step=0)
        ts.flush()
        best = 1.0
        for _ in range(5):
            start = time.perf_counter()
            for step in range(1000):
                ts.log({"loss": 0.5, "acc": 0.5}, step=step)
            best = min(best, (time.perf_counter() - start) / 1000)
            time.sleep(0.2)
        print(best)
        """,
        TRACKSIDE_RUN_ID=run_id,
    )
    assert float(out) < 20e-6


def test_importing_costs_nothing(program):
    out, _ = program.run(
        """
        import sys
        before = set(sys.modules)
        import trackside
        trackside.log
        print(sorted(name for name in set(sys.modules) - before if "." not in name))
        """
    )
    heavy = {"tornado", "jupyter_server", "IPython", "http", "ssl", "mlflow", "numpy", "asyncio"}
    assert not heavy & set(json.loads(out.replace("'", '"')))


def test_scalars_of_tensorboard_come_into_the_run_with_their_steps_and_times(program):
    out, err = program.run(
        """
        import trackside as ts
        from tensorboard.compat.proto import event_pb2
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
        for name in ("train", "validation"):
            writer = EventFileWriter(f"logs/{name}")
            event = event_pb2.Event(wall_time=1.7e9, step=7)
            event.summary.value.add(tag="loss", simple_value=0.5)
            writer.add_event(event)
            writer.close()
        with ts.start_run(experiment="digits"):
            print(ts.read_tensorboard("logs"), ts.read_tensorboard("logs"))
        """
    )
    assert (out.split(), err) == (["2", "2"], "")
    (run,) = program.runs()
    for key in ("train/loss", "validation/loss"):
        assert program.points(run["info"]["run_id"], key) == [(7, 0.5)]
