"""The step of each point, and the progress of a job, over the lines of a log."""

import json

import pytest

from trackside_server.jobs.capture.progress import Progress
from trackside_server.jobs.capture.recognise import Recogniser
from trackside_server.jobs.capture.steps import Steps


def steps_of(lines, key="loss"):
    """Return the steps of one metric, through a state that is stored after each line."""
    recogniser, state, found = Recogniser(), None, []
    for line in lines:
        steps = Steps(state)
        reading = recogniser.read(line)
        if reading is not None:
            placed = steps.place(reading)
            if key in placed:
                found.append(placed[key])
        state = json.loads(json.dumps(steps.state()))
    return found


def progress_of(lines, params=None):
    recogniser, progress = Recogniser(), Progress(params or {})
    for line in lines:
        reading = recogniser.read(line)
        if reading is not None:
            progress.see(reading.at)
        progress = Progress(params or {}, json.loads(json.dumps(progress.state())))
    return progress.summary()


def test_an_explicit_step_is_taken_as_it_is():
    assert steps_of(["step=5 loss=1", "step=5 loss=1", "step=3 loss=1"]) == [5, 5, 3]


def test_without_a_step_the_epoch_counts():
    assert steps_of(["epoch=0 loss=1", "epoch=1 loss=1"]) == [0, 1]


def test_without_any_place_each_metric_is_counted():
    assert steps_of(["loss=1", "acc=1", "loss=1", "loss=1 acc=2"]) == [0, 1, 2]


def test_a_headline_gives_its_epoch_to_the_lines_below():
    lines = ["Epoch 1/2", "loss: 0.5", "Epoch 2/2", "loss: 0.4"]
    assert steps_of(lines) == [1, 2]


def test_several_values_below_one_headline_are_not_piled_up():
    lines = ["Epoch 1/2", "loss: 0.5", "loss: 0.45", "Epoch 2/2", "loss: 0.4", "loss: 0.3"]
    found = steps_of(lines)
    assert found == sorted(set(found))


def test_fractional_epochs_are_counted():
    lines = [f"{{'loss': 0.5, 'epoch': {epoch}}}" for epoch in (0.5, 1.0, 1.5, 2.0)]
    assert steps_of(lines) == [0, 1, 2, 3]


def bar(place, total, label="", **postfix):
    """Return a line as tqdm draws it."""
    share = f"{label}{100 * place // total:3.0f}%|██| {place}/{total}"
    values = "".join(f", {key}={value}" for key, value in postfix.items())
    return f"{share} [00:01<00:01, 6.1it/s{values}]"


def test_a_bar_that_begins_again_goes_on_counting():
    lines = [bar(place, 4, loss=1 / n) for n, place in enumerate((1, 2, 4, 1, 3, 4), start=1)]
    assert steps_of(lines) == [1, 2, 4, 5, 7, 8]


def test_a_bar_that_is_drawn_once_more_when_it_is_thrown_away_is_no_new_round():
    # `bar = tqdm(…)` in a loop: the old bar closes after the new one was drawn.
    lines = []
    for epoch in range(3):
        lines.append(bar(0, 4))
        if epoch:
            lines.append(bar(4, 4, loss=4 * epoch - 1))
        lines += [bar(n + 1, 4, loss=4 * epoch + n) for n in range(4)]
    assert steps_of(lines) == list(range(1, 13))


def test_bars_that_are_drawn_at_once_are_told_apart():
    lines = [
        bar(2, 4, "train: ", loss=0.3),
        bar(1, 9, "valid: ", val_loss=0.3),
        bar(3, 4, "train: ", loss=0.2),
    ]
    assert steps_of(lines) == [2, 3]


def test_a_slow_bar_has_one_point_for_each_iteration():
    # Drawn once with the new value, and once more when its number has moved on.
    lines = [bar(0, 9)]
    for n in range(8):
        lines += [bar(n, 9, loss=1 / (n + 1)), bar(n + 1, 9, loss=1 / (n + 1))]
    assert steps_of(lines) == list(range(8))


