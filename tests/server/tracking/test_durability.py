"""`kill -9` of the server in the middle of logging: what was acknowledged is there, once."""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
import time
from urllib.parse import urlsplit

from .conftest import FILES, V2

BATCH = 50


class _Client(threading.Thread):
    """Logs on one connection until the server is gone; notes what was acknowledged."""

    def __init__(self, server, run_id, number):
        super().__init__(daemon=True)
        self.server = server
        self.run_id = run_id
        self.number = number
        self.sent = []  # (metric, steps) of each request
        self.acknowledged = 0

    def run(self):
        parts = urlsplit(self.server.trackside_url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        headers = {
            "Authorization": f"Bearer {self.server.token}",
            "Content-Type": "application/json",
        }
        try:
            while True:
                self._send(connection, f"{parts.path}/{V2}runs/", headers)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()

    def _send(self, connection, root, headers):
        turn = len(self.sent)
        if turn % 2:
            key, steps, path = f"one{self.number}", [turn], "log-metric"
            body = {"key": key, "value": 1.0, "timestamp": 1, "step": turn}
        else:
            key, path = f"batch{self.number}", "log-batch"
            steps = list(range(turn * BATCH, (turn + 1) * BATCH))
            points = [{"key": key, "value": 1.0, "timestamp": 1, "step": step} for step in steps]
            body = {"metrics": points}
        self.sent.append((key, steps))
        connection.request(
            "POST", root + path, json.dumps({"run_id": self.run_id, **body}), headers
        )
        response = connection.getresponse()
        response.read()
        assert response.status == 200
        self.acknowledged += 1


def _wait(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.001)


def test_every_acknowledged_point_survives_a_killed_server_and_none_is_doubled(jupyter_process):
    server = jupyter_process()
    run = server.request("POST", f"trackside/{V2}runs/create", {"experiment_id": "0"}).json["run"]
    run_id = run["info"]["run_id"]
    clients = []
    for life in range(4):
        those = [_Client(server, run_id, life * 10 + number) for number in range(4)]
        clients += those
        for client in those:
            client.start()
        _wait(lambda those=those, life=life: all(c.acknowledged > 10 + 17 * life for c in those))
        server.kill()
        for client in those:
            client.join(30)
            assert not client.is_alive()
        server.restart()
    for client in clients:
        for kind in ("one", "batch"):
            key = f"{kind}{client.number}"
            path = f"trackside/{V2}metrics/get-history?run_id={run_id}&metric_key={key}"
            metrics = server.request("GET", path).json.get("metrics", [])
            there = [metric["step"] for metric in metrics]
            assert len(there) == len(set(there))
            requests = [
                (turn, set(steps)) for turn, (k, steps) in enumerate(client.sent) if k == key
            ]
            for turn, steps in requests:
                kept = steps & set(there)
                if turn < client.acknowledged:
                    assert kept == steps, f"acknowledged, but lost: {key} at {min(steps)}"
                # What was not acknowledged is there as a whole, or not at all.
                assert kept in (steps, set())
            assert set(there) <= {step for _, steps in requests for step in steps}
    server.stop()
    connection = sqlite3.connect(server.root / "trackside.db")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()


def test_a_file_whose_upload_the_server_did_not_survive_is_not_there_at_all(jupyter_process):
    server = jupyter_process()
    folder = f"trackside/{FILES}/some"
    assert server.request("PUT", f"{folder}/file", body=b"old").status == 200
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    for name in ("file", "fresh"):
        connection.close()
        connection.putrequest("PUT", f"{parts.path}{folder}/{name}")
        connection.putheader("Authorization", f"Bearer {server.token}")
        connection.putheader("Content-Length", str(10_000_000))
        connection.endheaders()
        connection.send(b"x" * 5_000_000)
        incoming = server.root / "artifacts" / ".incoming"
        _wait(lambda incoming=incoming: any(f.stat().st_size for f in incoming.iterdir()))
        server.kill()
        server.restart()
    connection.close()
    listed = server.request("GET", f"trackside/{FILES}?path=some").json["files"]
    assert listed == [{"path": "file", "is_dir": False, "file_size": 3}]
    assert server.request("GET", f"{folder}/file").body == b"old"
