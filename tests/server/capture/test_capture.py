"""Printed metrics become points of the run, live and exactly once."""

import asyncio
import json
import math
import time

import pytest

from trackside_server.jobs.capture import Activity
from trackside_server.tracking.entities import Metric
from trackside_server.tracking.storage import points


def activity(world):
    return world.capture.activity("j1") or Activity()


def append(source, text):
    with (source.directory / "output.log").open("ab") as log:
        log.write(text.encode() if isinstance(text, str) else text)


def test_a_printed_metric_is_in_the_run_while_the_job_runs(in_world, until):
    async def scenario(world):
        source = await world.job(params={"epochs": 4})
        await world.capture.attach(source)
        append(source, "starting\nepoch=1 loss=0.5 acc=0.8\n")
        await until(lambda: world.points(source))
        append(source, "epoch=2 loss=0.25 acc=0.9\n")
        await until(lambda: len(activity(world).sparkline) == 2)
        activity_now = activity(world).summary()
        assert activity_now["progress"] == {
            "value": 2,
            "total": 4,
            "unit": "epoch",
            "fraction": 0.5,
        }
        assert activity_now["main_metric"] == "loss"
        assert activity_now["metrics"]["loss"]["value"] == 0.25
        assert activity_now["metrics"]["loss"]["step"] == 2
        assert activity_now["sparkline"] == [0.5, 0.25]
        assert activity_now["last_line"] == "epoch=2 loss=0.25 acc=0.9"
        assert activity_now["log_size"] == (source.directory / "output.log").stat().st_size
        assert activity_now["recognised"]["lines"] == 2
        assert activity_now["recognised"]["metrics"] == ["loss", "acc"]
        await world.capture.finish("j1")
        assert await world.points(source) == [(1, 0.5), (2, 0.25)]

    in_world(scenario)


def test_what_a_job_does_is_told_at_most_a_few_times_a_second(in_world, until):
    async def scenario(world):
        told = []
        world.changes.subscribe(lambda c: told.append(c) if c.kind == "job" else None)
        source = await world.job()
        await world.capture.attach(source)
        start = time.monotonic()
        number = 0
        # On a slow disk it takes longer until it is told for the second time.
        while number < 60 or len(told) < 2:
            append(source, f"loss={number}\n")
            number += 1
            await asyncio.sleep(0.02)
        await until(lambda: activity(world).metrics["loss"]["value"] == number - 1)
        seconds = time.monotonic() - start
        assert 2 <= len(told) <= 4 * seconds + 2
        assert {change.change for change in told} == {"activity"}
        revisions = [change.revision for change in told]
        assert revisions == sorted(set(revisions))
        assert told[-1].data["name"] == "digits-j1"

    in_world(scenario)


def test_reading_goes_on_after_a_restart_without_losing_or_doubling(in_world, until):
    async def scenario(world):
        source = await world.job()
        await world.capture.attach(source)
        append(source, "loss=0\nloss=1\nloss=")
        await until(lambda: activity(world).metrics)
        await world.capture.stop()
        append(source, "2\nloss=3\n")
        second = world.new_capture()
        await second.start()
        await second.attach(source)
        await until(lambda: second.activity("j1") and second.activity("j1").sparkline[-1:] == [3.0])
        assert second.activity("j1").sparkline == [0, 1, 2, 3]
        await second.finish("j1")
        await second.stop()
        assert await world.points(source) == [(0, 0.0), (1, 1.0), (2, 2.0), (3, 3.0)]

    in_world(scenario)


def test_what_is_known_of_an_ended_job_stays(in_world):
    async def scenario(world):
        source = await world.job()
        append(source, "epoch=1 loss=0.5\nbye")
        await world.capture.attach(source)
        final = await world.capture.finish("j1")
        assert final.last_line == "bye"
        assert world.capture.activity("j1") is None
        stored = await world.store.read(lambda c: world.capture.stored(c, ["j1", "other"]))
        assert stored == {"j1": final}
        assert await world.capture.finish("j1") == final

    in_world(scenario)


def test_a_log_that_ended_while_nobody_read_is_caught_up_with_its_true_times(in_world):
    async def scenario(world):
        source = await world.job()
        lines = [f"step={step} loss={step}\n" for step in range(5)]
        notes, size = [], 0
        for number, line in enumerate(lines):
            append(source, line)
            size += len(line)
            notes.append([size, 1_700_000_000_000 + 1000 * number])
        text = "".join(json.dumps(note) + "\n" for note in notes)
        (source.directory / "output.times").write_text(text)
        await world.capture.attach(source)
        await world.capture.finish("j1")
        page = await world.tracking.metric_history(source.run_id, "loss")
        assert [point.timestamp for point in page.items] == [note[1] for note in notes]

    in_world(scenario)


def test_bars_lines_without_end_and_multibyte_characters_are_read(in_world):
    async def scenario(world):
        source = await world.job()
        bar = "\rEpoch 1:  {:3.0f}%|{}| {}/4 [00:01<00:01, 6.1it/s, loss={}]"
        text = "".join(bar.format(25 * n, "█" * n, n, 1 / (n + 1)) for n in range(5))
        # Each odd chunk of the file cuts a character of three bytes.
        padding = ("✓" * 333 + "\n") * 600
        append(source, padding + text)
        await world.capture.attach(source)
        final = await world.capture.finish("j1")
        assert [step for step, _ in await world.points(source)] == [0, 1, 2, 3, 4]
        assert final.last_line.startswith("Epoch 1:  100%|████| 4/4")

    in_world(scenario)


