"""A server that is killed while it deletes for ever finishes that when it returns."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import time

V2 = "trackside/api/2.0/mlflow/"
FILES = "trackside/api/2.0/mlflow-artifacts/artifacts"


def make_runs(server, name, count):
    made = server.request("POST", V2 + "experiments/create", {"name": name})
    number = made.json["experiment_id"]
    metrics = [{"key": "m", "value": 1.0, "timestamp": 1, "step": step} for step in range(500)]
    for _ in range(count):
        run = server.request("POST", V2 + "runs/create", {"experiment_id": number}).json["run"]
        run_id = run["info"]["run_id"]
        body = {"run_id": run_id, "metrics": metrics}
        assert server.request("POST", V2 + "runs/log-batch", body).status == 200
        folder = run["info"]["artifact_uri"].split(":", 1)[1]
        assert server.request("PUT", f"{FILES}{folder}/f", body=b"x").status == 200
    return number


def test_nothing_half_deleted_is_left_whenever_the_server_dies(jupyter_process):
    server = jupyter_process()
    for turn in range(2):
        number = make_runs(server, f"turn-{turn}", 15)
        wanted = {"experiment_ids": [number], "force": True}
        assert server.request("POST", "trackside/api/v1/trash/delete", wanted).status == 200
        time.sleep(random.uniform(0, 0.1))
        server.kill()
        server.restart()
        # Acknowledged is gone, at once and for good.
        answer = server.request("GET", f"{V2}experiments/get?experiment_id={number}")
        assert answer.status == 404
        deadline = time.monotonic() + 30
        while server.request("GET", "trackside/api/v1/trash").json["pending"]:
            assert time.monotonic() < deadline
    server.stop()
    with contextlib.closing(sqlite3.connect(server.root / "trackside.db")) as store:
        assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        for table in ("runs", "series", "points", "batches", "purge_files"):
            assert store.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0, table
        assert store.execute("SELECT count(*) FROM experiments").fetchone()[0] == 2
    files = [path for path in (server.root / "artifacts").rglob("*") if path.is_file()]
    assert files == []
