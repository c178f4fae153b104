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


def test_a_bar_that_begins_again_goes_on_counting():
    bar = "{}%|██| {}/4 [00:01<00:01, 6.1it/s, loss=0.3]"
    lines = [bar.format(25 * place, place) for place in (1, 2, 4, 1, 3, 4)]
    assert steps_of(lines) == [1, 2, 4, 5, 7, 8]


def test_bars_that_are_drawn_at_once_are_told_apart():
    lines = [
        "train: 50%|██| 2/4 [00:01<00:01, 6.1it/s, loss=0.3]",
        "valid: 10%|██| 1/9 [00:01<00:01, 6.1it/s, val_loss=0.3]",
        "train: 75%|██| 3/4 [00:01<00:01, 6.1it/s, loss=0.3]",
    ]
    assert steps_of(lines) == [2, 3]


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
