"""What goes with the better result, and what cannot be told."""

from __future__ import annotations

import random

import pytest

from trackside_server.compare import chance, objective
from trackside_server.compare.entities import Candidate, Objective
from trackside_server.compare.objective import goal_of
from trackside_server.compare.ranking import rank
from trackside_server.compare.words import sentence

LOSS = Objective("loss", "min")


def _param(key, values):
    return Candidate("param", key, [str(value) for value in values])


def test_two_runs_are_told_apart_by_all_that_differs_and_nothing_is_measured():
    found = rank([_param("lr", [0.01, 0.1]), _param("epochs", [5, 5])], [0.4, 0.2], LOSS)
    (only,) = found
    assert (only.key, only.worse, only.better, only.strength) == ("lr", "0.01", "0.1", "pair")
    assert only.score is None
    assert only.text == "lr 0.01 → 0.1 goes with the better loss."


def test_a_number_that_orders_many_runs_is_clear():
    rates = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
    (found,) = rank([_param("lr", rates)], [1 / (1 + rate) for rate in rates], LOSS)
    assert (found.measure, found.score, found.strength) == ("rank", 1.0, "clear")
    assert found.better == "higher"
    assert found.text == "higher lr goes with the better loss (rank correlation 1.00 in 8 runs)."


def test_four_runs_in_perfect_order_are_called_a_hint_only():
    (found,) = rank([_param("lr", [1, 2, 3, 4])], [4.0, 3.0, 2.0, 1.0], LOSS)
    assert found.strength == "hint"
    assert "may be chance" in found.text


def test_six_runs_nearly_in_order_say_how_nearly_and_that_it_may_be_chance():
    (found,) = rank([_param("lr", [1, 2, 3, 4, 5, 6])], [6.0, 5.0, 2.0, 4.0, 3.0, 1.0], LOSS)
    assert found.strength == "hint"
    told = "higher lr goes with the better loss (rank correlation 0.83 in 6 runs), which may be"
    assert found.text.startswith(told)


def test_noise_is_never_called_clear_though_many_settings_are_looked_at():
    source = random.Random(7)
    results = [source.random() for _ in range(10)]
    noise = [_param(f"p{at}", [source.random() for _ in range(10)]) for at in range(60)]
    found = rank(noise, results, LOSS)
    assert found
    assert all(one.strength != "clear" for one in found)


@pytest.mark.parametrize("answer", [list(range(20)), ["a"] * 10 + ["b"] * 10])
def test_the_answer_is_found_behind_any_number_of_settings_that_say_nothing(answer):
    source = random.Random(1)
    noise = [_param(f"p{at:04}", [source.random() for _ in range(20)]) for at in range(3000)]
    found = rank([*noise, _param("zz", answer)], [float(at) for at in range(20)], LOSS)
    assert found[0].key == "zz"
    assert found[0].strength == "hint"
    assert "may be chance" in found[0].text
    assert all(one.strength != "clear" for one in found)


def test_groups_are_told_by_their_value_and_single_ones_tell_nothing():
    kinds = ["adam"] * 5 + ["sgd"] * 5
    results = [0.1, 0.12, 0.11, 0.13, 0.1, 0.4, 0.5, 0.45, 0.41, 0.6]
    named = Candidate("param", "name", [f"run-{at}" for at in range(10)])
    found = rank([_param("optimizer", kinds), named], results, LOSS)
    by_key = {one.key: one for one in found}
    assert by_key["optimizer"].strength == "clear"
    assert (by_key["optimizer"].worse, by_key["optimizer"].better) == ("sgd", "adam")
    assert by_key["name"].strength == "none"


def test_what_changed_together_is_said_to_be_the_same():
    rates = range(8)
    found = rank(
        [_param("lr", rates), _param("warmup", [10 * rate for rate in rates])],
        [float(-rate) for rate in rates],
        LOSS,
    )
    assert found[0].together == ("warmup",)
    assert "cannot be told from warmup" in found[0].text


@pytest.mark.parametrize("results", [[None, 0.1], [0.1, 0.1], [float("nan"), 0.2]])
def test_without_two_different_results_nothing_is_said(results):
    assert rank([_param("lr", [1, 2])], results, LOSS) == []


def test_the_exact_chance_is_that_of_all_orders():
    correlation, rarity = chance.of_numbers([1, 2, 3, 4], [1, 2, 3, 4])
    assert correlation == pytest.approx(1)
    assert rarity == pytest.approx(2 / 24)


@pytest.mark.parametrize(
    ("metric", "goal"),
    [
        ("loss", "min"),
        ("val/cross_entropy_loss", "min"),
        ("valLoss", "min"),
        ("RMSE", "min"),
        ("accuracy", "max"),
        ("test_acc", "max"),
        ("eval/f1_macro", "max"),
        ("r2", "max"),
        ("roc_auc", "max"),
        ("epoch", None),
        ("lr", None),
    ],
)
def test_the_name_of_a_metric_says_what_is_better(metric, goal):
    assert goal_of(metric) == goal


def test_the_objective_is_the_main_metric_that_most_runs_have():
    runs = [{"loss": 1.0}, {"accuracy": 0.5, "system/gpu_0": 1.0}, {"accuracy": 0.7}]
    chosen = objective.choose(runs)
    assert (chosen.metric, chosen.goal, chosen.assumed) == ("accuracy", "max", True)
    assert objective.choose([{}, {"loss": float("nan")}]) is None


def test_the_sentence_of_a_comparison_reads_like_one():
    ranking = rank([_param("lr", [0.01, 0.1])], [0.4, 0.2], LOSS)
    told = sentence(settings=41, differing=3, others=[], ranking=ranking, objective=LOSS, results=2)
    assert told == "3 of 41 settings differ; lr 0.01 → 0.1 goes with the better loss."
