"""A server with things to delete."""

from __future__ import annotations

import asyncio
import time

import pytest

V2 = "api/2.0/mlflow/"
FILES = "api/2.0/mlflow-artifacts/artifacts"


async def until(condition, timeout=30.0):
    """Wait until an awaitable condition holds and return its value."""
    deadline = time.monotonic() + timeout
    while True:
        value = await condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen in time")
        await asyncio.sleep(0.02)


class World:
    """Short ways to make things, to delete them, and to look what is left."""

    def __init__(self, trackside, fetch):
        self.services = trackside.services
        self.store = trackside.services.store
        self.fetch = fetch

    async def ok(self, method, path, json=None, **options):
        answer = await self.fetch(method, path, json, **options)
        assert answer.status == 200, answer.text
        return answer.json

    async def mlflow(self, method, path, json=None):
        return await self.ok(method, V2 + path, json)

    async def experiment(self, name):
        return (await self.mlflow("POST", "experiments/create", {"name": name}))["experiment_id"]

    async def run(self, experiment="0", *, points=3, file=b"content", **fields):
        body = {"experiment_id": experiment, **fields}
        run = (await self.mlflow("POST", "runs/create", body))["run"]
        run_id, folder = run["info"]["run_id"], run["info"]["artifact_uri"].split(":", 1)[1]
        metrics = [{"key": "m", "value": 1.0, "timestamp": 1, "step": s} for s in range(points)]
        await self.mlflow(
            "POST",
            "runs/log-batch",
            {"run_id": run_id, "metrics": metrics, "params": [{"key": "p", "value": "1"}]},
        )
        await self.ok("PUT", f"{FILES}{folder}/dir/file.txt", body=file)
        return run_id

    async def model(self, experiment="0", **fields):
        made = await self.mlflow("POST", "logged-models", {"experiment_id": experiment, **fields})
        info = made["model"]["info"]
        await self.ok("PUT", f"{FILES}{info['artifact_uri'].split(':', 1)[1]}/MLmodel", body=b"x")
        return info["model_id"]

    async def trash(self, *run_ids):
        for run_id in run_ids:
            await self.mlflow("POST", "runs/delete", {"run_id": run_id})

    async def delete(self, status=200, **wanted):
        answer = await self.fetch("POST", "api/v1/trash/delete", wanted)
        assert answer.status == status, answer.text
        return answer.json

    async def empty(self, **wanted):
        return await self.ok("POST", "api/v1/trash/empty", wanted)

    async def in_trash(self, query=""):
        return await self.ok("GET", f"api/v1/trash{query}")

    async def removed(self):
        """Wait until nothing is left to remove."""

        async def nothing():
            return (await self.in_trash())["pending"] == 0

        await until(nothing)

    async def rows(self, table, where="1"):
        def count(connection):
            return connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]

        return await self.store.read(count)

    def files(self):
        root = self.store.root / "artifacts"
        return sorted(
            str(path.relative_to(root))
            for path in root.rglob("*")
            if path.is_file() and ".incoming" not in path.parts
        )

    async def status(self, run_id):
        answer = await self.fetch("GET", f"{V2}runs/get?run_id={run_id}")
        return answer.status


@pytest.fixture
def world(trackside, trackside_fetch):
    return World(trackside, trackside_fetch)
