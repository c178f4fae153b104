"""Sources that the real MLflow made, and a store that takes them in without a Jupyter server."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.mlflow_clients import LAST_OF_2, NEWEST

from trackside_server.changes import Changes
from trackside_server.imports.desk import Desk
from trackside_server.imports.own import OwnStore
from trackside_server.imports.service import Transfers
from trackside_server.imports.settings import Chosen, Wanted
from trackside_server.imports.storage import ENDED
from trackside_server.store import Store
from trackside_server.structs import asdict
from trackside_server.tracking.service import Tracking

SCRIPTS = Path(__file__).parent / "scripts"
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


def environment(folder, uri):
    """Give an environment in which MLflow writes into a folder only."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")}
    return {**kept, **QUIET, "HOME": str(folder), "MLFLOW_TRACKING_URI": uri}


@pytest.fixture(scope="session")
def sources(tmp_path_factory):
    """One source of each kind: ``files``, ``old`` and ``new`` (SQLite of 2.22 and 3.18)."""
    made = {}

    def make(name, client, place):
        folder = tmp_path_factory.mktemp(name)
        uri = str(folder / place) if "mlruns" in place else f"sqlite:///{folder / place}"
        script = SCRIPTS / "make.py"
        done = subprocess.run(
            [client.python, "-W", "ignore", script],
            cwd=folder,
            env={**environment(folder, uri), **client.environment()},
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        made[name] = folder / place

    wanted = [
        ("files", LAST_OF_2, "mlruns"),
        ("old", LAST_OF_2, "mlflow.db"),
        ("new", NEWEST, "mlflow.db"),
    ]
    with ThreadPoolExecutor(len(wanted)) as pool:
        list(pool.map(lambda item: make(*item), wanted))
    return made


@pytest.fixture(params=["files", "old", "new"])
def source(request, sources):
    """Each of the sources."""
    return sources[request.param]


class Here:
    """A store, and what brings things into it and out of it."""

    def __init__(self, root):
        self.root = root
        self.log = logging.getLogger("test")

    async def __aenter__(self):
        self.store = Store(self.root, self.log)
        self.store.open()
        self.tracking = Tracking(self.store, Changes(), self.root / "artifacts")
        self.transfers = Transfers(self.tracking, self.root, self.log)
        await self.transfers.start()
        return self

    async def __aexit__(self, *_):
        await self.transfers.stop()
        self.store.close()

    async def end(self, identifier):
        """Wait until a transfer has ended; give it with all of its problems."""
        deadline = time.monotonic() + 120
        while (found := await self.transfers.wait(identifier, 5)).state not in ENDED:
            assert time.monotonic() < deadline, found
        problems = await self.transfers.problems(identifier, 100, 0)
        return found, [problem["message"] for problem in problems]

    async def bring(self, source, secrets=None, **wanted):
        """Import, and give the counts and the problems."""
        made, _ = await self.transfers.begin(
            "import", str(source), Wanted(**wanted), secrets=secrets or {}, actor="me"
        )
        found, problems = await self.end(made.id)
        assert found.state == "SUCCEEDED", found.message
        return found.progress, problems

    async def refused(self, source, **wanted):
        """Import what cannot be, and give the sentence."""
        made, _ = await self.transfers.begin(
            "import", str(source), Wanted(**wanted), secrets={}, actor="me"
        )
        found, _ = await self.end(made.id)
        assert found.state == "FAILED"
        return found.message

    async def not_sent(self, to, **chosen):
        """Export what cannot be, and give the sentence."""
        made, _ = await self.transfers.begin(
            "export", str(to), Chosen(**chosen), secrets={}, actor="me"
        )
        found, _ = await self.end(made.id)
        assert found.state == "FAILED"
        return found.message

    async def send(self, to, **chosen):
        """Export, and give the counts and the problems."""
        made, _ = await self.transfers.begin(
            "export", str(to), Chosen(**chosen), secrets={}, actor="me"
        )
        found, problems = await self.end(made.id)
        assert found.state == "SUCCEEDED", found.message
        return found.progress, problems

    async def content(self):
        """Give all that is in the store."""
        own = OwnStore(Desk(self.tracking, asyncio.get_running_loop()), lambda *_: None)
        return await asyncio.to_thread(content, own)


def content(source):
    """Give all that a source holds, by names and ids that it has everywhere."""
    found = {"registered": {}}
    for experiment in source.experiments():
        runs, models, traces = {}, {}, {}
        for run in source.runs(experiment.key):
            curves = {}
            for batch, _ in source.points(run, experiment.key, run.curves, None):
                for key, points in batch.items():
                    told = {(p.step, p.timestamp, _number(p.value)) for p in points}
                    curves.setdefault(key, set()).update(told)
            runs[run.run_id] = {
                **{
                    name: getattr(run, name)
                    for name in ("name", "user_id", "status", "start_time", "end_time", "params")
                },
                "tags": run.tags,
                "deleted": run.deleted_at is not None,
                "datasets": [
                    (asdict(item.dataset), sorted(map(tuple, item.tags))) for item in run.datasets
                ],
                "links": (list(run.model_inputs), list(run.model_outputs)),
                "curves": curves,
            }
        for model in source.models(experiment.key):
            told = asdict(model)
            for name in ("artifact_uri", "deleted_at"):
                told.pop(name)
            told["metrics"] = {
                (m.key, m.step, m.timestamp, _number(m.value), m.run_id) for m in model.metrics
            }
            models[model.model_id] = told
        for trace in source.traces(experiment.key):
            told = asdict(trace)
            told["tags"] = {k: v for k, v in trace.tags.items() if not k.endswith("Location")}
            told["spans"] = sorted(span["name"] for span in _spans(source, trace, experiment.key))
            told["assessments"] = sorted(item["assessment_name"] for item in trace.assessments)
            traces[trace.trace_id] = told
        found[experiment.name] = {
            "deleted": experiment.deleted,
            "tags": experiment.tags,
            "runs": runs,
            "models": models,
            "traces": traces,
        }
    for model in source.registered():
        told = asdict(model)
        told["tags"] = {k: v for k, v in model.tags.items() if k != "_mlflow_experiment_ids"}
        told["versions"] = [
            {k: v for k, v in asdict(one).items() if k != "source"} for one in model.versions
        ]
        found["registered"][model.name] = told
    return found


def _spans(source, trace, experiment):
    """Give the spans of a trace, which may lie in a file."""
    if trace.spans is not None:
        return trace.spans
    uri = trace.tags.get("mlflow.artifactLocation", "")
    files = source.files("trace", trace.trace_id, experiment, uri)
    if "traces.json" not in dict(files.walk()):
        return ()
    with files.open("traces.json") as file:
        return json.load(file)["spans"]


def _number(value):
    if value != value:
        return None
    return min(value, 1.7976931348623157e308)


@pytest.fixture
def here(tmp_path, jp_asyncio_loop):
    """An empty store, open for the time of the test."""
    opened = Here(tmp_path / "here")
    jp_asyncio_loop.run_until_complete(opened.__aenter__())
    yield opened
    jp_asyncio_loop.run_until_complete(opened.__aexit__())


@pytest.fixture
def there(tmp_path, jp_asyncio_loop):
    """Another empty store."""
    opened = Here(tmp_path / "there")
    jp_asyncio_loop.run_until_complete(opened.__aenter__())
    yield opened
    jp_asyncio_loop.run_until_complete(opened.__aexit__())


@pytest.fixture
def sync(jp_asyncio_loop):
    """Run a coroutine to its end."""
    return jp_asyncio_loop.run_until_complete


@pytest.fixture
def own_copy(sources, tmp_path):
    """A copy of the ``mlruns`` folder that a test may change."""
    return shutil.copytree(sources["files"], tmp_path / "mlruns")
