"""Servers die, programs die, disks fill up: nothing that was logged is lost."""

import json
import signal
import socket

_LOOP = """
import sys, time, trackside as ts
step = 0
for line in sys.stdin:
    for _ in range(int(line)):
        ts.log({"loss": step})
        step += 1
        time.sleep(0.001)
    print(step, flush=True)
"""


def order(process, count):
    """Let a program log so many points, and wait until it has."""
    process.stdin.write(f"{count}\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def test_a_server_that_is_killed_and_returns_elsewhere_gets_every_point_once(program_of_own_server):
    program, server = program_of_own_server, program_of_own_server.server
    run_id = program.new_run()
    process = program.start(_LOOP, TRACKSIDE_RUN_ID=run_id)
    order(process, 200)
    program.until(lambda: program.points(run_id))
    server.kill(signal.SIGKILL)
    order(process, 300)
    server.restart(same_port=False)
    program.announce()
    order(process, 200)
    program.until(lambda: len(program.points(run_id)) >= 700)
    process.stdin.close()
    process.wait(120)
    assert program.points(run_id) == [(step, float(step)) for step in range(700)]
    assert process.stderr.read().count("does not answer") <= 1
    assert not list(program.spool.glob("*.jsonl"))


def test_what_a_killed_program_left_behind_is_sent_by_the_next_one(program):
    run_id = program.new_run()
    program.server_file.write_text('{"url": "http://127.0.0.1:9/gone"}')
    away = {"TRACKSIDE_URL": "http://127.0.0.1:9/gone"}
    process = program.start(_LOOP, TRACKSIDE_RUN_ID=run_id, **away)
    order(process, 50)
    program.until(lambda: program.spooled() == 50)
    process.kill()
    process.wait()
    assert program.points(run_id) == []
    (left,) = program.spool.glob("*.jsonl")
    program.announce()
    second = program.start(_LOOP, TRACKSIDE_RUN_ID=program.new_run())
    order(second, 1)
    # The file goes a moment after its points have come.
    program.until(lambda: not left.exists())
    assert program.points(run_id) == [(step, float(step)) for step in range(50)]
    second.communicate(timeout=120)
    assert not list(program.spool.glob("*.jsonl"))


def leave_behind(program, run_id):
    """Write what a dead program would have left."""
    program.spool.mkdir(parents=True, exist_ok=True)
    file = program.spool / f"1-{run_id[:8]}.jsonl"
    file.write_text(json.dumps({"r": run_id, "m": [["left", 1, 1, 1]]}) + "\n")
    return file


def test_a_living_program_keeps_its_spool_to_itself(program):
    run_id = program.new_run()
    gone = {"TRACKSIDE_URL": "http://127.0.0.1:9/gone", "TRACKSIDE_SERVER_FILE": "/nowhere"}
    process = program.start(_LOOP, TRACKSIDE_RUN_ID=run_id, **gone)
    order(process, 5)
    program.until(lambda: program.spooled() == 5)
    other_run = program.new_run()
    left = leave_behind(program, other_run)
    second = program.start(_LOOP, TRACKSIDE_RUN_ID=other_run)
    order(second, 1)
    # It takes what the dead left, and with it looked at what the living has.
    program.until(lambda: not left.exists())
    assert program.points(other_run, "left")
    second.communicate(timeout=120)
    assert program.points(run_id) == []
    assert program.spooled() == 5
    process.communicate(timeout=120)
    assert program.spooled() == 5


def test_points_of_another_store_are_left_for_its_server(program):
    run_id = program.new_run()
    foreign = leave_behind(program, "0" * 32)
    left = leave_behind(program, run_id)
    process = program.start(_LOOP, TRACKSIDE_RUN_ID=run_id)
    order(process, 1)
    program.until(lambda: not left.exists())
    assert program.points(run_id, "left")
    process.communicate(timeout=120)
    assert list(program.spool.glob("*.jsonl")) == [foreign]


def test_a_run_that_is_started_while_the_server_is_away_is_made_when_it_returns(program):
    program.server_file.write_text('{"url": "http://127.0.0.1:9/gone"}')
    process = program.start(
        """
        import sys, time, trackside as ts
        with ts.start_run("digits", "offline") as run:
            ts.log({"loss": 1}, step=1)
            assert run.run_id is None
            with ts.start_run(name="inner"):
                ts.log({"loss": 5}, step=5)
            print("ready", flush=True)
            sys.stdin.readline()
            ts.log({"loss": 2}, step=2)
            # It says no while the last try was one before the server came back.
            while not ts.flush(5):
                time.sleep(0.05)
        print(run.run_id)
        """,
        TRACKSIDE_URL="http://127.0.0.1:9/gone",
    )
    assert process.stdout.readline() == "ready\n"
    program.announce()
    out, err = process.communicate("\n", timeout=120)
    assert err.count("waits on the disk") == 1
    runs = {run["info"]["run_name"]: run for run in program.runs()}
    assert set(runs) == {"offline", "inner"}
    offline = runs["offline"]["info"]
    assert out.strip() == offline["run_id"]
    assert offline["status"] == runs["inner"]["info"]["status"] == "FINISHED"
    assert program.points(offline["run_id"]) == [(1, 1.0), (2, 2.0)]
    tags = {item["key"]: item["value"] for item in runs["inner"]["data"]["tags"]}
    assert tags["mlflow.parentRunId"] == offline["run_id"]


def test_a_run_started_and_left_while_the_server_was_away_is_made_by_the_next_program(program):
    gone = {"TRACKSIDE_URL": "http://127.0.0.1:9/gone", "TRACKSIDE_SERVER_FILE": "/nowhere"}
    program.run(
        "import trackside as ts\nwith ts.start_run('digits', 'offline'): ts.log({'loss': 1})",
        **gone,
    )
    process = program.start(_LOOP, TRACKSIDE_RUN_ID=program.new_run())
    order(process, 1)
    runs = program.until(
        lambda: (
            (found := {run["info"]["run_name"]: run["info"] for run in program.runs()})
            .get("offline", {})
            .get("status")
            == "FINISHED"
            and found
        )
    )
    process.communicate(timeout=120)
    assert program.points(runs["offline"]["run_id"]) == [(0, 1.0)]


def test_a_server_that_never_answers_costs_neither_time_nor_points(program):
    run_id = program.new_run()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        program.server_file.write_text(json.dumps({"url": url}))
        out, _ = program.run(
            """
            import atexit, statistics, time
            # Of all that is done at the exit this is the last.
            atexit.register(lambda: print(time.monotonic() - ended))
            import trackside as ts
            ts.log({"loss": 0}, step=0)
            time.sleep(0.5)
            costs = []
            for step in range(1, 1000):
                start = time.perf_counter()
                ts.log({"loss": step}, step=step)
                costs.append(time.perf_counter() - start)
            print(statistics.median(costs), max(costs))
            ended = time.monotonic()
            """,
            TRACKSIDE_RUN_ID=run_id,
            TRACKSIDE_URL=url,
        )
    usual, longest, exit_took = map(float, out.split())
    assert usual < 50e-6
    # Others have the processor in between; an answer is waited for ten seconds.
    assert longest < 5
    assert exit_took < 9
    assert program.spooled() == 1000


def test_a_full_disk_is_survived_and_said_once(program):
    run_id = program.new_run()
    _, err = program.run(
        """
        import resource, trackside as ts
        ts.log({"loss": 0}, step=0)
        ts.flush()
        # Files may not grow any more: what a full disk does.
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        for step in range(1, 200):
            ts.log({"loss": step}, step=step)
            if step % 50 == 0:
                ts.flush()
        """,
        TRACKSIDE_RUN_ID=run_id,
    )
    assert program.points(run_id) == [(step, float(step)) for step in range(200)]
    assert err.count("waits in memory") == 1


def test_a_disk_that_hangs_costs_bounded_memory_and_no_time(program):
    run_id = program.new_run()
    _, err = program.run(
        """
        import sys, trackside as ts
        from trackside._logging.pipeline import pipeline
        sys.modules["trackside._logging.pipeline"].MAX_BUFFER = 1000
        ts.log({"loss": 0}, step=0)
        ts.flush()
        with pipeline().lock:
            for step in range(1, 5000):
                ts.log({"loss": step}, step=step)
            assert len(pipeline()._buffer) <= 1000
        """,
        TRACKSIDE_RUN_ID=run_id,
    )
    assert err.count("cannot keep up") == 1
    assert 1000 <= len(program.points(run_id)) <= 5000


def test_a_deleted_run_is_given_up_with_a_sentence(program):
    run_id = program.new_run()
    program.mlflow("POST", "runs/delete", {"run_id": run_id})
    _, err = program.run(
        """
        import trackside as ts
        for step in range(300):
            ts.log({"loss": step}, step=step)
            if step == 100: ts.flush()
        """,
        TRACKSIDE_RUN_ID=run_id,
    )
    assert err.count("was refused") == 1
    assert not list(program.spool.glob("*.jsonl"))


def test_a_token_that_is_not_valid_keeps_everything_on_the_disk(program):
    run_id = program.new_run()
    _, err = program.run(
        "import trackside as ts\nts.log({'loss': 1})",
        TRACKSIDE_RUN_ID=run_id,
        TRACKSIDE_TOKEN="wrong",
    )
    assert "waits on the disk" in err
    assert program.spooled() == 1
