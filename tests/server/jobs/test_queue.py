"""First come, first served; each job that waits knows for what."""

from __future__ import annotations

import pytest

from trackside_server.jobs.entities import Cancel, Gpu, Job, JobSpec, Reason, Resources
from trackside_server.jobs.queue import plan, plan_all
from trackside_server.structs import replace

NOW = 1_000_000


def job(name, state="QUEUED", gpus=0, held=(), **values):
    spec = JobSpec("script", "0" * 64, resources=Resources(gpus=gpus))
    return Job(
        job_id=name,
        name=name,
        spec=spec,
        state=state,
        placed=state in ("STARTING", "RUNNING"),
        run_id="r",
        experiment_id="1",
        experiment_name="e",
        user="ana",
        created_at=0,
        revision=1,
        gpus=tuple(held),
        **values,
    )


def cards(count):
    return [Gpu(index, f"GPU-{index}") for index in range(count)]


def names(decided):
    return [start.job.name for start in decided.starts]


def reasons(decided):
    return [(place.position, place.job.name, place.reason.message) for place in decided.places]


def test_jobs_start_in_the_order_in_which_they_came():
    decided = plan([job("a"), job("b"), job("c")], [], 2, NOW)
    assert names(decided) == ["a", "b"]
    assert reasons(decided) == [(1, "c", "Waiting for 1 of 2 places: a and b are running.")]


def test_a_job_that_is_starting_takes_a_place():
    decided = plan([job("a", "STARTING"), job("b", "RUNNING"), job("c"), job("d")], [], 2, NOW)
    assert names(decided) == []
    assert [place.position for place in decided.places] == [1, 2]


def test_a_job_whose_processes_are_gone_holds_neither_a_place_nor_a_gpu():
    (card,) = cards(1)
    alive = [job("a", "RUNNING", gpus=1, held=[card]), job("b", gpus=1)]
    assert names(plan_all(alive, (), [card], 1, {("a", 1)}, NOW)) == ["b"]
    assert names(plan_all(alive, (), [card], 1, {("a", 2)}, NOW)) == []


def test_what_a_job_waits_for_is_news_until_it_says_so():
    (place,) = plan([job("a", "RUNNING"), job("b")], [], 1, NOW).places
    assert place.is_news
    told = replace(place.job, queue_position=place.position, reason=place.reason)
    assert not plan([job("a", "RUNNING"), told], [], 1, NOW).places[0].is_news


def test_with_one_place_the_sentence_says_so():
    decided = plan([job("a", "RUNNING"), job("b")], [], 1, NOW)
    assert reasons(decided) == [(1, "b", "Waiting for the only place: a is running.")]


def test_a_long_list_of_running_jobs_is_cut():
    running = [job(name, "RUNNING") for name in "abcdef"]
    decided = plan([*running, job("x")], [], 6, NOW)
    assert reasons(decided)[0][2] == "Waiting for 1 of 6 places: a, b and 4 more are running."


def test_each_gpu_is_handed_out_once():
    two = cards(2)
    decided = plan([job("a", gpus=1), job("b", gpus=1), job("c", gpus=1)], two, 9, NOW)
    assert [start.gpus for start in decided.starts] == [(two[0],), (two[1],)]
    assert reasons(decided) == [(1, "c", "Waiting for 1 GPU: a and b use all 2.")]


def test_a_running_job_keeps_its_gpu():
    two = cards(2)
    decided = plan([job("a", "RUNNING", 1, [two[0]]), job("b", gpus=1)], two, 9, NOW)
    assert decided.starts[0].gpus == (two[1],)


def test_gpus_that_others_use_are_handed_out_last():
    inventory = [Gpu(1, "GPU-1"), Gpu(0, "GPU-0", in_use_by=(77,))]
    decided = plan([job("a", gpus=1)], inventory, 9, NOW)
    assert decided.starts[0].gpus[0].index == 1


def test_who_needs_no_gpu_passes_those_who_wait_for_one():
    one = cards(1)
    decided = plan([job("a", "RUNNING", 1, one), job("b", gpus=1), job("c")], one, 9, NOW)
    assert names(decided) == ["c"]
    assert reasons(decided) == [(1, "b", "Waiting for the GPU: a uses it.")]


def test_among_those_who_need_gpus_the_order_is_strict():
    three = cards(3)
    alive = [job("a", "RUNNING", 2, three[:2]), job("b", gpus=2), job("c", gpus=1)]
    decided = plan(alive, three, 9, NOW)
    assert names(decided) == []
    assert reasons(decided) == [
        (1, "b", "Waiting for 2 GPUs: 1 of 3 is free; a uses the others."),
        (2, "c", "Waiting for 1 GPU behind b."),
    ]


def test_a_gpu_job_without_a_place_keeps_its_turn():
    decided = plan([job("a", "RUNNING"), job("b", gpus=1), job("c", gpus=1)], cards(2), 1, NOW)
    assert reasons(decided) == [
        (1, "b", "Waiting for the only place: a is running."),
        (2, "c", "Waiting for 1 GPU behind b."),
    ]


@pytest.mark.parametrize(
    ("there", "sentence"),
    [
        (0, "Waiting for 2 GPUs: this machine has none."),
        (1, "Waiting for 2 GPUs: this machine has 1 now."),
    ],
)
def test_gpus_that_vanished_are_said(there, sentence):
    decided = plan([job("a", gpus=2)], cards(there), 9, NOW)
    assert reasons(decided)[0][2] == sentence


def test_a_retry_waits_for_its_time_and_lets_the_others_pass():
    reason = Reason("RETRY", "Waiting 10 s before attempt 2 of 3. The last one failed: x")
    decided = plan([job("a", not_before=NOW + 5000, reason=reason), job("b")], [], 1, NOW)
    assert names(decided) == ["b"]
    assert decided.places[0].reason == reason
    assert decided.wake_at == NOW + 5000


def test_a_retry_whose_time_has_come_goes_first():
    decided = plan([job("a", not_before=NOW), job("b")], [], 1, NOW)
    assert names(decided) == ["a"]


def test_a_job_that_was_canceled_does_not_start():
    decided = plan([replace(job("a"), cancel=Cancel("ana", NOW))], [], 1, NOW)
    assert decided.starts == decided.places == ()
