"""A conversation with a tracking server: requests whose answers are compared between servers.

``{name}`` in a request stands for a value that an earlier answer gave; ids differ between servers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace  # noqa: TID251 - of a dataclass
from typing import Any

V2 = "api/2.0/mlflow/"


@dataclass(frozen=True)
class Exchange:
    """One request and what to remember of its answer."""

    method: str
    path: str
    body: Any = None
    keep: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    differs: str = ""

    def but(self, why: str) -> Exchange:
        """Say why Trackside answers otherwise."""
        return replace(self, differs=why)


def post(path: str, body: Any, **keep: str) -> Exchange:
    return Exchange("POST", V2 + path, body, keep)


def get(path: str, **keep: str) -> Exchange:
    return Exchange("GET", V2 + path, None, keep)


EXPERIMENTS = [
    post("experiments/create", {"name": "alpha"}, e="experiment_id"),
    post("experiments/create", {"name": "alpha"}),
    post("experiments/create", {}),
    post("experiments/create", {"name": ""}),
    post("experiments/create", {"name": 5}),
    post("experiments/create", {"name": "x" * 501}),
    post(
        "experiments/create",
        {"name": "tagged", "tags": [{"key": "a", "value": "b"}]},
        t="experiment_id",
    ),
    post("experiments/create", {"name": "fragment", "artifact_location": "s3://b/x#y"}),
    post(
        "experiments/create",
        {"name": "own", "artifactLocation": "s3://bucket/x"},
        o="experiment_id",
    ),
    post(
        "experiments/create",
        {"name": "both", "artifactLocation": "s3://b/x", "artifact_location": "s3://b/y"},
    ),
    get("experiments/get?experiment_id={e}"),
    get("experiments/get?experimentId={e}").but("camelCase is read in queries too"),
    get("experiments/get?experiment_id={t}"),
    get("experiments/get?experiment_id={o}"),
    get("experiments/get?experiment_id=777"),
    get("experiments/get?experiment_id=abc"),
    get("experiments/get"),
    get("experiments/get-by-name?experiment_name=alpha"),
    get("experiments/get-by-name?experiment_name=nobody"),
    get("experiments/get-by-name"),
    post("experiments/search", {"max_results": 10, "filter": "name LIKE 'al%'"}),
    post("experiments/search", {"max_results": 10, "filter": "name ILIKE 'AL%'"}),
    post("experiments/search", {"max_results": 10, "filter": "tags.a = 'b'"}),
    post("experiments/search", {"max_results": 10, "filter": "tags.a IS NULL AND name = 'alpha'"}),
    post("experiments/search", {"max_results": 10, "filter": "nonsense = 'b'"}),
    post("experiments/search", {"max_results": 10, "filter": "name > 'b'"}),
    post(
        "experiments/search", {"max_results": 10, "filter": "name = 'alpha' OR name = 'tagged'"}
    ).but("a superset"),
    post(
        "experiments/search",
        {"max_results": 10, "order_by": ["name DESC"], "filter": "name != 'Default'"},
    ),
    post("experiments/search", {"max_results": 10, "order_by": ["tags.a"]}),
    post("experiments/search", {"max_results": 10, "order_by": ["name UP"]}),
    post("experiments/search", {"max_results": 0}),
    post("experiments/search", {}),
    post("experiments/search", {"max_results": 50001}),
    post("experiments/search", {"max_results": 1, "page_token": "garbage"}),
    get(
        "experiments/search?max_results=5&filter=name%20%3D%20'alpha'&order_by=name&order_by=creation_time"
    ),
    post("experiments/set-experiment-tag", {"experiment_id": "{e}", "key": "k", "value": "v"}),
    post("experiments/set-experiment-tag", {"experiment_id": "{e}", "key": "k"}),
    post("experiments/set-experiment-tag", {"experiment_id": "{e}", "value": "v"}),
    post(
        "experiments/set-experiment-tag", {"experiment_id": "{e}", "key": "k", "value": "v" * 20001}
    ),
    post("experiments/set-experiment-tag", {"experiment_id": "{e}", "key": "k#", "value": "v"}),
    post("experiments/delete-experiment-tag", {"experiment_id": "{e}", "key": "k"}),
    post("experiments/delete-experiment-tag", {"experiment_id": "{e}", "key": "k"}),
    post("experiments/update", {"experiment_id": "{e}", "new_name": "beta"}),
    post("experiments/update", {"experiment_id": "{e}"}),
    post("experiments/delete", {"experiment_id": "{t}"}),
    post("experiments/delete", {"experiment_id": "{t}"}),
    post("experiments/set-experiment-tag", {"experiment_id": "{t}", "key": "k", "value": "v"}),
    post("experiments/create", {"name": "tagged"}),
    get("experiments/get-by-name?experiment_name=tagged"),
    post("runs/create", {"experiment_id": "{t}"}),
    post("experiments/update", {"experiment_id": "{t}", "new_name": "gamma"}).but("500 in MLflow"),
    post("experiments/update", {"experiment_id": "{e}", "new_name": "tagged"}).but(
        "taken, in words"
    ),
    post("experiments/restore", {"experiment_id": "{t}"}),
    post("experiments/restore", {"experiment_id": "{t}"}),
    post("experiments/delete", {"experiment_id": "777"}),
]

RUNS = [
    post(
        "runs/create",
        {"experiment_id": "{e}", "start_time": 1000, "user_id": "me", "run_name": "one"},
        r="run.info.run_id",
    ).but("outputs are there, empty"),
    post(
        "runs/create",
        {
            "experiment_id": "{e}",
            "start_time": "2000",
            "run_name": "two",
            "tags": [{"key": "mlflow.runName", "value": "other"}],
        },
    ),
    post(
        "runs/create",
        {
            "experiment_id": "{e}",
            "start_time": "2000",
            "tags": [{"key": "mlflow.runName", "value": "two"}, {"key": "x", "value": "y"}],
        },
        s="run.info.run_id",
    ).but("outputs are there, empty"),
    post("runs/create", {"experiment_id": "777", "start_time": 1}),
    post("runs/create", {"experiment_id": 1, "start_time": 1}),
    post("runs/create", {"experiment_id": "{e}", "start_time": "soon"}),
    get("runs/get?run_id={r}"),
    get("runs/get?run_uuid={r}&run_id={r}"),
    get("runs/get?run_id=" + "0" * 32),
    get("runs/get"),
    post(
        "runs/log-metric", {"run_id": "{r}", "key": "m", "value": 0.5, "timestamp": 10, "step": 1}
    ),
    post(
        "runs/log-metric", {"run_id": "{r}", "key": "m", "value": 0.5, "timestamp": 10, "step": 1}
    ),
    post(
        "runs/log-metric", {"run_id": "{r}", "key": "m", "value": 0.25, "timestamp": 20, "step": 0}
    ),
    post(
        "runs/log-metric", {"run_id": "{r}", "key": "m", "value": "NaN", "timestamp": 30, "step": 2}
    ),
    post(
        "runs/log-metric",
        {"run_id": "{r}", "key": "inf", "value": "Infinity", "timestamp": 30, "step": 2},
    ),
    post(
        "runs/log-metric",
        {"run_id": "{r}", "key": "inf", "value": "-Infinity", "timestamp": "30", "step": "1"},
    ),
    post("runs/log-metric", {"run_id": "{r}", "key": "text", "value": "0.125", "timestamp": "30"}),
    post("runs/log-metric", {"run_id": "{r}", "key": "zero", "value": -0.0, "timestamp": 30}),
    post("runs/log-metric", {"run_id": "{r}", "key": "cut", "value": 1, "timestamp": 30.0}),
    post("runs/log-metric", {"run_id": "{r}", "key": "a/b.c-d e:f", "value": 1, "timestamp": 1}),
    post("runs/log-metric", {"run_id": "{r}", "key": "grün", "value": 1, "timestamp": 1}),
    post("runs/log-metric", {"run_id": "{r}", "key": "a#b", "value": 1, "timestamp": 1}),
    post("runs/log-metric", {"run_id": "{r}", "key": "/a", "value": 1, "timestamp": 1}),
    post("runs/log-metric", {"run_id": "{r}", "key": "a//b", "value": 1, "timestamp": 1}),
    post("runs/log-metric", {"run_id": "{r}", "key": "..", "value": 1, "timestamp": 1}),
    post("runs/log-metric", {"run_id": "{r}", "key": ".", "value": 1, "timestamp": 1}),
    post("runs/log-metric", {"run_id": "{r}", "key": "k" * 251, "value": 1, "timestamp": 1}),
    post("runs/log-metric", {"run_id": "{r}", "key": "k" * 250, "value": 1, "timestamp": 1}),
    post("runs/log-metric", {"run_id": "{r}", "key": "", "value": 1, "timestamp": 1}),
    post("runs/log-metric", {"run_id": "{r}", "value": 1, "timestamp": 1}),
    post("runs/log-metric", {"run_id": "{r}", "key": "m", "timestamp": 1}),
    post("runs/log-metric", {"run_id": "{r}", "key": "m", "value": 1}),
    post("runs/log-metric", {"run_id": "{r}", "key": "m", "value": "high", "timestamp": 1}),
    post("runs/log-metric", {"run_id": "{r}", "key": "m", "value": 1, "timestamp": -1}),
    post("runs/log-metric", {"run_id": "{r}", "key": "m", "value": 1, "timestamp": 1, "step": "x"}),
    post("runs/log-metric", {"run_id": "0" * 32, "key": "m", "value": 1, "timestamp": 1}),
    post("runs/log-metric", {"key": "m", "value": 1, "timestamp": 1}),
    post("runs/log-parameter", {"run_id": "{r}", "key": "p", "value": "1"}),
    post("runs/log-parameter", {"run_id": "{r}", "key": "p", "value": "1"}),
    post("runs/log-parameter", {"run_id": "{r}", "key": "p", "value": "2"}),
    post("runs/log-parameter", {"run_id": "{r}", "key": "empty", "value": ""}),
    post("runs/log-parameter", {"run_id": "{r}", "key": "absent"}),
    post("runs/log-parameter", {"run_id": "{r}", "key": "number", "value": 5}),
    post("runs/log-parameter", {"run_id": "{r}", "key": "long", "value": "x" * 7000}),
    post("runs/log-parameter", {"run_id": "{r}", "key": "a%", "value": "x"}),
    post("runs/set-tag", {"run_id": "{r}", "key": "t", "value": "u"}),
    post("runs/set-tag", {"run_id": "{r}", "key": "t", "value": "v"}),
    post("runs/set-tag", {"run_id": "{r}", "key": "long", "value": "x" * 9000}),
    post("runs/set-tag", {"run_id": "{r}", "key": "mlflow.runName", "value": "renamed"}),
    post("runs/delete-tag", {"run_id": "{r}", "key": "t"}),
    post("runs/delete-tag", {"run_id": "{r}", "key": "t"}),
    post("runs/delete-tag", {"run_id": "{r}"}),
    get("runs/get?run_id={r}"),
    post(
        "runs/log-batch",
        {
            "run_id": "{r}",
            "metrics": [
                {"key": "b", "value": 1, "timestamp": 1, "step": 5},
                {"key": "b", "value": 2.5, "timestamp": 1, "step": 4},
            ],
            "params": [{"key": "q", "value": "z"}],
            "tags": [{"key": "w", "value": "1"}, {"key": "w", "value": "2"}],
        },
    ),
    post(
        "runs/log-batch",
        {"run_id": "{r}", "params": [{"key": "d", "value": "1"}, {"key": "d", "value": "1"}]},
    ),
    post(
        "runs/log-batch",
        {
            "run_id": "{r}",
            "params": [{"key": "fresh", "value": "1"}, {"key": "p", "value": "changed"}],
        },
    ),
    post(
        "runs/log-batch",
        {
            "run_id": "{r}",
            "metrics": [
                {"key": "ok", "value": 1, "timestamp": 1},
                {"key": "b#d", "value": 1, "timestamp": 1},
            ],
        },
    ),
    post(
        "runs/log-batch",
        {"run_id": "{r}", "metrics": [{"key": "m", "value": 1, "timestamp": 1}] * 1001},
    ),
    post(
        "runs/log-batch",
        {"run_id": "{r}", "params": [{"key": f"n{i}", "value": "1"} for i in range(101)]},
    ),
    post(
        "runs/log-batch",
        {"run_id": "{r}", "tags": [{"key": f"n{i}", "value": "1"} for i in range(101)]},
    ),
    post(
        "runs/log-batch",
        {
            "run_id": "{r}",
            "tags": [{"key": f"n{i}", "value": "1"} for i in range(2)],
            "metrics": [{"key": "many", "value": i, "timestamp": 1} for i in range(999)],
        },
    ),
    post(
        "runs/log-batch",
        {
            "run_id": "{r}",
            "params": [{"key": f"big{i}", "value": "x" * 6000} for i in range(100)],
            "tags": [{"key": f"big{i}", "value": "y" * 8000} for i in range(100)],
        },
    ),
    post("runs/log-batch", {"run_id": "{r}"}),
    post("runs/log-batch", {"run_id": "../x"}),
    post("runs/log-batch", {}),
    post("runs/log-batch", {"run_id": "{r}", "metrics": {"key": "m"}}),
    post("runs/log-batch", {"run_id": "{r}", "metrics": [{"value": 1, "timestamp": 1}]}),
    get("metrics/get-history?run_id={r}&metric_key=m"),
    get("metrics/get-history?run_id={r}&metric_key=inf"),
    get("metrics/get-history?run_id={r}&metric_key=m&max_results=2"),
    get("metrics/get-history?run_id={r}&metric_key=m&max_results=0"),
    get("metrics/get-history?run_id={r}&metric_key=m&max_results=3"),
    get("metrics/get-history?run_id={r}&metric_key=never"),
    get("metrics/get-history?run_id=unknown&metric_key=m"),
    get("metrics/get-history?run_id={r}"),
    get("metrics/get-history?run_id={r}&metric_key=m&max_results=2&page_token=garbage"),
    get("metrics/get-history-bulk-interval?run_ids={r}&metric_key=b"),
    get(
        "metrics/get-history-bulk-interval?run_ids={r}&run_ids={s}&metric_key=m&start_step=0&end_step=1"
    ),
    get("metrics/get-history-bulk-interval?run_ids={r}&metric_key=m&start_step=0"),
    get("metrics/get-history-bulk-interval?run_ids={r}&metric_key=m&start_step=5&end_step=1"),
    get("metrics/get-history-bulk-interval?run_ids={r}&metric_key=m&max_results=2501"),
    get("metrics/get-history-bulk-interval?metric_key=m"),
    post(
        "runs/update", {"run_id": "{s}", "status": "FINISHED", "end_time": 99, "run_name": "better"}
    ),
    post("runs/update", {"run_id": "{s}", "status": 4}),
    post("runs/update", {"run_id": "{s}", "end_time": "x"}),
    post("runs/update", {"run_id": "0" * 32, "status": "FINISHED"}),
    get("runs/get?run_id={s}"),
    post("runs/log-model", {"run_id": "{s}", "model_json": "{"}),
    post("runs/log-model", {"run_id": "{s}", "model_json": "{}"}),
    post("runs/log-model", {"run_id": "{s}"}),
    post("runs/delete", {"run_id": "{s}"}),
    post("runs/delete", {"run_id": "{s}"}),
    get("runs/get?run_id={s}"),
    post("runs/log-metric", {"run_id": "{s}", "key": "m", "value": 1, "timestamp": 1}),
    post("runs/log-parameter", {"run_id": "{s}", "key": "m", "value": "1"}),
    post("runs/set-tag", {"run_id": "{s}", "key": "m", "value": "1"}),
    post("runs/update", {"run_id": "{s}", "status": "FINISHED"}),
    post("runs/restore", {"run_id": "{s}"}),
    post("runs/restore", {"run_id": "{s}"}),
    post("runs/delete", {"run_id": "0" * 32}),
    post("runs/delete", {}),
    post(
        "runs/log-inputs",
        {
            "run_id": "{s}",
            "datasets": [
                {
                    "dataset": {"name": "d", "digest": "1", "source_type": "local", "source": "{}"},
                    "tags": [{"key": "mlflow.data.context", "value": "train"}],
                }
            ],
        },
    ),
    post(
        "runs/log-inputs",
        {
            "run_id": "{s}",
            "datasets": [
                {
                    "dataset": {"name": "d", "digest": "1", "source_type": "local", "source": "{}"},
                    "tags": [{"key": "mlflow.data.context", "value": "test"}],
                }
            ],
        },
    ),
    post(
        "runs/log-inputs",
        {
            "run_id": "{s}",
            "datasets": [
                {
                    "dataset": {
                        "name": "d" * 501,
                        "digest": "1",
                        "source_type": "local",
                        "source": "{}",
                    }
                }
            ],
        },
    ),
    post(
        "runs/log-inputs",
        {
            "run_id": "{s}",
            "datasets": [
                {
                    "dataset": {
                        "name": "d",
                        "digest": "1" * 37,
                        "source_type": "local",
                        "source": "{}",
                    }
                }
            ],
        },
    ),
    post("runs/outputs", {"run_id": "{s}", "models": [{"model_id": "m-1", "step": 3}]}),
    post("runs/outputs", {"run_id": "{s}"}),
    get("runs/get?run_id={s}"),
    get("artifacts/list?run_id={r}"),
    get("artifacts/list?run_id={r}&path=../.."),
    get("artifacts/list?run_id={r}&path=%252e%252e"),
    get("artifacts/list?run_id={r}&path=/etc"),
    get("artifacts/list?run_id=" + "0" * 32),
]

MODELS = [
    post(
        "logged-models",
        {
            "experiment_id": "{e}",
            "name": "net",
            "source_run_id": "{r}",
            "model_type": "x",
            "params": [{"key": "a", "value": "1"}],
            "tags": [{"key": "b", "value": "2"}],
        },
        m="model.info.model_id",
    ),
    post("logged-models", {"experiment_id": "{e}", "name": "bad/name"}),
    post("logged-models", {"experiment_id": "{e}", "name": "bad.name"}),
    post("logged-models", {"name": "net"}),
    post("logged-models", {"experiment_id": "777", "name": "net"}),
    get("logged-models/{m}"),
    get("logged-models/m-unknown"),
    Exchange(
        "PATCH", V2 + "logged-models/{m}", {"model_id": "{m}", "status": "LOGGED_MODEL_READY"}
    ),
    Exchange("PATCH", V2 + "logged-models/{m}/tags", {"tags": [{"key": "c", "value": "3"}]}),
    post("logged-models/{m}/params", {"model_id": "{m}", "params": [{"key": "d", "value": "4"}]}),
    post("logged-models/{m}/params", {"params": [{"key": "d", "value": "4"}]}),
    post(
        "runs/log-metric",
        {
            "run_id": "{r}",
            "key": "acc",
            "value": 0.5,
            "timestamp": 9,
            "step": 2,
            "model_id": "{m}",
            "dataset_name": "d",
            "dataset_digest": "1",
        },
    ),
    get("logged-models/{m}"),
    post("logged-models/search", {"experiment_ids": ["{e}"]}),
    post("logged-models/search", {"experiment_ids": ["{e}"], "filter": "source_run_id = '{r}'"}),
    post(
        "logged-models/search",
        {
            "experiment_ids": ["{e}"],
            "filter": "name LIKE 'n%' AND metrics.acc > 0.1 AND params.a = '1'",
        },
    ),
    post(
        "logged-models/search",
        {"experiment_ids": ["{e}"], "filter": "name IN ('net', 'x') AND tags.c = '3'"},
    ),
    post("logged-models/search", {"experiment_ids": ["{e}"], "filter": "metrics.acc > 0.6"}),
    post("logged-models/search", {"experiment_ids": ["{e}"], "filter": "nonsense"}),
    post(
        "logged-models/search", {"experiment_ids": ["{e}"], "datasets": [{"dataset_name": "d"}]}
    ).but("MLflow looks for an empty digest"),
    post(
        "logged-models/search", {"experiment_ids": ["{e}"], "datasets": [{"dataset_name": "other"}]}
    ),
    post(
        "logged-models/search",
        {
            "experiment_ids": ["{e}"],
            "order_by": [{"field_name": "metrics.acc", "ascending": False}],
        },
    ),
    post(
        "logged-models/search",
        {"experiment_ids": ["{e}"], "order_by": [{"field_name": "nonsense"}]},
    ),
    post("logged-models/search", {}),
    Exchange("DELETE", V2 + "logged-models/{m}/tags/c"),
    Exchange("DELETE", V2 + "logged-models/{m}/tags/c"),
    get("logged-models/{m}/artifacts/directories"),
    Exchange("DELETE", V2 + "logged-models/{m}"),
    get("logged-models/{m}"),
]

TRANSPORT = [
    Exchange("POST", V2 + "experiments/create", "not json"),
    Exchange("POST", V2 + "experiments/create", '"{\\"name\\": \\"twice\\"}"'),
    Exchange(
        "POST",
        V2 + "experiments/create",
        '{"name": "untyped"}',
        headers={"Content-Type": "text/plain"},
    ),
    Exchange(
        "POST",
        V2 + "experiments/create",
        '{"name": "charset"}',
        headers={"Content-Type": "application/json; charset=utf-8"},
    ),
    post("runs/log-metric", '{"run_id": "{r}", "key": "bare", "value": NaN, "timestamp": 1}'),
    post("experiments/create", {"name": "more", "unknown": 5}),
    get("nope").but("JSON that clients read as the same code"),
    Exchange("GET", "api/2.0/preview/mlflow/experiments/get?experiment_id=0").but("JSON, as above"),
    Exchange("GET", "ajax-api/2.0/mlflow/experiments/get?experiment_id={e}"),
]

BEFORE_SEARCHES = [*EXPERIMENTS, *RUNS]
BEHIND_SEARCHES = [*MODELS, *TRANSPORT]
