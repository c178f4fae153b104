"""The part of the conversation with a tracking server that is about its model registry.

It goes on where the one about tracking ends: ``{e}`` is an experiment, ``{r}`` one of its runs.
"""

from __future__ import annotations

from tests.server.tracking.exchanges import V2, Exchange, get, post

MISSING = "0" * 32
RUN_FILES = "mlflow-artifacts:/{e}/{r}/artifacts"
PROMPT = {"key": "mlflow.prompt.is_prompt", "value": "true"}
TEMPLATE = {"key": "mlflow.prompt.text", "value": "x"}
IS_PROMPT = "tags.%60mlflow.prompt.is_prompt%60"


def patch(path, body):
    return Exchange("PATCH", V2 + path, body)


def delete(path, body):
    return Exchange("DELETE", V2 + path, body)


def version(name, **fields):
    return post("model-versions/create", {"name": name, **fields})


def source(text, **fields):
    """Try to register a version of a source."""
    return version("net", source=text, **fields)


def models(query):
    return get(f"registered-models/search{query}")


def versions(query):
    return get(f"model-versions/search{query}")


NAMES = [
    post(
        "registered-models/create",
        {
            "name": "net",
            "description": "a net",
            "tags": [{"key": "team", "value": "a"}, {"key": "team", "value": "b"}],
        },
    ),
    post("registered-models/create", {"name": "net"}),
    post("registered-models/create", {"name": "other"}),
    post("registered-models/create", {"name": "ünï côdé (x)"}),
    post("registered-models/create", {"name": ""}),
    post("registered-models/create", {"name": "  "}),
    post("registered-models/create", {}),
    post("registered-models/create", {"name": 5}),
    post("registered-models/create", {"name": "a/b"}),
    post("registered-models/create", {"name": "a:b"}),
    post("registered-models/create", {"name": ".."}),
    post("registered-models/create", {"name": "."}),
    post("registered-models/create", {"name": "tagged", "tags": [{"key": "a#", "value": "x"}]}),
    post("registered-models/create", {"name": "tagged", "tags": [{"value": "x"}]}),
    post(
        "registered-models/create",
        {"name": "tagged", "tags": [{"key": "k", "value": "x" * 100_001}]},
    ),
    get("registered-models/get?name=net"),
    get("registered-models/get?name=nobody"),
    get("registered-models/get"),
    get("registered-models/get?name=%C3%BCn%C3%AF%20c%C3%B4d%C3%A9%20(x)"),
    patch("registered-models/update", {"name": "net", "description": "better"}),
    patch("registered-models/update", {"name": "other", "description": "x"}),
    patch("registered-models/update", {"name": "other"}),
    patch("registered-models/update", {"name": "nobody", "description": "x"}),
    patch("registered-models/update", {"description": "x"}),
    post("registered-models/set-tag", {"name": "net", "key": "team", "value": "c"}),
    post("registered-models/set-tag", {"name": "net", "key": "x/y z", "value": ""}),
    post("registered-models/set-tag", {"name": "net", "key": "absent"}),
    post("registered-models/set-tag", {"name": "net", "value": "x"}),
    post("registered-models/set-tag", {"name": "net", "key": "k#", "value": "x"}),
    post("registered-models/set-tag", {"name": "net", "key": "k", "value": "x" * 100_001}),
    post("registered-models/set-tag", {"name": "nobody", "key": "k", "value": "x"}),
    delete("registered-models/delete-tag", {"name": "net", "key": "absent"}),
    delete("registered-models/delete-tag", {"name": "net", "key": "absent"}),
    delete("registered-models/delete-tag", {"name": "nobody", "key": "absent"}),
    delete("registered-models/delete-tag", {"name": "net"}),
    get("registered-models/get?name=net"),
]

