"""Trackside answers as MLflow's own server does: the same requests to both, compared."""

from __future__ import annotations

import json
import os
import re
import urllib.error
import urllib.request

import pytest
from tests.mlflow_server import mlflow_server
from tests.server.registry.exchanges import ALL as REGISTRY

from .exchanges import BEFORE_SEARCHES, BEHIND_SEARCHES
from .model_exchanges import ALL as LOGGED_MODELS
from .search_exchanges import SEARCHES
from .trace_exchanges import TRACES

_TIMES = re.compile(r'"((?:creation|last_update\w*)_time(?:stamp(?:_ms)?)?)": \d+')
_KEYED = ("metrics", "params", "tags", "request_metadata")
_MOMENTS = re.compile(r'"((?:create|last_update)_time)": "[^"]*"')
_ASSESSMENTS = re.compile("a-[0-9a-f]{32}")
TRACKING = [*BEFORE_SEARCHES, *SEARCHES, *BEHIND_SEARCHES]
ALL = [*TRACKING, *LOGGED_MODELS, *REGISTRY, *TRACES]


@pytest.fixture
def mlflow_url(tmp_path):
    folder = tmp_path / "mlflow"
    folder.mkdir()
    env = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with mlflow_server(folder, f"sqlite:///{folder}/mlflow.db", folder / "artifacts", env) as url:
        yield f"{url}/"


class _Speaker:
    """Sends the exchanges to one server and remembers what it called things."""

    def __init__(self, url, token=None):
        self.url = url
        self.token = token
        self.names = {}

    def send(self, exchange):
        headers = {"Content-Type": "application/json"}
        headers.update({name: self._fill(value) for name, value in exchange.headers.items()})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        body = exchange.body
        if body is not None:
            text = body if isinstance(body, str) else json.dumps(body)
            body = self._fill(text).encode()
        url = self.url + self._fill(exchange.path).replace(" ", "%20")
        request = urllib.request.Request(url, body, headers, method=exchange.method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                status, text = response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, error.read().decode()
        try:
            answer = json.loads(text or "{}")
        except ValueError:
            return status, text
        if status == 200:
            for name, path in exchange.keep.items():
                found = answer
                for part in path.split("."):
                    found = found[part]
                self.names[name] = found
        return status, answer

    def plain(self, status, answer):
        """Write an answer without what differs from server to server."""
        if status != 200:
            return status, answer.get("error_code") if isinstance(answer, dict) else None
        text = json.dumps(answer, sort_keys=True)
        for name, value in self.names.items():
            if len(value) > 9:
                text = text.replace(value, f"<{name}>")
        text = _TIMES.sub(r'"\1": 0', text).replace(', "workspace": "default"', "")
        text = re.sub(r'"next_page_token": "[^"]*"', '"next_page_token": ""', text)
        text = _ASSESSMENTS.sub("a-", _MOMENTS.sub(r'"\1": ""', text))
        return status, _sorted(json.loads(text))

    def _fill(self, text):
        return re.sub(r"\{(\w)\}", lambda match: self.names.get(match[1], match[0]), text)


def _sorted(value):
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {name: _sorted(item) for name, item in value.items()}
    if "current_stage" in result:  # Trackside tells two things more of a model version
        result = {name: result[name] for name in result if name not in ("user_id", "model_id")}
    if "latest_versions" in result:
        result["latest_versions"].sort(key=lambda item: int(item["version"]))
    if "tags" in result:  # a bag of keys, and not the points of one metric
        for name in _KEYED:
            if isinstance(result.get(name), list):
                result[name] = sorted(result[name], key=lambda item: item["key"])
    return result


def test_every_answer_is_that_of_mlflow_itself(mlflow_url, jupyter_process):
    server = jupyter_process()
    theirs = _Speaker(mlflow_url)
    ours = _Speaker(server.trackside_url + "/", server.token)
    for number, exchange in enumerate(ALL):
        expected = theirs.plain(*theirs.send(exchange))
        got = ours.plain(*ours.send(exchange))
        where = f"exchange {number}: {exchange}"
        assert got[0] < 500, where
        if not exchange.differs:
            assert got == expected, where
        else:
            assert got != expected, f"{where} differs no longer"
    assert len(ALL) > 700
