"""The real TensorBoard behind a real Jupyter server, below a prefix and a token."""

from __future__ import annotations

import json
import signal
import sys
import time
from urllib.parse import quote

import psutil
import pytest

from trackside_server.testing import JupyterProcess

from .events import write_scalars

API = "trackside/api/v1/tensorboard"
V2 = "trackside/api/2.0/mlflow"


def eventually(condition, timeout=150.0):
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    process = JupyterProcess(tmp_path_factory.mktemp("jupyter"))
    try:
        yield process.start().wait_ready()
    finally:
        process.clean_up()


def create_run(jupyter, name="a run"):
    body = {"experiment_id": "0", "run_name": name}
    return jupyter.request("POST", f"{V2}/runs/create", body).json["run"]["info"]


def log_file(jupyter, run, path, content):
    root = run["artifact_uri"].split(":/", 1)[1]
    address = f"trackside/api/2.0/mlflow-artifacts/artifacts/{root}/{path}"
    assert jupyter.request("PUT", address, body=content).status == 200


def open_board(jupyter, *run_ids):
    board = jupyter.request("POST", API, {"run_ids": list(run_ids)})
    assert board.status == 201, board.text
    return eventually(lambda: _settled(jupyter, board.json["id"]))


def _settled(jupyter, identifier):
    board = jupyter.request("GET", f"{API}/{identifier}?wait=20").json
    return board if board["state"] != "STARTING" else None


def page(jupyter, board, path="", **more):
    """Ask as the page does, which knows no token."""
    return jupyter.request("GET", f"trackside/{board['url']}{path}", token="none", **more)


def values(jupyter, board, run, tag="loss"):
    """Give the values of a curve as far as TensorBoard has read it; it lists runs before that."""
    query = f"data/plugin/scalars/scalars?tag={tag}&run={quote(run, safe='')}"
    answer = page(jupyter, board, query)
    return [point[2] for point in answer.json] if answer.status == 200 else []


def children(pid):
    return [
        process
        for process in psutil.Process(pid).children()
        if process.cmdline()[-1].endswith("tensorboard/child.py")
    ]