VERSIONS = [
    post(
        "logged-models",
        {"experiment_id": "{e}", "name": "tree", "source_run_id": "{r}"},
        l="model.info.model_id",
        a="model.info.artifact_uri",
    ),
    source("models:/{l}", model_id="{l}", tags=[{"key": "t", "value": "1"}]),
    get("logged-models/{l}"),
    source("runs:/{r}/model", run_id="{r}", description="from a run", run_link="http://x/#/1"),
    source(RUN_FILES + "/model", run_id="{r}"),
    source("{a}", model_id="{l}", run_id="{r}"),
    source("{a}/sub", model_id="{l}"),
    source("s3://bucket/a/b"),
    source("s3://bucket/a/b", run_id="{r}"),
    source("gs://bucket/a/b", run_id="unknown"),
    source("dbfs:/models/x"),
    version("other", source="models:/net/1"),
    version("other", source="models:/net/2", run_id="{r}"),
    version("other", source="models:/net/latest"),
    version("nobody", source="s3://bucket/a"),
    version("a/b", source="s3://bucket/a"),
    version("net"),
    post("model-versions/create", {"source": "s3://bucket/a"}),
    version("net", source=""),
    version("net", source=7),
    version("net", source="s3://bucket/a", tags=[{"key": "t#", "value": "1"}]),
    version("net", source="s3://bucket/a", tags=[{"key": "t", "value": "1" * 100_001}]),
    # What lies elsewhere than it says.
    source("runs:/{r}/model"),
    source("runs:/{r}/model", run_id="{s}"),
    source("runs:/{r}/../x", run_id="{r}"),
    source("runs:/{r}/%2e%2e/x", run_id="{r}"),
    source("runs:/{r}/%252e%252e/x", run_id="{r}"),
    source("runs://host/{r}/x", run_id="{r}"),
    source("runs:/{r}/model", model_id="{l}"),
    source("models:/{l}"),
    source("models:/{l}", model_id="m-other"),
    source("models:/{l}", run_id="{r}"),
    source("models:/m-other", model_id="m-other").but("MLflow answers 500"),
    source("models://host/{l}", model_id="{l}"),
    source("models:/net/1/2"),
    source("models:/net/99"),
    source("models:/net/nowhere"),
    source("models:/nobody/1"),
    source("models:/nobody@champion"),
    source("models:/net@champion"),
    source("models:/"),
    source("models:/net/1", run_id="{s}"),
    source("models:/net/1", model_id="m-other"),
    source("mlflow-artifacts:/{e}/{s}/artifacts/model", run_id="{r}"),
    source("mlflow-artifacts:/{e}", run_id="{r}"),
    source("mlflow-artifacts:/", run_id="{r}"),
    source(RUN_FILES + "/model"),
    source(RUN_FILES + "2/model", run_id="{r}"),
    source(RUN_FILES + "/../../x", run_id="{r}"),
    source(RUN_FILES + "/%2e%2e/x", run_id="{r}"),
    source(RUN_FILES + "/..%2f..%2fx", run_id="{r}"),
    source(RUN_FILES + "/x%00", run_id="{r}"),
    source(RUN_FILES + "/model", model_id="{l}"),
    source("mlflow-artifacts://host:80/{e}/{r}/artifacts/model", run_id="{r}"),
    source("mlflow-artifacts:/x", run_id=MISSING),
    source("{a}", model_id="m-other"),
    source("/etc/passwd"),
    source("/etc/passwd", run_id="{r}"),
    source("etc", run_id="{r}"),
    source("file:///etc/passwd", run_id="{r}"),
    source("file://host/etc", run_id="{r}").but("MLflow answers 500"),
    source("dummy-source"),
    source("http://host/model"),
    source("https://host/api/2.0/mlflow-artifacts/artifacts/../../x"),
    source("ftp://host/model"),
    source("hdfs://host/model"),
    source("abfss://c@host/model"),
    source("s3://bucket/../x"),
    source("s3://bucket/%2e%2e/x"),
    source("s3://bucket/a%00"),
    source("s3://bucket/a#/../b"),
    source("s3://bucket/a?x=/.."),
    source("javascript:alert(1)"),
    get("model-versions/get?name=net&version=1"),
    get("model-versions/get?name=net&version=99"),
    get("model-versions/get?name=net&version=x"),
    get("model-versions/get?name=net&version=0"),
    get("model-versions/get?name=nobody&version=1"),
    get("model-versions/get?name=net"),
    get("model-versions/get?version=1"),
    get("model-versions/get-download-uri?name=net&version=1"),
    get("model-versions/get-download-uri?name=net&version=2"),
    get("model-versions/get-download-uri?name=other&version=1"),
    get("model-versions/get-download-uri?name=net&version=99"),
    get("model-versions/get-download-uri?name=net"),
    patch("model-versions/update", {"name": "net", "version": "1", "description": "first"}),
    patch("model-versions/update", {"name": "net", "version": "2"}),
    patch("model-versions/update", {"name": "net", "version": 1, "description": "x"}),
    patch("model-versions/update", {"name": "net", "version": "99", "description": "x"}),
    post("model-versions/set-tag", {"name": "net", "version": "1", "key": "u", "value": "v"}),
    post("model-versions/set-tag", {"name": "net", "version": "1", "key": "u"}),
    post("model-versions/set-tag", {"name": "net", "version": "99", "key": "u", "value": "v"}),
    post("model-versions/set-tag", {"name": "net", "version": "1", "key": "u#", "value": "v"}),
    post(
        "model-versions/set-tag",
        {"name": "net", "version": "1", "key": "u", "value": "v" * 100_001},
    ),
    delete("model-versions/delete-tag", {"name": "net", "version": "1", "key": "u"}),
    delete("model-versions/delete-tag", {"name": "net", "version": "1", "key": "u"}),
    delete("model-versions/delete-tag", {"name": "net", "version": "99", "key": "u"}),
    get("model-versions/get?name=net&version=1"),
]

