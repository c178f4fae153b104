"""What is read out of printed lines, and what is not."""

import math

import pytest

from trackside_server.jobs.capture.patterns import compile_pattern
from trackside_server.jobs.capture.positions import Bar
from trackside_server.jobs.capture.recognise import Recogniser


def read(line, pattern=None):
    return Recogniser(compile_pattern(pattern) if pattern else None).read(line)


def metrics(line, pattern=None):
    reading = read(line, pattern)
    return {} if reading is None else reading.metrics


METRICS = [
    # pairs
    ("loss=0.5 accuracy=0.93", {"loss": 0.5, "accuracy": 0.93}),
    ("loss: 0.5, acc: 0.9", {"loss": 0.5, "acc": 0.9}),
    ("loss = 0.3", {"loss": 0.3}),
    ("loss:0.5", {"loss": 0.5}),
    ("loss=1.2e-05 lr=3E4", {"loss": 1.2e-05, "lr": 3e4}),
    ("gain=-0.5 drift=+0.25", {"gain": -0.5, "drift": 0.25}),
    ("loss=inf acc=-inf", {"loss": math.inf, "acc": -math.inf}),
    ("acc: 93.1%", {"acc": 93.1}),
    ("Loss: 0.3.", {"Loss": 0.3}),
    ("mem=10.5GB time=0.3s throughput=12.5 it/s", {"mem": 10.5, "time": 0.3, "throughput": 12.5}),
    ("tokens=3.5k params_seen=2M", {"tokens": 3500.0, "params_seen": 2e6}),
    ("mse: 1,234.5", {"mse": 1234.5}),
    ("train/loss=0.3 val.acc=0.9", {"train/loss": 0.3, "val.acc": 0.9}),
    ("val loss=0.3", {"val_loss": 0.3}),
    ("Train Loss: 0.3 | Val Loss: 0.4", {"Train_Loss": 0.3, "Val_Loss": 0.4}),
    ("train: loss=0.3 | val: loss=0.4", {"loss": 0.3, "val_loss": 0.4}),
    ("Accuracy (%): 93.5, Loss (train): 0.2", {"Accuracy": 93.5, "Loss_train": 0.2}),
    ("The current training loss: 0.3", {"training_loss": 0.3}),
    ("Validation loss: 0.3 after 10 epochs", {"Validation_loss": 0.3}),
    ("epoch 3 loss 0.52 acc 0.9", {"loss": 0.52, "acc": 0.9}),
    ("step 120 | loss 2.1 | lr 3e-4", {"loss": 2.1, "lr": 3e-4}),
    ("perte=0.5 précision=0.9", {"perte": 0.5, "précision": 0.9}),
    ("ratio: 3/4", {"ratio": 0.75}),
    # prefixes of loggers, colours, ranks
    ("2024-01-01 12:34:56,123 - INFO - loss=0.5", {"loss": 0.5}),
    ("[2024-01-01 12:34:56] INFO loss: 0.5", {"loss": 0.5}),
    ("INFO:root:loss=0.25", {"loss": 0.25}),
    ("I0101 12:34:56.789 12345 train.py:45] step 100: loss = 0.5", {"loss": 0.5}),
    ("[rank0]: step=3 loss=0.1", {"loss": 0.1}),
    ("\x1b[32mloss=\x1b[1m0.5\x1b[0m", {"loss": 0.5}),
    # JSON and Python's dictionaries
    ('{"step": 3, "loss": 0.25, "ok": true, "name": "x"}', {"loss": 0.25}),
    ('{"train": {"loss": 0.1, "acc": 0.9}}', {"train/loss": 0.1, "train/acc": 0.9}),
    ('INFO {"loss": 0.25}', {"loss": 0.25}),
    ('{"message": "epoch=2 loss=0.3", "level": "info"}', {"loss": 0.3}),
    ("{'loss': 0.5, 'epoch': 1.0}", {"loss": 0.5}),
    (
        "{'loss': '0.5', 'learning_rate': '5e-05', 'epoch': '0.32'}",
        {"loss": 0.5, "learning_rate": 5e-05},
    ),
    ("{'loss': np.float64(0.5), 'acc': None}", {"loss": 0.5}),
    ("loss=tensor(0.1234, device='cuda:0')", {"loss": 0.1234}),
    # frameworks
    ("Epoch [3/10], Step [100/600], Loss: 0.1234", {"Loss": 0.1234}),
    ("Train Epoch: 1 [640/60000 (1%)]\tLoss: 2.213470", {"Loss": 2.21347}),
    (
        "Test set: Average loss: 0.0512, Accuracy: 9823/10000 (98%)",
        {"Average_loss": 0.0512, "Accuracy": 0.9823},
    ),
    (
        "32/32 ━━━━━━━━━━━━━━ 1s 5ms/step - accuracy: 0.9012 - loss: 0.3 - val_loss: 0.31",
        {"accuracy": 0.9012, "loss": 0.3, "val_loss": 0.31},
    ),
    ("11/32 [=====>........] - ETA: 0s - loss: 0.4012", {"loss": 0.4012}),
    ("32/32 - 1s - 5ms/step - loss: 0.3000", {"loss": 0.3}),
    (
        "Epoch 0:  45%|████▌     | 9/20 [00:01<00:01,  6.11it/s, v_num=0, train_loss=0.312]",
        {"train_loss": 0.312},
    ),
    (" 45%|████▌     | 9/20 [00:01<00:01, 6.1it/s, loss=0.3, acc=93%]", {"loss": 0.3, "acc": 93.0}),
    ("9it [00:01,  6.11it/s, loss=0.3]", {"loss": 0.3}),
    ("[10]\ttrain-rmse:0.34512\teval-rmse:0.45678", {"train-rmse": 0.34512, "eval-rmse": 0.45678}),
    ("[1]\tvalid_0's l2: 0.24\tvalid_0's auc: 0.76", {"valid_0s_l2": 0.24, "valid_0s_auc": 0.76}),
    ("Iteration 12, loss = 0.30211", {"loss": 0.30211}),
    ("iter 0: loss 10.9, time 1234.56ms, mfu -100.00%", {"loss": 10.9}),
    (
        "Epoch(train)  [1][100/1000]  lr: 1.0e-02  eta: 0:10:00  loss: 0.3",
        {"lr": 0.01, "loss": 0.3},
    ),
    (
        "Epoch: [0][  1/5005]\tTime  5.2 ( 5.2)\tLoss 6.9e+00 (6.9e+00)\tAcc@1   0.00 (  0.00)",
        {"Loss": 6.9, "Acc_1": 0.0},
    ),
]


