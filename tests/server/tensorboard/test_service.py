"""TensorBoards among each other, without a process behind them."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from trackside_server.lifecycle.entities import Wanted
from trackside_server.tensorboard import storage
from trackside_server.tensorboard.service import Board, TensorBoards


class NoFiles:
    """Runs without event files, all called alike."""

    async def name(self, run_id):
        await asyncio.sleep(0)
        return "run"

    async def gather(self, run_id, folder):
        return []


@contextlib.asynccontextmanager
async def boards_in(folder):
    made = TensorBoards(NoFiles(), folder, logging.getLogger())
    try:
        yield made
    finally:
        await made.stop()


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
