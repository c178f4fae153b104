"""Metrics read back: in MLflow's order, whole or as many points as are seen."""

from __future__ import annotations

import itertools
import json
import math

import pytest

from trackside_server.tracking.entities import Metric


async def _log(ok, run_id, points):
    for start in range(0, len(points), 1000):
        metrics = [
            {"key": key, "value": value, "timestamp": timestamp, "step": step}
            for key, value, timestamp, step in points[start : start + 1000]
        ]
        await ok("POST", "runs/log-batch", {"run_id": run_id, "metrics": metrics})


async def _latest(ok, run_id):
    data = (await ok("GET", f"runs/get?run_id={run_id}"))["run"]["data"]
    return {metric["key"]: metric["value"] for metric in data.get("metrics", [])}


async def test_an_exact_repeat_is_stored_once(ok, new_run):
    run_id = (await new_run())["run_id"]
    point = ("m", 0.5, 10, 1)
    await _log(ok, run_id, [point, point, ("m", "NaN", 10, 1), ("m", "NaN", 10, 1)])
    await _log(ok, run_id, [point])
    history = await ok("GET", f"metrics/get-history?run_id={run_id}&metric_key=m")
    assert [item["value"] for item in history["metrics"]] == ["NaN", 0.5]


@pytest.mark.parametrize(
    ("points", "latest"),
    [
        ([(1.0, 10, 2), (2.0, 20, 1)], 1.0),  # the larger step, not the later call
        ([(1.0, 20, 1), (2.0, 10, 1)], 1.0),  # then the later time
        ([(2.0, 10, 1), (1.0, 10, 1)], 2.0),  # then the larger value
        ([(1.0, 10, 0), (2.0, 20, -5)], 1.0),
        ([("NaN", 10, 2), (5.0, 10, 1)], "NaN"),
    ],
)
async def test_the_latest_value_is_the_largest_point_and_not_the_last_call(
    ok, new_run, points, latest
):
    one_by_one, batched = (await new_run())["run_id"], (await new_run())["run_id"]
    for point in points:
        await _log(ok, one_by_one, [("m", *point)])
    await _log(ok, batched, [("m", *point) for point in points])
    assert await _latest(ok, one_by_one) == await _latest(ok, batched) == {"m": latest}


async def test_a_history_comes_by_time_step_and_value(ok, new_run):
    run_id = (await new_run())["run_id"]
    await _log(ok, run_id, [("m", 3, 20, 0), ("m", 1, 10, 5), ("m", 2, 10, 4), ("m", 0, 20, 0)])
    history = await ok("GET", f"metrics/get-history?run_id={run_id}&metric_key=m")
    assert [item["value"] for item in history["metrics"]] == [2, 1, 0, 3]


async def test_a_history_comes_in_pages_when_asked_to(ok, refused, new_run):
    run_id = (await new_run())["run_id"]
    await _log(ok, run_id, [("m", i, i, i) for i in range(5)])
    got, token = [], ""
    for size in (2, 2, 1):
        path = f"metrics/get-history?run_id={run_id}&metric_key=m&max_results={size}"
        page = await ok("GET", f"{path}&page_token={token}")
        got += [item["value"] for item in page["metrics"]]
        token = page.get("next_page_token", "")
    assert got == [0, 1, 2, 3, 4]
    assert token == ""
    path = f"metrics/get-history?run_id={run_id}&metric_key=m"
    for wrong in ("max_results=0", "max_results=-1", "max_results=x", "max_results=5&page_token=x"):
        await refused("GET", f"{path}&{wrong}")


async def test_a_whole_history_is_streamed_as_one_document(ok, new_run):
    run_id = (await new_run())["run_id"]
    await _log(ok, run_id, [("loss", 1 / (i + 1), i, i) for i in range(5000)])
    history = await ok("GET", f"metrics/get-history?run_id={run_id}&metric_key=loss")
    assert [item["step"] for item in history["metrics"]] == list(range(5000))
    assert history["metrics"][2]["value"] == 1 / 3


