"""TensorBoards among each other, without a process behind them."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from trackside_server.lifecycle.entities import Wanted
from trackside_server.tensorboard import service, storage
from trackside_server.tensorboard.files import Gathered, link
from trackside_server.tensorboard.process import Process
from trackside_server.tensorboard.service import Board, TensorBoards


class NoFiles:
    """Runs without event files, all called alike; it is counted how often these are looked for."""

    def __init__(self):
        self.gathered = 0
        self.hurried = 0

    async def name(self, run_id):
        await asyncio.sleep(0)
        return "run"

    def watch(self, run_id, folder):
        return self

    def hurry(self):
        self.hurried += 1

    async def gather(self):
        self.gathered += 1
        return Gathered([], truncated=False)


@contextlib.asynccontextmanager
async def boards_in(folder, files=None):
    made = TensorBoards(files or NoFiles(), folder, logging.getLogger())
    try:
        yield made
    finally:
        await made.stop()


async def eventually(condition):
    async def wait():
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), 30)


async def test_who_opens_the_same_runs_at_the_same_time_gets_the_same_board(tmp_path):
    async with boards_in(tmp_path) as boards:
        asked = (["a", "b"], ["b", "a"], ["c"])
        opened = await asyncio.gather(*(boards.open(runs) for runs in asked))
        assert opened[0] is opened[1]
        assert [board.id for board in boards.list()] == [opened[0].id, opened[2].id]
        assert boards.admitted(opened[0].id, opened[0].key) == (opened[0], False)


async def test_a_board_that_failed_makes_room_for_one_that_may_not(tmp_path):
    async with boards_in(tmp_path) as boards:
        first = await boards.open(["a"])
        first.move("FAILED", "It did not start.")
        again = await boards.open(["a"])
        assert [board.id for board in boards.list()] == [again.id]
        assert again.id != first.id


async def test_nothing_is_looked_for_while_nobody_sees_the_tab(tmp_path, monkeypatch):
    monkeypatch.setattr(service, "_LOOK", 0.01)
    files = NoFiles()
    async with boards_in(tmp_path, files) as boards:
        board = await boards.open(["a"])
        await eventually(lambda: files.gathered > 2)
        board.viewed -= service.IN_VIEW
        # A page that renews itself by itself is not seen for that.
        assert boards.admitted(board.id, board.key)
        board.used -= service.IDLE - 0.5
        gathered = files.gathered
        await board.task
        assert files.gathered == gathered


async def test_who_comes_back_to_the_tab_sees_what_is_new(tmp_path, monkeypatch):
    monkeypatch.setattr(service, "_LOOK", 0.01)
    files = NoFiles()
    async with boards_in(tmp_path, files) as boards:
        board = await boards.open(["a"])
        await eventually(lambda: files.gathered > 2)
        await boards.get(board.id)
        assert files.hurried == 0
        board.viewed -= service.IN_VIEW
        gathered = files.gathered
        await boards.get(board.id)
        assert files.hurried == 1
        await eventually(lambda: files.gathered > gathered)
        # As does whoever opens it anew.
        await boards.open(["a"])
        assert files.hurried == 2


async def test_runs_of_one_name_have_folders_of_their_own(tmp_path):
    async with boards_in(tmp_path) as boards:
        runs = ("run-000000001", "run-000000002", "run-000000003", "run-000000004")
        names = await boards._names(Board("tb-0", runs, tmp_path))
        assert sorted(names) == sorted(runs)
        assert len(set(names.values())) == 4


async def test_what_was_read_of_a_run_is_forgotten_with_it(trackside):
    services = trackside.services
    experiment = await services.tracking.get_or_create_experiment("read")
    run = (await services.tracking.create_run(experiment.experiment_id)).info.run_id
    file = storage.ReadFile("tfevents", "", 7)
    await services.store.write(lambda connection: storage.note(connection, run, file))
    await services.tracking.delete_run(run)
    await services.lifecycle.trash.delete(Wanted(runs=[run]))
    assert await services.store.read(lambda connection: storage.of_run(connection, run)) == {}


def test_a_file_that_is_called_like_a_folder_costs_the_others_nothing(tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"")
    logs = tmp_path / "logs"
    paths = ["a.tfevents", "a.tfevents/b.tfevents", "a.tfevents/b/c.tfevents", "d/e", "d", "f"]
    placed = [link(logs, path, target) is not None for path in paths]
    assert placed == [True, False, False, True, False, True]
    assert sorted(path.name for path in logs.rglob("*")) == ["a.tfevents", "d", "e", "f"]


async def test_what_plug_ins_print_is_not_taken_for_an_answer(tmp_path, monkeypatch):
    code = tmp_path / "code"
    code.mkdir()
    words = "import os\nprint('hello', flush=True)\nos.write(1, b'x' * 1_000_000)\n"
    (code / "tensorboard").mkdir()
    (code / "tensorboard" / "__init__.py").write_text(words)
    (code / "tensorboard" / "program.py").write_text(
        "class TensorBoard:\n"
        "    def configure(self, argv): pass\n"
        "    def launch(self): return 'http://127.0.0.1:1234/'\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(code))
    process = Process(tmp_path / "board")
    await process.start()
    assert process.port == 1234
    await process.stop()
