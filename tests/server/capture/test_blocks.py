"""Lines that say nothing are left out by blocks, which changes nothing of what is read."""

from __future__ import annotations

import random

import pytest

from trackside_server.jobs.capture.reader import JobReader, Source
from trackside_server.jobs.capture.recognise import Recogniser

DULL = (
    "INFO:root:2026-11-29 12:00:00,123 worker 3 took 12 ms",
    "plain words",
    "x" * 70,
    "",
    "  \t",
)
TELLING = (
    "step 3 loss=0.5",
    "foo=tensor(0.25)",
    "Epoch 3/10",
    "it: 7",
    " 3/20 [=====>",
    '{"step": 4, "acc": 0.5}',
    " 10%|█   | 1/10 [00:01<00:09,  1.0it/s, loss=0.3]",
    "\x1b[1mmse\x1b[0m 0.25",
    "st\x00ep=3 l\x00oss=0.125",
    "ValueError: x=3",
    "value: nan",
    """[KFP Executor 2026-11-29 12:00:00,123 INFO]: Got executor_input:
{
    "inputs": {
        "parameterValues": {
            "rows": 10
        }
    }
}""",
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "output.times").touch()
    return tmp_path


def read(folder, *, blocks=True, seconds=1.0):
    reader = JobReader(Source("j", "r", "0", "n", folder))
    if not blocks:
        reader._recogniser.may_read = lambda block: True
    points, more = [], True
    while more:
        found, more = reader.read_slice(seconds=seconds)
        points += found
    points += reader.finish()
    reader.close()
    told = [(point.key, str(point.value), point.step) for point in points]
    # As text: NaN equals nothing.
    return told, repr(reader.state()), reader.offset


@pytest.mark.parametrize("seed", range(8))
def test_a_log_reads_the_same_by_blocks_as_line_by_line(folder, seed):
    chance = random.Random(seed)
    lines = (
        chance.choice(TELLING if chance.random() < 10.0 ** -(seed % 3 + 1) else DULL)
        + chance.choice("\n\n\n\r")
        for _ in range(3000)
    )
    (folder / "output.log").write_text("".join(lines) + "loss=1", "utf-8", newline="")
    assert read(folder, seconds=chance.choice((1.0, 0.0))) == read(folder, blocks=False)


def test_few_lines_of_a_log_that_says_nothing_are_looked_at_alone(folder, monkeypatch):
    looked = []
    real = Recogniser.read
    monkeypatch.setattr(Recogniser, "read", lambda *given: looked.append(1) or real(*given))
    (folder / "output.log").write_text(f"{DULL[0]}\n" * 50_000)
    read(folder)
    assert len(looked) < 5_000


@pytest.mark.parametrize("before", [0, 31, 32, 500])
def test_inputs_that_the_executor_of_kfp_prints_are_no_metrics(folder, before):
    lines = [DULL[1]] * before + [TELLING[-1], "rows: 3", "{", '"loss": 0.5', "}"]
    (folder / "output.log").write_text("\n".join(lines) + "\n")
    told, _, end = read(folder)
    assert [point[:2] for point in told] == [("rows", "3.0"), ("loss", "0.5")]
    # Wherever a server stops, the next one goes on from there.
    log = (folder / "output.log").read_bytes()
    first = JobReader(Source("j", "r", "0", "n", folder))
    (folder / "output.log").write_bytes(log[: log.index(b'"parameterValues')])
    assert first.read_slice() == ([], False)
    first.close()
    (folder / "output.log").write_bytes(log)
    again = JobReader(Source("j", "r", "0", "n", folder), None, first.offset, first.state())
    assert [point.key for point in again.read_slice()[0]] == ["rows", "loss"]
    assert again.offset == end
    again.close()