class TestSamples:
    async def test_each_run_comes_with_its_ends_and_spread_over_its_length(self, ok, new_run):
        long, short = (await new_run())["run_id"], (await new_run())["run_id"]
        await _log(ok, long, [("m", i, i, i) for i in range(10_000)])
        await _log(ok, short, [("m", i, i, i) for i in range(3)])
        path = f"metrics/get-history-bulk-interval?run_ids={long}&run_ids={short}&metric_key=m"
        metrics = (await ok("GET", f"{path}&max_results=11"))["metrics"]
        steps = [item["step"] for item in metrics if item["run_id"] == long]
        assert (steps[0], steps[-1]) == (0, 9999)
        assert 8 <= len(steps) <= 11
        assert max(b - a for a, b in itertools.pairwise(steps)) <= 2700
        assert [item["step"] for item in metrics if item["run_id"] == short] == [0, 1, 2]
        assert metrics[0] == {"key": "m", "value": 0, "timestamp": 0, "step": 0, "run_id": long}
        assert 300 <= len((await ok("GET", path))["metrics"]) - 3 <= 320

    async def test_a_range_of_steps_is_looked_at_closely(self, ok, new_run):
        run_id = (await new_run())["run_id"]
        await _log(ok, run_id, [("m", i, i, i) for i in range(10_000)])
        path = f"metrics/get-history-bulk-interval?run_ids={run_id}&metric_key=m&max_results=5"
        metrics = (await ok("GET", f"{path}&start_step=100&end_step=104"))["metrics"]
        assert [item["step"] for item in metrics] == [100, 101, 102, 103, 104]
        metrics = (await ok("GET", f"{path}&start_step=100&end_step=180"))["metrics"]
        steps = [item["step"] for item in metrics]
        assert (steps[0], steps[-1]) == (100, 180)
        assert len(steps) <= 5

    async def test_a_peak_of_one_point_is_never_missed(self, ok, new_run):
        run_id = (await new_run())["run_id"]
        values = [1.0] * 10_000
        values[4321], values[8765], values[5555] = 99.0, -99.0, "NaN"
        await _log(ok, run_id, [("m", value, i, i) for i, value in enumerate(values)])
        path = f"metrics/get-history-bulk-interval?run_ids={run_id}&metric_key=m&max_results=20"
        metrics = (await ok("GET", path))["metrics"]
        found = {item["step"]: item["value"] for item in metrics}
        assert (found[4321], found[8765], found[5555]) == (99.0, -99.0, "NaN")

    @pytest.mark.parametrize(
        "step", [lambda i: 0, lambda i: i if i < 4900 else 10**9 + i, lambda i: i // 1000]
    )
    def test_crowded_steps_are_spread_by_their_number(self, tracking, sync, step):
        run_id = sync(tracking.create_run("0")).info.run_id
        points = [Metric("m", float(i), i, step(i)) for i in range(5000)]
        for start in range(0, 5000, 1000):
            sync(tracking.log_batch(run_id, metrics=points[start : start + 1000]))
        sample = sync(tracking.sample_history([run_id], "m", 100))
        assert 80 <= len(sample) <= 100
        assert (sample[0].value, sample[-1].value) == (0.0, 4999.0)
        gaps = [b.value - a.value for a, b in itertools.pairwise(sample)]
        assert max(gaps) <= 120

    @pytest.mark.parametrize("most", [1, 2, 3, 2500])
    def test_any_number_of_points_may_be_asked_for(self, tracking, sync, most):
        run_id = sync(tracking.create_run("0")).info.run_id
        points = [Metric("m", math.nan if i % 2 else i, i, i * i) for i in range(900)]
        sync(tracking.log_batch(run_id, metrics=points))
        sample = sync(tracking.sample_history([run_id], "m", most))
        assert len(sample) == min(most, 900)
        assert sample[-1].step == 899 * 899
        assert most == 1 or sample[0].step == 0

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "run_ids=a&start_step=1",
            "run_ids=a&end_step=1",
            "run_ids=a&start_step=5&end_step=1",
            "run_ids=a&max_results=0",
            "run_ids=a&max_results=2501",
            "&".join(f"run_ids={i}" for i in range(101)),
        ],
    )
    async def test_what_makes_no_sense_is_refused(self, refused, query):
        await refused("GET", f"metrics/get-history-bulk-interval?metric_key=m&{query}")

    async def test_runs_and_metrics_that_are_not_there_have_no_points(self, ok, new_run):
        run_id = (await new_run())["run_id"]
        path = f"metrics/get-history-bulk-interval?run_ids={run_id}&run_ids=nobody"
        assert (await ok("GET", f"{path}&metric_key=m")).get("metrics", []) == []


async def test_curves_of_one_name_in_two_runs_do_not_mix(ok, new_run):
    one, two = (await new_run())["run_id"], (await new_run())["run_id"]
    await _log(ok, one, [("m", 1, 1, 1)])
    await _log(ok, two, [("m", 2, 2, 2)])
    for run_id, value in ((one, 1), (two, 2)):
        history = await ok("GET", f"metrics/get-history?run_id={run_id}&metric_key=m")
        assert [item["value"] for item in history["metrics"]] == [value]


async def test_odd_names_survive_the_streaming(api, new_run, ok):
    run_id = (await new_run())["run_id"]
    await _log(ok, run_id, [("損失 a/b", 1.5, 1, 0)])
    answer = await api(
        "GET", f"metrics/get-history?run_id={run_id}&metric_key=%E6%90%8D%E5%A4%B1%20a%2Fb"
    )
    assert json.loads(answer.body)["metrics"][0]["key"] == "損失 a/b"