@pytest.mark.parametrize(("line", "expected"), METRICS)
def test_metrics_are_read_from_what_programs_print(line, expected):
    assert metrics(line) == pytest.approx(expected)


FALSE_FRIENDS = [
    "",
    "hello world",
    "12:34:56",
    "time: 12:34:56",
    "Started at: 2024-01-01 10:00:00",
    "date: 12/05/2024",
    "http://localhost:8888/lab?token=abc&x=3",
    "Serving on 127.0.0.1:8888",
    "host: 10.0.0.1",
    "numpy: 1.26.4",
    "version: 2.1",
    "CUDA version: 12.1",
    "python 3.11, torch==2.1.0",
    "image: python:3.11-slim",
    "train.py:45 starting",
    '  File "/x/y.py", line 3, in f',
    "    width = 64 // hidden",
    "found: 3 files",
    "x: 3 files",
    "WARNING: 3 deprecations found",
    "WARNING:tensorflow:5 out of the last 5 calls",
    "ValueError: shapes (64,) and (10,) not aligned",
    "RuntimeError: CUDA error: 2",
    "python train.py --lr=0.1 --epochs=5",
    "Namespace(lr=0.1, epochs=10, batch_size=32)",
    "LogisticRegression(C=0.1, max_iter=100)",
    "OMP_NUM_THREADS=1",
    "hash=12ab34 addr=0x7f",
    "seed=42",
    "Using device: 0",
    "Number of parameters: 1,234,567",
    "Model saved to /tmp/model_epoch=3.ckpt",
    "Downloading: 100%|██████████| 3.40M/3.40M [00:01<00:00, 3.40MB/s]",
    '{"timestamp": 1.5, "pid": 3}',
    '{"time": 1700000000.5}',
    '{"a": [1, 2]}',
    "{not json}",
]


@pytest.mark.parametrize("line", FALSE_FRIENDS)
def test_what_only_looks_like_a_metric_is_left_alone(line):
    assert metrics(line) == {}