ALIASES = [
    post("registered-models/alias", {"name": "net", "alias": "champion", "version": "1"}),
    post("registered-models/alias", {"name": "net", "alias": "Champion", "version": "2"}),
    post("registered-models/alias", {"name": "net", "alias": "champion", "version": "3"}),
    get("registered-models/alias?name=net&alias=champion"),
    get("registered-models/alias?name=net&alias=Champion"),
    get("registered-models/alias?name=net&alias=nobody"),
    get("registered-models/alias?name=net&alias=latest"),
    get("registered-models/alias?name=nobody&alias=champion"),
    get("registered-models/alias?name=net"),
    post("registered-models/alias", {"name": "net", "alias": "latest", "version": "1"}),
    post("registered-models/alias", {"name": "net", "alias": "LATEST", "version": "1"}),
    post("registered-models/alias", {"name": "net", "alias": "v1", "version": "1"}),
    post("registered-models/alias", {"name": "net", "alias": "V12", "version": "1"}),
    post("registered-models/alias", {"name": "net", "alias": "v1a", "version": "1"}),
    post("registered-models/alias", {"name": "net", "alias": "a b", "version": "1"}),
    post("registered-models/alias", {"name": "net", "alias": "a" * 256, "version": "1"}),
    post("registered-models/alias", {"name": "net", "alias": "a" * 255, "version": "1"}),
    post("registered-models/alias", {"name": "net", "alias": "grün", "version": "1"}),
    post("registered-models/alias", {"name": "net", "alias": "", "version": "1"}),
    post("registered-models/alias", {"name": "net", "alias": "x", "version": "99"}),
    post("registered-models/alias", {"name": "net", "alias": "x", "version": "one"}),
    post("registered-models/alias", {"name": "net", "alias": "x", "version": 1}),
    post("registered-models/alias", {"name": "nobody", "alias": "x", "version": "1"}),
    version("other", source="models:/net@champion"),
    delete("registered-models/alias", {"name": "net", "alias": "Champion"}),
    delete("registered-models/alias", {"name": "net", "alias": "Champion"}),
    delete("registered-models/alias", {"name": "net", "alias": "a" * 255}),
    delete("registered-models/alias", {"name": "nobody", "alias": "x"}),
    delete("registered-models/alias", {"name": "net"}),
    get("model-versions/get?name=net&version=3"),
    get("registered-models/get?name=net"),
]


