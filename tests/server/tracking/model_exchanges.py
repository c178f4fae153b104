"""The part of the conversation with a tracking server that is about logged models, in full.

``{e}`` is an experiment, ``{r}`` and ``{s}`` are its runs.
"""

from __future__ import annotations

from .exchanges import V2, Exchange, post


def call(method, path="", body=None):
    return Exchange(method, f"{V2}logged-models{path}", body)


def find(text="", **fields):
    return post("logged-models/search", {"experiment_ids": ["{e}"], "filter": text, **fields})


def ordered(*orders):
    return find("name LIKE 'o%'", order_by=list(orders))


def measured(model, value, **fields):
    point = {"run_id": "{r}", "key": "f1", "value": value, "timestamp": 5, "model_id": model}
    return post("runs/log-metric", {**point, **fields})


MAKING = [
    post(
        "logged-models",
        {"experiment_id": "{e}", "name": "one", "params": [{"key": "a", "value": "1"}]},
        f="model.info.model_id",
    ),
    post(
        "logged-models",
        {"experiment_id": "{e}", "name": "other", "source_run_id": "{s}", "model_type": "y"},
        g="model.info.model_id",
    ),
    post("logged-models", {"experiment_id": "{e}", "name": 5}),
    post("logged-models", {"experiment_id": "{e}", "name": "a:b"}),
    post("logged-models", {"experiment_id": "{e}", "name": "a%b"}),
    post("logged-models", {"experiment_id": "{e}", "name": "a'b"}),
    post("logged-models", {"experiment_id": "{e}", "name": 'a"b'}),
    post("logged-models", {"experiment_id": "abc", "name": "x"}),
    call("PATCH", "/{f}", {"model_id": "{f}", "status": "LOGGED_MODEL_UPLOAD_FAILED"}),
    call("PATCH", "/{f}", {"model_id": "{f}", "status": 2}),
    call("PATCH", "/{g}", {"model_id": "{g}", "status": "LOGGED_MODEL_READY"}),
    call("PATCH", "/m-unknown", {"model_id": "m-unknown", "status": "LOGGED_MODEL_READY"}),
    call("PATCH", "/{f}/tags", {"tags": [{"key": "t", "value": "1"}, {"key": "u", "value": ""}]}),
    call("PATCH", "/{f}/tags", {"tags": [{"key": "t", "value": "2"}]}),
    call("PATCH", "/m-unknown/tags", {"tags": [{"key": "t", "value": "2"}]}),
    call("DELETE", "/m-unknown/tags/t"),
    call("POST", "/{f}/params", {"model_id": "{f}", "params": [{"key": "b", "value": "x"}]}),
    call(
        "POST",
        "/{f}/params",
        {"model_id": "{f}", "params": [{"key": f"p{n}", "value": "v"} for n in range(100)]},
    ),
    call("POST", "/m-unknown/params", {"model_id": "m-unknown", "params": []}),
    call("GET", "/{f}"),
    call("GET", "/{f}/artifacts/directories"),
    call("GET", "/{f}/artifacts/directories?artifact_directory_path=sub"),
    call("GET", "/{f}/artifacts/directories?artifact_directory_path=../.."),
    call("GET", "/{f}/artifacts/directories?artifact_directory_path=%252e%252e"),
    call("GET", "/{f}/artifacts/directories?artifact_directory_path=/etc"),
    call("GET", "/m-unknown/artifacts/directories"),
    measured("{f}", 0.25, step=1),
    measured("{f}", 0.75, step=2),
    measured("{g}", 0.5, dataset_name="d", dataset_digest="1"),
    measured("{g}", 0.125, dataset_name="d", dataset_digest="2", timestamp=6),
    call("GET", "/{f}"),
    call("GET", "/{g}"),
]

FINDING = [
    find("name = 'one'"),
    find("attributes.name = 'one'"),
    find("name != 'one' AND name LIKE 'o%'"),
    find("name ILIKE 'O%'"),
    find("model_id = '{f}'"),
    find("model_id IN ('{f}', '{g}')"),
    find("model_id NOT IN ('{f}')"),
    find("model_type = 'y'"),
    find("status = 'READY'"),
    find("source_run_id = '{s}'"),
    find("creation_timestamp > 1"),
    find("last_updated_timestamp > 1 AND name = 'one'"),
    find("creation_timestamp < 1"),
    find("tags.t = '2'"),
    find("tags.t != '1'"),
    find("tags.never = '1'"),
    find("params.a = '1'"),
    find("params.a LIKE '%'"),
    find("metrics.f1 > 0.5"),
    find("metrics.f1 >= 0.5"),
    find("metrics.f1 < 0.2"),
    find("metrics.f1 = 'x'").but("MLflow answers 500"),
    find("nonsense.a = '1'"),
    find("name > 'a'"),
    find("name = 'one' AND"),
    find("metrics.f1 > 0", datasets=[{"dataset_name": "d", "dataset_digest": "1"}]),
    find("metrics.f1 > 0.2", datasets=[{"dataset_name": "d", "dataset_digest": "2"}]),
    find(datasets=[{"dataset_digest": "2"}]),
    ordered({"field_name": "name"}),
    ordered({"field_name": "name", "ascending": False}),
    ordered({"field_name": "creation_timestamp"}),
    ordered({"field_name": "last_updated_timestamp", "ascending": False}),
    ordered({"field_name": "metrics.f1"}),
    ordered({"field_name": "metrics.f1", "ascending": False}),
    ordered({"field_name": "metrics.f1", "dataset_name": "d", "dataset_digest": "1"}),
    ordered({"field_name": "metrics.never"}),
    ordered({"field_name": "params.a"}),
    ordered({"ascending": True}),
    find(max_results=1),
    find(max_results=0),
    find(max_results=-1).but("no page has such a size"),
    find(max_results=50_001).but("pages are bounded, as in every search"),
    find(page_token="garbage").but("MLflow answers 500"),
    post("logged-models/search", {"experiment_ids": ["777"]}),
    post("logged-models/search", {"experiment_ids": ["abc"]}),
    post("logged-models/search", {"experiment_ids": []}).but("it says where to look"),
]

ENDING = [
    call("DELETE", "/{f}"),
    call("DELETE", "/{f}").but("deleted models are gone for all but the trash"),
    call("DELETE", "/m-unknown"),
    call("GET", "/{f}"),
    call("PATCH", "/{f}", {"model_id": "{f}", "status": "LOGGED_MODEL_READY"}).but("as above"),
    call("PATCH", "/{f}/tags", {"tags": [{"key": "t", "value": "2"}]}).but("as above"),
    call("GET", "/{f}/artifacts/directories"),
    find("name = 'one'"),
    # Last, for MLflow takes these.
    post(
        "logged-models",
        {"experiment_id": "{e}", "name": "x", "params": [{"key": "a#", "value": "1"}]},
    ).but("keys are those of runs"),
    post(
        "logged-models",
        {"experiment_id": "{e}", "name": "x", "tags": [{"key": "a#", "value": "1"}]},
    ).but("keys are those of runs"),
    call("PATCH", "/{g}/tags", {"tags": [{"key": "t#", "value": "2"}]}).but("as above"),
]

ALL = [*MAKING, *FINDING, *ENDING]