def test_nan_is_a_value():
    assert math.isnan(metrics("loss=nan")["loss"])
    assert math.isnan(metrics('{"loss": NaN}')["loss"])
    assert math.isnan(metrics("{'loss': nan}")["loss"])


PLACES = [
    ("step=120 loss=0.5", {"step": 120}),
    ("global_step: 120 loss=0.5", {"step": 120}),
    ("iteration 7: loss=0.5", {"step": 7}),
    ("[10]\ttrain-rmse:0.34", {"step": 10}),
    ("0:\tlearn: 0.65", {"step": 0}),
    ("Step 100/1000 loss=0.1", {"step": 100, "step_total": 1000}),
    ("epoch=3 loss=0.5", {"epoch": 3}),
    ("Epoch 3/10", {"epoch": 3, "epoch_total": 10}),
    ("Epoch [3/10] loss=0.5", {"epoch": 3, "epoch_total": 10}),
    ("Epoch 3 of 10: loss=0.5", {"epoch": 3, "epoch_total": 10}),
    ("Epoch 00003: loss=0.5", {"epoch": 3}),
    ("{'loss': 0.5, 'epoch': 0.32}", {"epoch": 0.32}),
    ('{"train/epoch": 2, "train/loss": 0.1}', {"epoch": 2}),
    ("epoch=2 step=40 loss=0.1", {"epoch": 2, "step": 40}),
    ("epoch 1 batch 20/100 loss: 0.4", {"epoch": 1, "bar": Bar(20, 100, "batch")}),
    ("Train Epoch: 1 [640/60000 (1%)]\tLoss: 2.2", {"epoch": 1, "bar": Bar(640, 60000, "batch")}),
    (" 45%|████▌     | 9/20 [00:01<00:01, 6.1it/s]", {"bar": Bar(9, 20, "", drawn=True)}),
    (
        "Epoch 1/5:  45%|████▌     | 9/20 [00:01<00:01, 6.1it/s]",
        {"epoch": 1, "epoch_total": 5, "bar": Bar(9, 20, "Epoch /", drawn=True)},
    ),
]


@pytest.mark.parametrize(("line", "expected"), PLACES)
def test_a_line_tells_where_the_program_is(line, expected):
    at = read(line).at
    told = {
        name: getattr(at, name)
        for name in ("step", "step_total", "epoch", "epoch_total", "bar")
        if getattr(at, name) is not None
    }
    assert told == expected


@pytest.mark.parametrize("line", ["ms per step: 5", "step time: 0.3s", "batch size 32", "Steps: 5"])
def test_words_that_only_contain_a_step_do_not_set_one(line):
    reading = read(line)
    assert reading is None or reading.at.step is None


def test_every_key_is_one_that_mlflow_accepts():
    from trackside_server.tracking import validation

    lines = ["Acc@1: 0.5", "a//b=0.5", "/x=0.5", '{"a#b": 1, "..": 2, "./x": 3, "": 4}', "é=0.5"]
    lines.append('{"' + "k" * 400 + '": 1}')
    keys = [key for line in lines for key in metrics(line)]
    assert len(keys) >= 5
    for key in keys:
        assert validation.key(key, "metric") == key


def test_with_a_pattern_only_what_it_matches_is_a_metric():
    pattern = r"@(?P<step>\d+) L (?P<loss>\S+)"
    reading = read("@12 L 0.5 accuracy=0.9", pattern)
    assert reading.metrics == {"loss": 0.5}
    assert reading.at.step == 12
    assert read("accuracy=0.9", pattern) is None


def test_a_pattern_may_read_the_names_too():
    pattern = r"(?P<name>\w+) is (?P<value>[\d.]+)"
    assert metrics("loss is 0.5 and acc is 0.9", pattern) == {"loss": 0.5, "acc": 0.9}


@pytest.mark.parametrize(
    "line",
    [
        "x=1 " * 4000,
        "a b " * 4000 + "1:2",
        "(" * 4000 + "1=",
        "{" * 16000 + "}",
        "{'" * 8000 + "}",
        "9" * 9000 + "/1",
        "[1/" * 4000,
        "%|" * 4000,
        " " * 9000 + "=1",
        "loss " * 3000,
        "1it [" * 3000,
    ],
)
def test_hostile_lines_take_no_time(line):
    import time

    start = time.process_time()
    Recogniser().read(line)
    assert time.process_time() - start < 0.1