@pytest.fixture(scope="module")
def board(jupyter, tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    runs = [create_run(jupyter, "digits/../7"), create_run(jupyter, "digits-8")]
    for run, tf2 in zip(runs, (False, True), strict=True):
        file = write_scalars(folder / run["run_id"], tf2=tf2)
        log_file(jupyter, run, f"tb/{file.name}", file.read_bytes())
    return open_board(jupyter, *(run["run_id"] for run in runs))


class TestServing:
    def test_it_shows_the_curves_of_all_runs_below_the_address_of_jupyter(self, jupyter, board):
        assert board["state"] == "READY"
        assert b"trackside-shim.js" in page(jupyter, board).body
        assert page(jupyter, board, "trackside-shim.js").status == 200
        # TensorBoard reads files when it comes to it, one run after the other.
        for run in ("digits-8/tb", "digits_.._7/tb"):
            eventually(lambda run=run: values(jupyter, board, run) == [1.0, 0.5, 0.25])
        runs = page(jupyter, board, "data/runs").json
        assert sorted(runs) == ["digits-8/tb", "digits_.._7/tb"]

    def test_its_page_is_kept_apart_from_jupyter(self, jupyter, board):
        apart = page(jupyter, board)
        policy = apart.headers["Content-Security-Policy"]
        assert "sandbox allow-scripts" in policy
        assert "allow-same-origin" not in policy
        assert "Set-Cookie" not in apart.headers
        assert apart.headers["Referrer-Policy"] == "no-referrer"
        # Behind a proxy that wants cookies.
        shared = jupyter.request("GET", f"trackside/{board['shared_url']}", token="none")
        assert shared.status == 200
        assert "sandbox" not in shared.headers["Content-Security-Policy"]
        assert "script-src 'self'" in shared.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in shared.headers

    def test_its_page_may_ask_from_an_origin_of_its_own(self, jupyter, board):
        headers = {"Origin": "null", "Access-Control-Request-Method": "POST"}
        asked = jupyter.request(
            "OPTIONS", f"trackside/{board['url']}data/runs", token="none", headers=headers
        )
        assert asked.status == 204
        assert asked.headers["Access-Control-Allow-Origin"] == "*"
        assert asked.headers["Access-Control-Allow-Headers"] == "*"

    def test_nobody_is_let_in_without_the_key(self, jupyter, board):
        for path in (
            f"trackside/tensorboard/{board['id']}/{'x' * 43}/",
            f"trackside/tensorboard/tb-000000000000/{board['url'].split('/')[2]}/data/runs",
        ):
            for token in ("none", jupyter.token):
                assert jupyter.request("GET", path, token=token).status == 403
        assert jupyter.request("GET", API, token="none").status == 403
        assert jupyter.request("POST", API, {"run_ids": ["x"]}, token="none").status == 403

    def test_paths_do_not_lead_out_of_it(self, jupyter, board):
        for path in ("../../../api/v1/info", "%2e%2e/%2e%2e/", "data/../../etc/passwd"):
            assert page(jupyter, board, path).status in (400, 403, 404)

    def test_the_port_alone_opens_nothing(self, jupyter, board):
        (child,) = children(jupyter.pid)
        (port,) = (found.laddr for found in child.net_connections() if found.status == "LISTEN")
        assert port.ip == "127.0.0.1"
        import urllib.error
        import urllib.request

        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with pytest.raises(urllib.error.HTTPError) as refused:
            opener.open(f"http://127.0.0.1:{port.port}/data/runs", timeout=60)
        with refused.value:
            assert refused.value.code == 404

    def test_it_knows_nothing_of_the_server_that_started_it(self, jupyter, board):
        (child,) = children(jupyter.pid)
        told = json.dumps([child.cmdline(), child.environ()])
        assert board["url"].split("/")[2] not in told
        assert not [name for name in child.environ() if name.startswith(("TRACKSIDE_", "MLFLOW_"))]

    def test_the_same_runs_have_one_board(self, jupyter, board):
        assert open_board(jupyter, *reversed(board["run_ids"]))["id"] == board["id"]
        assert board["id"] in [b["id"] for b in jupyter.request("GET", API).json["boards"]]


class TestBadRequests:
    @pytest.mark.parametrize("run_ids", [None, [], "x", [1], ["../x"], ["x"] * 21])
    def test_what_is_no_list_of_runs_is_refused(self, jupyter, run_ids):
        answer = jupyter.request("POST", API, {"run_ids": run_ids})
        assert (answer.status, answer.json["code"]) == (400, "INVALID_PARAMETER_VALUE")

    def test_a_run_that_is_not_there_is_missing(self, jupyter):
        assert jupyter.request("POST", API, {"run_ids": ["0" * 32]}).status == 404
        assert jupyter.request("GET", f"{API}/tb-0").status == 404
        body = {"run_id": "0" * 32}
        assert jupyter.request("POST", f"{API}/import", body).status == 404


class TestFiles:
    def test_a_run_without_event_files_waits_for_them(self, jupyter, tmp_path):
        run = create_run(jupyter)
        board = open_board(jupyter, run["run_id"])
        assert (board["state"], board["truncated"]) == ("EMPTY", False)
        log_file(jupyter, run, "x.tfevents.1", write_scalars(tmp_path).read_bytes())
        eventually(lambda: open_board(jupyter, run["run_id"])["state"] == "READY")
        jupyter.request("DELETE", f"{API}/{board['id']}")

    def test_links_among_the_artifacts_are_not_followed(self, jupyter, tmp_path):
        run = create_run(jupyter)
        log_file(jupyter, run, "note.txt", b"x")
        artifacts = jupyter.root / "artifacts" / run["artifact_uri"].split(":/", 1)[1]
        outside = write_scalars(tmp_path)
        (artifacts / "events.out.tfevents.1").symlink_to(outside)
        (artifacts / "folder").symlink_to(tmp_path)
        assert open_board(jupyter, run["run_id"])["state"] == "EMPTY"
        answer = jupyter.request("POST", f"{API}/import", {"run_id": run["run_id"]})
        assert answer.status == 404


class TestImport:
    def test_scalars_become_metrics_once_and_only_what_is_new(self, jupyter, tmp_path):
        run = create_run(jupyter)
        train = write_scalars(tmp_path / "train", "epoch_loss")
        log_file(jupyter, run, f"logs/train/{train.name}", train.read_bytes())
        other = write_scalars(tmp_path / "validation", "epoch_loss", tf2=True)
        log_file(jupyter, run, f"logs/validation/{other.name}", other.read_bytes())
        body = {"run_id": run["run_id"]}
        done = jupyter.request("POST", f"{API}/import", body).json
        names = ["train/epoch_loss", "validation/epoch_loss"]
        assert done == {
            "files": 2,
            "points": 6,
            "metrics": names,
            "damaged": [],
            "truncated": False,
        }
        assert jupyter.request("POST", f"{API}/import", body).json["points"] == 0
        more = write_scalars(tmp_path / "more", "epoch_loss", (0.1,), start=3)
        # The first record says what the file is: a longer file goes on behind it.
        grown = train.read_bytes() + more.read_bytes()
        log_file(jupyter, run, f"logs/train/{train.name}", grown)
        body["path"] = "logs/train"
        done = jupyter.request("POST", f"{API}/import", body).json
        assert (done["points"], done["metrics"]) == (1, ["train/epoch_loss"])
        found = jupyter.request(
            "GET",
            f"{V2}/metrics/get-history?run_id={run['run_id']}&metric_key=train/epoch_loss",
        ).json["metrics"]
        assert [(point["step"], point["value"]) for point in found] == [
            (0, 1.0),
            (1, 0.5),
            (2, 0.25),
            (3, pytest.approx(0.1)),
        ]
        assert found[1]["timestamp"] == 1_700_000_001_000

    def test_a_file_of_long_tags_and_odd_times_is_read_to_its_end(self, jupyter, tmp_path):
        run = create_run(jupyter)
        values = [1.0] * 8
        content = b"".join(
            write_scalars(tmp_path / name, tag, values, start=start).read_bytes()
            for name, tag, start in [("long", "\u0101" * 400_000, 0), ("late", "loss", 10**15)]
        )
        log_file(jupyter, run, "tfevents", content)
        done = jupyter.request("POST", f"{API}/import", {"run_id": run["run_id"]}).json
        assert (done["points"], done["damaged"]) == (16, [])
        assert done["metrics"] == ["loss", "\u0101" * 250]

    def test_it_is_said_when_a_run_has_more_files_than_are_read(self, jupyter, tmp_path):
        run = create_run(jupyter)
        content = write_scalars(tmp_path).read_bytes()
        log_file(jupyter, run, "tfevents", content)
        log_file(jupyter, run, f"{'d/' * 25}tfevents", content)
        done = jupyter.request("POST", f"{API}/import", {"run_id": run["run_id"]}).json
        assert (done["files"], done["truncated"]) == (1, True)
        assert open_board(jupyter, run["run_id"])["truncated"] is True

    @pytest.mark.parametrize("path", ["../..", "/etc", "a/../../b", 7])
    def test_a_path_stays_in_the_run(self, jupyter, path):
        body = {"run_id": create_run(jupyter)["run_id"], "path": path}
        assert jupyter.request("POST", f"{API}/import", body).status == 400

    def test_a_damaged_file_gives_what_came_before(self, jupyter, tmp_path):
        run = create_run(jupyter)
        content = write_scalars(tmp_path).read_bytes() + b"no event at all, but long enough"
        log_file(jupyter, run, "tfevents", content)
        done = jupyter.request("POST", f"{API}/import", {"run_id": run["run_id"]}).json
        assert (done["points"], done["damaged"]) == (3, ["tfevents"])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_it_ends_with_the_server_and_leaves_nothing(tmp_path, number):
    jupyter = JupyterProcess(tmp_path / "jupyter")
    try:
        jupyter.start().wait_ready()
        run = create_run(jupyter)
        log_file(jupyter, run, "tfevents", write_scalars(tmp_path / "events").read_bytes())
        assert open_board(jupyter, run["run_id"])["state"] == "READY"
        (child,) = children(jupyter.pid)
        jupyter.kill(number)
        gone, _ = psutil.wait_procs([child], 60)
        assert gone
        assert list((jupyter.root / "tensorboard").iterdir()) == []
    finally:
        jupyter.clean_up()


def test_a_job_that_writes_event_files_is_seen_while_it_runs(jupyter):
    (jupyter.notebooks / "writes.py").write_text(
        "import time\n"
        "from tensorboard.compat.proto import event_pb2\n"
        "from tensorboard.summary.writer.event_file_writer import EventFileWriter\n"
        "writer = EventFileWriter('tb')\n"
        "event = event_pb2.Event(wall_time=1.0, step=1)\n"
        "event.summary.value.add(tag='loss', simple_value=0.5)\n"
        "writer.add_event(event)\n"
        "writer.flush()\n"
        "time.sleep(120)\n"
    )
    job = jupyter.request(
        "POST", "trackside/api/v1/jobs", {"kind": "script", "path": "writes.py"}
    ).json
    try:
        state = eventually(lambda: _ready(jupyter, job["run_id"]))
        runs = eventually(lambda: page(jupyter, state, "data/runs").json)
        assert runs[0].endswith("/outputs/tb")
        done = jupyter.request("POST", f"{API}/import", {"run_id": job["run_id"]}).json
        assert done["metrics"] == ["loss"]
    finally:
        jupyter.request("POST", f"trackside/api/v1/jobs/{job['job_id']}/cancel", {})


def _ready(jupyter, run_id):
    board = open_board(jupyter, run_id)
    return board if board["state"] == "READY" else None


async def test_without_tensorboard_it_says_what_to_install_and_scalars_are_read_all_the_same(
    trackside, trackside_fetch, monkeypatch, tmp_path
):
    # What Python takes for a module that is not there.
    file = write_scalars(tmp_path / "events")
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    run = (await trackside_fetch("POST", "api/2.0/mlflow/runs/create", {"experiment_id": "0"})).json
    info = run["run"]["info"]
    root = info["artifact_uri"].split(":/", 1)[1]
    address = f"api/2.0/mlflow-artifacts/artifacts/{root}/{file.name}"
    assert (await trackside_fetch("PUT", address, body=file.read_bytes())).status == 200
    answer = await trackside_fetch("POST", "api/v1/tensorboard", {"run_ids": [info["run_id"]]})
    assert (answer.status, answer.json["code"]) == (501, "NOT_INSTALLED")
    assert "pip install tensorboard" in answer.json["hint"]
    assert (await trackside_fetch("GET", "api/v1/tensorboard")).json["is_installed"] is False
    done = await trackside_fetch("POST", "api/v1/tensorboard/import", {"run_id": info["run_id"]})
    assert done.json["points"] == 3