def stage(name, number, to, **fields):
    body = {"name": name, "version": number, "stage": to, **fields}
    return post("model-versions/transition-stage", body)


STAGES = [
    stage("net", "1", "Staging"),
    stage("net", "2", "staging", archive_existing_versions=False),
    stage("net", "3", "STAGING", archive_existing_versions=True),
    get("model-versions/get?name=net&version=1"),
    stage("net", "4", "Production", archive_existing_versions="true").but("'true' is read"),
    stage("net", "4", "Production", archive_existing_versions=True),
    stage("net", "4", "Production"),
    stage("net", "4", "Nowhere"),
    stage("net", "4", ""),
    stage("net", "4", "None", archive_existing_versions=True).but("MLflow answers 500"),
    stage("net", "4", "Archived", archive_existing_versions=True).but("MLflow answers 500"),
    stage("net", "99", "Production"),
    stage("nobody", "1", "Production"),
    stage("net", "x", "Production"),
    stage("net", "4", "Production", archive_existing_versions="perhaps"),
    version("other", source="models:/net/production"),
    get("registered-models/get?name=net"),
    post("registered-models/get-latest-versions", {"name": "net"}),
    post("registered-models/get-latest-versions", {"name": "net", "stages": ["Production"]}),
    post(
        "registered-models/get-latest-versions", {"name": "net", "stages": ["staging", "archived"]}
    ),
    post("registered-models/get-latest-versions", {"name": "net", "stages": ["nowhere"]}),
    post("registered-models/get-latest-versions", {"name": "net", "stages": "Production"}),
    post("registered-models/get-latest-versions", {"name": "nobody"}),
    post("registered-models/get-latest-versions", {}),
    get("registered-models/get-latest-versions?name=net&stages=Staging&stages=None"),
]

PROMPTS = [
    post("registered-models/create", {"name": "ask", "tags": [PROMPT]}),
    post("registered-models/create", {"name": "ask"}),
    version(
        "ask", source="dummy-source", tags=[PROMPT, {"key": "mlflow.prompt.text", "value": "x"}]
    ),
    version("ask", source="prompt-template", tags=[PROMPT]),
    version("ask", source="s3://bucket/a", tags=[PROMPT]),
    version("net", source="models:/ask/1"),
    post("registered-models/alias", {"name": "ask", "alias": "production", "version": "1"}),
    models("?filter=name LIKE 'a%25'"),
    models(f"?filter={IS_PROMPT} = 'true'"),
    models(f"?filter={IS_PROMPT} != 'true' AND name ILIKE 'N%25'"),
    models(f"?filter={IS_PROMPT} = 'false' AND name IN ('net', 'ask')"),
    models(f"?filter={IS_PROMPT} != 'false'"),
    versions("?filter=name = 'ask'"),
    versions(f"?filter=name = 'ask' AND {IS_PROMPT} = 'true'"),
    versions(f"?filter={IS_PROMPT} = 'true' AND tags.%60mlflow.prompt.text%60 = 'x'"),
    get("registered-models/get?name=ask"),
]

