"""Logs as streams: live, resumable, for any number of viewers, refused to strangers."""

import asyncio
import contextlib
import itertools
import re

import pytest

TICKING = """
import time
for n in range(40):
    print("line", n, "✓", end="", flush=True)
    time.sleep(0.02)
    print(" done", flush=True)
"""
# Each line is finished only once somebody has seen that it was begun.
SEEN = """
import pathlib, time
for n in range(6):
    print("line", n, "✓", end="", flush=True)
    while not pathlib.Path("{folder}", str(n)).exists():
        time.sleep(0.01)
    print(" done", flush=True)
"""


def see(folder, text):
    """Let a job go on that waits until somebody has seen what it printed."""
    for number in re.findall(r"line (\d) ✓", text):
        (folder / number).touch()


def test_lines_arrive_while_the_job_runs_and_the_end_says_how_it_ended(server, tmp_path):
    job = server.submit(SEEN.format(folder=tmp_path))

    async def watch():
        frames = []
        async for frame in server.frames(job):
            frames.append(frame)
            see(tmp_path, "".join(frame.get("data", "") for frame in frames))
        return frames

    seen = asyncio.run(watch())
    chunks = [frame for frame in seen if frame["type"] == "chunk"]
    assert "".join(chunk["data"] for chunk in chunks).encode() == server.log(job)
    assert all(a["next_offset"] == b["offset"] for a, b in itertools.pairwise(chunks))
    assert len(chunks) > 3
    assert seen[-1] == {"type": "end", "offset": len(server.log(job)), "state": "SUCCEEDED"}


def test_whoever_lost_the_connection_goes_on_in_the_middle_of_a_line(server, tmp_path):
    job = server.submit(SEEN.format(folder=tmp_path))

    async def watch():
        text, offset, state, connections = "", 0, None, 0
        while state is None:
            connections += 1
            count = 0
            async with contextlib.aclosing(server.frames(job, offset=offset)) as frames:
                async for frame in frames:
                    if frame["type"] == "end":
                        state = frame["state"]
                        break
                    assert frame["offset"] == offset
                    text += frame["data"]
                    see(tmp_path, text)
                    offset = frame["next_offset"]
                    count += 1
                    if count == 2:
                        break
        return text, connections

    text, connections = asyncio.run(watch())
    assert text.encode() == server.log(job)
    assert connections > 2


def test_many_viewers_see_the_same(server):
    job = server.submit(TICKING)

    async def one():
        return "".join([frame.get("data", "") async for frame in server.frames(job)])

    async def all_of_them():
        return await asyncio.gather(*(one() for _ in range(20)))

    texts = asyncio.run(all_of_them())
    assert {text.encode() for text in texts} == {server.log(job)}


def test_a_stream_may_begin_near_the_end(server):
    job = server.submit("for n in range(1000): print('line', n)")
    server.ended(job)

    async def watch():
        return [frame async for frame in server.frames(job, tail=30)]

    first, end = asyncio.run(watch())
    assert first["data"] == "line 997\nline 998\nline 999\n"
    assert end["type"] == "end"


def status_of(server, job, headers=None, **query):
    connection, answer = server.upgrade(job, headers or server.authorization, **query)
    with answer:
        connection.close()
        return answer.status


def test_strangers_are_refused_before_the_upgrade(server):
    job = server.submit("pass")
    assert status_of(server, job, {"X-Nothing": ""}) == 403
    assert status_of(server, job, {"Authorization": "Bearer wrong"}) == 403
    assert status_of(server, {"job_id": "none"}, {"X-Nothing": ""}) == 403


def test_a_page_of_another_origin_is_refused(server):
    job = server.submit("pass")
    answer = server.process.request("GET", f"api/status?token={server.process.token}", token="x")
    cookie = "; ".join(
        part.split(";")[0] for name, part in answer.headers.items() if name.lower() == "set-cookie"
    )
    assert cookie
    origin = server.process.origin
    assert status_of(server, job, {"Cookie": cookie, "Origin": origin}) == 101
    assert status_of(server, job, {"Cookie": cookie, "Origin": "http://evil.example"}) == 403


@pytest.mark.parametrize(
    "query", [{"offset": "x"}, {"offset": "-1"}, {"tail": "1.5"}, {"offset": "9" * 5000}]
)
def test_an_offset_that_is_no_number_is_refused(server, query):
    job = server.submit("pass")
    assert status_of(server, job, **query) == 400


def test_a_job_that_does_not_exist_is_not_found(server):
    assert status_of(server, {"job_id": "none"}) == 404


def test_the_kernel_token_opens_a_stream(server):
    token = (server.process.root / "runtime" / "kernel_token").read_text().strip()
    job = server.submit("pass")
    assert status_of(server, job, {"Authorization": f"Bearer {token}"}) == 101


@pytest.mark.timeout(240)
def test_a_stream_goes_on_after_the_server_was_killed(own_server):
    server = own_server
    job = server.submit(
        """
        import time
        for n in range(200):
            print("step", n, "loss=%d" % n, flush=True)
            time.sleep(0.03)
        """
    )

    async def watch(offset, stop_after):
        text, state = "", None
        async with contextlib.aclosing(server.frames(job, offset=offset)) as frames:
            async for frame in frames:
                if frame["type"] == "end":
                    state = frame["state"]
                    break
                text += frame["data"]
                offset = frame["next_offset"]
                if stop_after and len(text) > stop_after:
                    break
        return text, offset, state

    first, offset, _ = asyncio.run(watch(0, 200))
    server.process.kill()
    server.process.restart()
    rest, offset, state = asyncio.run(watch(offset, None))
    assert state == "SUCCEEDED"
    lines = (first + rest).splitlines()
    assert lines == [f"step {n} loss={n}" for n in range(200)]
    path = f"metrics/get-history?run_id={job['run_id']}&metric_key=loss"
    answer = server.process.request("GET", f"trackside/api/2.0/mlflow/{path}").json
    points = [(point["step"], point["value"]) for point in answer["metrics"]]
    assert points == [(n, float(n)) for n in range(200)]
