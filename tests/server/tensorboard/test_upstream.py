"""The same where an MLflow server keeps the runs."""

from __future__ import annotations

import pytest
from tests.server.upstream.conftest import MlflowServer, eventually

from trackside_server.outside.address import Address
from trackside_server.outside.credentials import Credentials
from trackside_server.tensorboard.files.fetching import fetch
from trackside_server.testing import JupyterProcess
from trackside_server.upstream.client import Client
from trackside_server.upstream.words import WORDS

from .events import write_scalars
from .test_boards import API, V2, create_run, log_file, open_board, page, values


@pytest.fixture(scope="module")
def mlflow_server(tmp_path_factory):
    server = MlflowServer(tmp_path_factory.mktemp("mlflow"))
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory, mlflow_server):
    process = JupyterProcess(
        tmp_path_factory.mktemp("jupyter"),
        config={"Trackside": {"tracking_uri": mlflow_server.uri}},
    )
    try:
        yield process.start().wait_ready()
    finally:
        process.clean_up()


def test_event_files_are_fetched_and_followed_and_their_scalars_logged(
    jupyter, mlflow_server, tmp_path
):
    run = create_run(jupyter, "far away")
    first = write_scalars(tmp_path / "a")
    log_file(jupyter, run, f"tb/{first.name}", first.read_bytes())
    board = open_board(jupyter, run["run_id"])
    assert board["state"] == "READY", board
    assert eventually(lambda: page(jupyter, board, "data/runs").json) == ["far away/tb"]
    more = write_scalars(tmp_path / "b", values=(0.1,), start=3)
    log_file(jupyter, run, f"tb/{first.name}", first.read_bytes() + more.read_bytes())
    eventually(lambda: len(values(jupyter, board, "far away/tb")) == 4)

    body = {"run_id": run["run_id"]}
    assert jupyter.request("POST", f"{API}/import", body).json["points"] == 4
    assert jupyter.request("POST", f"{API}/import", body).json["points"] == 0
    found = eventually(lambda: mlflow_server.history(run["run_id"], "loss"))
    assert [(point["step"], point["value"]) for point in found] == [
        (0, 1.0),
        (1, 0.5),
        (2, 0.25),
        (3, pytest.approx(0.1)),
    ]


@pytest.mark.asyncio
async def test_mlflow_gives_the_end_alone_of_a_file_that_has_grown(
    jupyter, mlflow_server, tmp_path
):
    run = create_run(jupyter)
    content = write_scalars(tmp_path / "a", values=range(200)).read_bytes()
    more = write_scalars(tmp_path / "b", values=(0.1,), start=200).read_bytes()
    place = tmp_path / "fetched"
    client = Client(Address.parse(mlflow_server.uri)[0], Credentials(WORDS))
    numbers = []
    try:
        for now in (content, content + more, more):
            log_file(jupyter, run, "tb/tfevents", now)
            got = await fetch(client, run["run_id"], "tb/tfevents", place, 10**6)
            assert (got, place.read_bytes()) == (len(now), now)
            numbers.append(place.stat().st_ino)
    finally:
        await client.close()
    # Written on, and then replaced by another one.
    assert numbers[0] == numbers[1] != numbers[2]


def test_a_run_that_the_server_does_not_have_is_missing(jupyter):
    assert jupyter.request("POST", API, {"run_ids": ["0" * 32]}).status == 404


def test_what_cannot_be_reached_is_said(jupyter, mlflow_server):
    assert jupyter.request("GET", f"{V2}/experiments/get?experiment_id=0").status == 200
    mlflow_server.stop()
    answer = jupyter.request("POST", API, {"run_ids": ["0" * 32]})
    assert answer.status == 503
    assert "cannot be reached" in answer.json["message"]
