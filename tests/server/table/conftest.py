"""Real servers: one keeps its runs itself, the others have a real MLflow server behind them."""

from __future__ import annotations

import itertools

import pytest
from tests.mlflow_clients import LAST_OF_2
from tests.server.upstream.conftest import MlflowServer

from trackside_server.testing import JupyterProcess

V2 = "trackside/api/2.0/mlflow"
API = "trackside/api/v1"
PLACES = ("embedded", "upstream")
EVERYWHERE = pytest.mark.parametrize("place", [*PLACES, "older"], indirect=True)
"""For tests that the last MLflow server of version 2 has to pass as well."""


class Place:
    """A Jupyter server, asked for tables; its runs come in through MLflow's protocol."""

    def __init__(self, name, server):
        self.name = name
        self.server = server
        self._numbers = itertools.count()

    @property
    def is_upstream(self):
        return self.name != "embedded"

    def mlflow(self, path, body):
        answer = self.server.request("POST", f"{V2}/{path}", body)
        assert answer.status == 200, answer.text
        return answer.json

    def ask(self, path, body=None, *, status=200, method="POST"):
        answer = self.server.request(method, f"{API}/{path}", body)
        assert answer.status == status, answer.text
        return answer.json if answer.body else None

    def window(self, experiment, **more):
        return self.ask("runs/window", {"experiment_ids": [experiment], **more})

    def names(self, experiment, **more):
        return [row["run_name"] for row in self.window(experiment, **more)["rows"]]

    def experiment(self):
        name = f"e{next(self._numbers)}"
        return self.mlflow("experiments/create", {"name": name})["experiment_id"]

    def run(self, experiment, name, *, start=0, end=None, metrics=(), params=(), tags=()):
        tags = {"mlflow.runName": name, **dict(tags)}
        made = self.mlflow(
            "runs/create",
            {
                "experiment_id": experiment,
                "start_time": 1_700_000_000_000 + start,
                "user_id": "me",
                "tags": [{"key": key, "value": value} for key, value in tags.items()],
            },
        )
        run_id = made["run"]["info"]["run_id"]
        self.mlflow(
            "runs/log-batch",
            {
                "run_id": run_id,
                "metrics": [
                    {"key": key, "value": value, "timestamp": 1, "step": 0}
                    for key, value in dict(metrics).items()
                ],
                "params": [{"key": key, "value": value} for key, value in dict(params).items()],
            },
        )
        if end is not None:
            finished = {"run_id": run_id, "status": "FINISHED", "end_time": 1_700_000_000_000 + end}
            self.mlflow("runs/update", finished)
        return run_id


@pytest.fixture(scope="session")
def places(tmp_path_factory):
    """The servers, each started when it is first wanted."""
    started = {}
    outside = {
        "upstream": MlflowServer(tmp_path_factory.mktemp("mlflow")),
        "older": MlflowServer(tmp_path_factory.mktemp("mlflow-2"), LAST_OF_2),
    }

    def get(name):
        if name not in started:
            config = {}
            if name in outside:
                config = {"Trackside": {"tracking_uri": outside[name].start().uri}}
            process = JupyterProcess(tmp_path_factory.mktemp(f"jupyter-{name}"), config=config)
            started[name] = Place(name, process)
            process.start().wait_ready()
        return started[name]

    yield get
    for one in started.values():
        one.server.clean_up()
    for mlflow in outside.values():
        mlflow.stop()


@pytest.fixture(params=PLACES)
def place(request, places):
    """The store, and the newest MLflow server."""
    return places(request.param)


@pytest.fixture
def embedded(places):
    """The server that keeps the runs itself."""
    return places("embedded")


@pytest.fixture
def older(places):
    """The server with MLflow 2 behind it."""
    return places("older")


@pytest.fixture
def upstream(places):
    """The server with MLflow's behind it."""
    return places("upstream")