def test_a_headline_counts_for_the_lines_below_it(in_world):
    async def scenario(world):
        source = await world.job()
        for epoch in (1, 2, 3):
            append(source, f"Epoch {epoch}/3\n32/32 - 1s - loss: {1 / epoch:.2f}\n")
        await world.capture.attach(source)
        final = await world.capture.finish("j1")
        assert await world.points(source) == [(1, 1.0), (2, 0.5), (3, 0.33)]
        assert final.progress["fraction"] == 1.0

    in_world(scenario)


def test_a_bar_shows_its_progress_before_its_line_ends(in_world, until):
    async def scenario(world):
        source = await world.job()
        await world.capture.attach(source)
        append(source, "\r 50%|██  | 2/4 [00:01<00:01, 6.1it/s, loss=0.5]")
        await until(lambda: activity(world).progress)
        assert activity(world).progress["fraction"] == 0.5
        assert activity(world).last_line.startswith("50%|")
        await world.capture.finish("j1")

    in_world(scenario)


def test_an_endless_line_costs_bounded_memory_and_what_follows_is_read(in_world):
    async def scenario(world):
        source = await world.job()
        append(source, b"x" * 3_000_000 + b"\xff\xfe loss=7\nloss=0.5\n")
        await world.capture.attach(source)
        await world.capture.finish("j1")
        assert await world.points(source) == [(0, 0.5)]

    in_world(scenario)


def test_values_that_are_no_numbers_are_logged_and_shown(in_world):
    async def scenario(world):
        source = await world.job()
        append(source, "loss=nan\nloss=inf\n")
        await world.capture.attach(source)
        final = await world.capture.finish("j1")
        first, second = [value for _, value in await world.points(source)]
        assert math.isnan(first)
        assert second > 1e308
        assert final.metrics["loss"]["value"] == "inf"
        json.dumps(final.summary(), allow_nan=False)

    in_world(scenario)


def test_points_logged_by_a_client_are_part_of_what_the_job_does(in_world, until):
    async def scenario(world):
        source = await world.job()
        await world.capture.attach(source)
        append(source, "hello\n")
        for step in range(20):
            point = Metric("loss", 1 / (step + 1), 1_700_000_000_000 + step, step)
            await world.tracking.log_batch(source.run_id, metrics=[point])
        await until(lambda: activity(world).metrics)
        final = await world.capture.finish("j1")
        assert final.metrics["loss"]["step"] == 19
        assert len(final.sparkline) == 20
        assert final.sparkline[0] == 1.0

    in_world(scenario)


def test_when_nothing_is_recognised_a_sentence_says_so(in_world):
    async def scenario(world):
        source = await world.job(pattern=r"L (?P<loss>\S+)")
        append(source, "loss=0.5\n" * 30)
        await world.capture.attach(source)
        final = await world.capture.finish("j1")
        assert final.recognised["lines"] == 0
        assert final.recognised["message"].startswith("The metric pattern matched none of 30 lines")

    in_world(scenario)


def test_metrics_that_are_left_out_are_told(in_world):
    async def scenario(world):
        source = await world.job()
        append(source, "".join(f"m{number}=1 step=1\n" for number in range(2001)))
        await world.capture.attach(source)
        final = await world.capture.finish("j1")
        assert "m2000 and others are left out" in final.recognised["message"]

    in_world(scenario)


def test_a_full_disk_delays_points_and_loses_none(in_world, until, caplog):
    async def scenario(world):
        source = await world.job()
        await world.capture.attach(source)
        pages = "PRAGMA max_page_count = {}"
        full = await world.store.write(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
        await world.store.write(lambda c: c.execute(pages.format(full)).fetchone())
        append(source, "".join(f"metric_{n}={n} loss={n}\n" for n in range(2000)))
        await until(lambda: "cannot be logged now" in caplog.text)
        await world.store.write(lambda c: c.execute(pages.format(2**30)).fetchone())
        await world.capture.finish("j1")
        assert len(await world.points(source)) == 2000

    in_world(scenario)


def test_a_deleted_run_does_not_hold_its_job_up(in_world):
    async def scenario(world):
        source = await world.job()
        await world.tracking.delete_run(source.run_id)
        append(source, "loss=0.5\n")
        await world.capture.attach(source)
        final = await world.capture.finish("j1")
        assert final.last_line == "loss=0.5"

    in_world(scenario)


@pytest.mark.timeout(300)
def test_a_flood_of_metrics_is_logged_whole_and_leaves_the_loop_responsive(in_world):
    async def scenario(world):
        source = await world.job()
        count = 30_000
        append(source, "".join(f"step={n} loss={n} acc=0.5\n" for n in range(count)))
        told, lags = [], []
        world.changes.subscribe(lambda c: told.append(c) if c.kind == "job" else None)

        async def heartbeat():
            while True:
                before = time.monotonic()
                await asyncio.sleep(0.01)
                lags.append(time.monotonic() - before - 0.01)

        beat = asyncio.create_task(heartbeat())
        start = time.monotonic()
        await world.capture.attach(source)
        await world.capture.finish("j1")
        seconds = time.monotonic() - start
        beat.cancel()
        # Counted, not read: a point that was logged twice would be one more.
        total = await world.store.read(
            lambda c: sum(
                sum(1 for _ in points.history(c, series))
                for (series,) in c.execute("SELECT id FROM series").fetchall()
            )
        )
        assert total == 2 * count
        lags.sort()
        assert lags[len(lags) // 2] < 0.03
        assert lags[int(len(lags) * 0.99)] < 0.25
        assert len(told) <= 4 * seconds + 2

    in_world(scenario)