SEARCHES = [
    models(""),
    models("?max_results=1"),
    models("?max_results=2&order_by=name DESC"),
    models("?max_results=1001"),
    models("?max_results=x"),
    models("?max_results=0").but("MLflow gives an empty page for ever"),
    models("?page_token=garbage"),
    models("?filter=name = 'net'"),
    models("?filter=attribute.name = 'net'"),
    models("?filter=name != 'net'"),
    models("?filter=name LIKE 'N%25'"),
    models("?filter=name ILIKE 'N%25'"),
    models("?filter=name IN ('net', 'x')"),
    models("?filter=tags.team = 'c'"),
    models("?filter=tag.team != 'c'"),
    models("?filter=tags.team LIKE '_' AND name = 'net'"),
    models("?filter=tags.never = 'x'"),
    models("?filter=tags.team IN ('c')"),
    models("?filter=name > 'a'"),
    models("?filter=creation_timestamp > 1"),
    models("?filter=nonsense = 'a'"),
    models("?filter=params.a = 'a'"),
    models("?filter=name = net"),
    models("?filter=name"),
    models("?order_by=name ASC"),
    models("?order_by=creation_timestamp"),
    models("?order_by=last_updated_timestamp DESC&order_by=name"),
    models("?order_by=timestamp"),
    models("?order_by=nonsense"),
    models("?order_by=name UP"),
    models("?order_by=name&order_by=name").but("MLflow answers 500"),
    versions(""),
    versions("?max_results=2"),
    versions("?max_results=0"),
    versions("?max_results=200001"),
    versions("?page_token=garbage"),
    versions("?filter=name = 'net'"),
    versions("?filter=name='net' and version_number > 2"),
    versions("?filter=version_number = 2"),
    versions("?filter=version_number = '2'").but("a number has no quotes, as everywhere"),
    versions("?filter=version_number LIKE '2'"),
    versions("?filter=version_number = 2.5").but("a number that none has is no mistake"),
    versions("?filter=run_id = '{r}'"),
    versions("?filter=run_id IN ('{r}', 'x')"),
    versions("?filter=name IN ('other')"),
    versions("?filter=run_id LIKE '{r}'"),
    versions("?filter=source_path LIKE 's3%25'"),
    versions("?filter=source_path = 's3://bucket/a/b'"),
    versions("?filter=source_path IN ('s3://bucket/a/b')"),
    versions("?filter=tags.t = '1'"),
    versions("?filter=tags.t != '1'"),
    versions("?filter=nonsense = '1'"),
    versions("?filter=name = 'net' AND"),
    versions("?order_by=name DESC&order_by=version_number"),
    versions("?filter=name = 'net'&order_by=version_number ASC&max_results=2"),
    versions("?filter=name = 'net'&order_by=creation_timestamp DESC"),
    versions("?order_by=last_updated_timestamp"),
    versions("?order_by=nonsense"),
    versions("?order_by=run_id"),
]

ENDS = [
    post("registered-models/rename", {"name": "net", "new_name": "web"}),
    get("registered-models/get?name=net"),
    get("registered-models/get?name=web"),
    get("registered-models/alias?name=web&alias=champion"),
    get("model-versions/get?name=web&version=4"),
    post("registered-models/rename", {"name": "web", "new_name": "other"}),
    post("registered-models/rename", {"name": "web", "new_name": "a/b"}),
    post("registered-models/rename", {"name": "web", "new_name": ""}),
    post("registered-models/rename", {"name": "web", "new_name": " "}),
    post("registered-models/rename", {"name": "nobody", "new_name": "x"}),
    post("registered-models/rename", {"name": "web", "new_name": "web"}),
    delete("model-versions/delete", {"name": "web", "version": "3"}),
    delete("model-versions/delete", {"name": "web", "version": "3"}),
    get("model-versions/get?name=web&version=3"),
    get("registered-models/alias?name=web&alias=champion"),
    delete("model-versions/delete", {"name": "web", "version": "9"}),
    version("web", source="s3://bucket/z"),
    delete("model-versions/delete", {"name": "web", "version": "99"}),
    delete("model-versions/delete", {"name": "web", "version": "x"}),
    delete("model-versions/delete", {"name": "web"}),
    delete("registered-models/delete", {"name": "web"}),
    delete("registered-models/delete", {"name": "web"}),
    delete("registered-models/delete", {}),
    get("registered-models/get?name=web"),
    versions("?filter=name = 'web'"),
    post("registered-models/create", {"name": "web"}),
    version("web", source="s3://bucket/z"),
    # Last, for MLflow takes these.
    post("registered-models/create", {"name": "n" * 257}).but("names are not unbounded"),
    version("web", source="s3://bucket/a#b").but("'#' hides what follows it"),
    version("web", source="s3://bucket/a?b=c").but("so does '?'"),
    version("web", source=f"runs:/{MISSING}/x", run_id=MISSING).but("the run has to exist"),
]

ALL = [*NAMES, *VERSIONS, *ALIASES, *STAGES, *PROMPTS, *SEARCHES, *ENDS]