def test_a_fast_bar_has_its_values_at_the_steps_between_its_numbers():
    # The number of the bar is renewed with every fourth value only.
    lines, value = [], 0
    for n in (0, 4, 8, 12):
        for _ in range(4):
            lines.append(bar(n, 20, loss=value))
            value += 1
        lines.append(bar(n + 4, 20, loss=value - 1))
    found = steps_of(lines)
    assert found == sorted(set(found))
    assert len(found) >= 12
    assert found[-1] <= 16


def test_a_value_that_stands_still_has_points_nevertheless():
    found = steps_of([bar(n, 20, loss=0.5) for n in range(10)])
    assert len(found) >= 8


def test_more_values_than_steps_do_not_run_ahead_of_the_bar():
    lines = [bar(n, 50, loss=3 * n + k) for n in range(50) for k in range(3)]
    found = steps_of(lines)
    assert found == sorted(set(found))
    assert found[-1] <= 50


def test_the_batches_of_the_classic_mnist_example_run_on():
    line = "Train Epoch: {} [{}/60000 (1%)]\tLoss: 2.2"
    lines = [line.format(1, 0), line.format(1, 640), line.format(2, 0), line.format(2, 640)]
    assert steps_of(lines, "Loss") == [0, 640, 60000, 60640]


def test_keras_with_one_line_an_epoch_counts_epochs():
    lines = ["Epoch 1/2", "32/32 - 1s - loss: 0.5", "Epoch 2/2", "32/32 - 1s - loss: 0.4"]
    assert steps_of(lines) == [1, 2]


def test_keras_with_a_moving_bar_counts_batches():
    lines = []
    for epoch in (1, 2):
        lines.append(f"Epoch {epoch}/2")
        lines += [f"{n}/32 ━━━━━━━━ 0s 5ms/step - loss: 0.4" for n in (1, 16, 32)]
    assert steps_of(lines) == [1, 16, 32, 33, 48, 64]


def test_a_step_beyond_all_numbers_is_not_believed():
    assert steps_of(['{"step": 1e300, "loss": 1}', '{"step": NaN, "loss": 1}']) == [0, 1]


def test_the_number_of_metrics_is_bounded():
    recogniser, steps, kept = Recogniser(), Steps(), 0
    for start in range(0, 3000, 100):
        line = json.dumps({f"m{number}": 1 for number in range(start, start + 100)})
        kept += len(steps.place(recogniser.read(line)))
    assert kept == 2000
    assert Steps(steps.state()).left_out == "m2000"


def test_a_line_with_too_many_metrics_keeps_its_step_and_says_what_is_left_out():
    reading = Recogniser().read(
        json.dumps({**{f"m{number}": 1 for number in range(300)}, "step": 7})
    )
    steps = Steps()
    assert set(steps.place(reading).values()) == {7}
    assert steps.left_out == "m200"


@pytest.mark.parametrize(
    ("lines", "params", "expected"),
    [
        (["Epoch 3/10"], {}, (3, 10, "epoch", 0.3)),
        (["epoch=0 loss=1", "epoch=2 loss=1"], {"epochs": 5}, (3, 5, "epoch", 0.6)),
        (["epoch=1 loss=1", "epoch=2 loss=1"], {"num_epochs": "5"}, (2, 5, "epoch", 0.4)),
        (["step=120 loss=1"], {"max_steps": 1000}, (120, 1000, "step", 0.12)),
        (["Step 100/1000 loss=0.1"], {}, (100, 1000, "step", 0.1)),
        (["45%|██| 9/20 [00:01<00:01, 6.1it/s]"], {}, (9, 20, "it", 0.45)),
        (["Epoch 3/10", "5/10 ━━━━ 0s 5ms/step - loss: 0.4"], {}, (3, 10, "epoch", 0.25)),
        (["{'loss': 0.5, 'epoch': 1.5}"], {"num_train_epochs": 3}, (1.5, 3, "epoch", 0.5)),
        (["epoch=7 loss=1"], {}, (7, None, "epoch", None)),
        (["Epoch 11/10"], {}, (10, 10, "epoch", 1.0)),
    ],
)
def test_progress_comes_from_the_lines_and_the_params(lines, params, expected):
    summary = progress_of(lines, params)
    assert (summary["value"], summary["total"], summary["unit"], summary["fraction"]) == expected


def test_without_a_sign_of_progress_there_is_none():
    assert progress_of(["loss=0.5", "hello"], {"epochs": 5}) is None
