"""The light lane and the general handler answer alike, whatever they are asked."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trackside_server.protocol.lane import Lane
from trackside_server.protocol.routes import ROUTES
from trackside_server.web import MAX_BODY

pytestmark = pytest.mark.usefixtures("another_server_leads")

V2 = "api/2.0/mlflow/"
# The general handler takes it, too; the lane knows the spellings of the usual clients only.
GENERAL = "application/json;charset=UTF-8"
POINT = {"key": "m", "value": 0.5, "timestamp": 1, "step": 3}
FILLING = [{**POINT, "step": step} for step in range(40)]


def body(**fields):
    return json.dumps({"run_id": "RUN", **fields})


GOOD = [
    ("log-metric", body(**POINT)),
    ("log-metric", body(run_uuid="RUN", **POINT)),
    ("log-metric", json.dumps({"run_uuid": "RUN", **POINT})),
    ("log-metric", json.dumps({"runId": "RUN", **POINT})),
    ("log-metric", body(key="m", value="NaN", timestamp="5", step="6")),
    ("log-metric", body(key="m", value=1, timestamp=5.0)),
    ("log-metric", body(key="m", value=10**400, timestamp=5)),
    ("log-metric", '{"run_id":"RUN","key":"m","value":NaN,"timestamp":5}'),
    ("log-metric", '{"run_id":"RUN","key":"m","value":1e999,"timestamp":5}'),
    ("log-metric", body(**POINT, unknown={"x": [1]}, step_size=None)),
    ("log-metric", json.dumps(body(**POINT))),
    ("log-metric", "\ufeff" + body(**POINT)),
    ("log-metric", body(**POINT, dataset_name="d", dataset_digest="x")),
    ("log-metric", body(**POINT, model_id="m-none")),
    ("log-metric", body(key="é/ß 漢", value=1, timestamp=5)),
    ("log-batch", body(metrics=FILLING)),
    ("log-batch", body(metrics=FILLING, params=[], tags=[])),
    ("log-batch", body(run_uuid="RUN", metrics=FILLING, params=[{"key": "b", "value": "1"}])),
    ("log-batch", body(metrics=FILLING, tags=[{"key": "mlflow.runName", "value": "n"}])),
    ("log-batch", body(metrics=[*FILLING, {**POINT, "value": "Infinity"}])),
    ("log-batch", body(metrics=[*FILLING, {**POINT, "step": None}])),
    ("log-batch", body(metrics=[*FILLING, {**POINT, "runId": 5}])),
    ("log-batch", body(metrics=[*FILLING, {**POINT, "run_id": "other"}])),
    ("log-batch", body(metrics=[{**POINT, "value": 2**60, "step": -(2**63)}] * 30)),
    ("log-batch", body(metrics=None, tags=None)),
    ("log-batch", body()),
    ("log-parameter", body(key="p", value="x")),
    ("log-parameter", body(key="p2")),
    ("log-parameter", body(key="long", value="x" * 7000)),
    ("set-tag", body(key="t", value="🙂" * 300)),
    ("set-tag", body(key="mlflow.runName", value="new name")),
]
BAD = [
    ("log-metric", ""),
    ("log-metric", "{"),
    ("log-metric", "[]"),
    ("log-metric", "5"),
    ("log-metric", b"\xff\xfe"),
    ("log-metric", body(**{**POINT, "key": ""})),
    ("log-metric", body(**{**POINT, "key": "a#b"})),
    ("log-metric", body(**{**POINT, "key": "\ud800"})),
    ("log-metric", body(**{**POINT, "key": "x" * 251})),
    ("log-metric", body(**{**POINT, "key": 5})),
    ("log-metric", body(**{**POINT, "value": "x"})),
    ("log-metric", body(**{**POINT, "value": None})),
    ("log-metric", body(**{**POINT, "value": True})),
    ("log-metric", body(**{**POINT, "timestamp": -1})),
    ("log-metric", body(**{**POINT, "timestamp": 2**63})),
    ("log-metric", body(**{**POINT, "step": 2**63})),
    ("log-metric", body(**{**POINT, "step": [1]})),
    ("log-metric", body(**POINT, runId="RUN")),
    ("log-metric", json.dumps({"run_id": "0" * 32, **POINT})),
    ("log-metric", json.dumps({"run_id": "../x", **POINT})),
    ("log-metric", json.dumps({"run_id": "DELETED", **POINT})),
    ("log-metric", json.dumps(POINT)),
    ("log-batch", body(metrics=FILLING * 26)),
    ("log-batch", body(metrics=[*FILLING, {**POINT, "key": "a//b"}])),
    ("log-batch", body(metrics=[*FILLING, {**POINT, "timestamp": -1}])),
    ("log-batch", body(metrics=[*FILLING, {**POINT, "step": 2**70}])),
    ("log-batch", body(metrics=[*FILLING, {"key": "m", "value": 1}])),
    ("log-batch", body(metrics=[*FILLING, 5])),
    ("log-batch", body(metrics=FILLING, params=[{"key": "p", "value": "1"}] * 2)),
    ("log-batch", body(metrics=FILLING, params=[{"key": "m", "value": 5}])),
    ("log-batch", body(metrics=FILLING, tags=[{"value": "x"}])),
    ("log-batch", body(metrics={"key": 1}, tags=[{"key": "t", "value": "x" * 2000}])),
    ("log-batch", json.dumps({"metrics": FILLING})),
    ("log-parameter", body(key="fixed", value="another")),
    ("log-parameter", body(value="x")),
    ("log-parameter", body(key="p", value=5)),
    ("set-tag", body(key="", value="x")),
    ("set-tag", body(key="t", value={"a": 1})),
    ("set-tag", " " * (MAX_BODY + 1)),
]


@pytest.fixture
def taken(monkeypatch):
    """How many requests the lane answered itself."""
    counted = []
    answered = Lane.answered

    def count(lane, request, principal):
        counted.append(request.path)
        answered(lane, request, principal)

    monkeypatch.setattr(Lane, "answered", count)
    return counted


@pytest.fixture
def lanes(trackside, trackside_fetch, jp_asyncio_loop, taken):
    """Sends a request down each lane, each to a run of its own, and compares all there is."""
    return Lanes(trackside.services, trackside_fetch, jp_asyncio_loop, taken)


class Lanes:
    def __init__(self, services, fetch, loop, taken):
        self.services = services
        self.fetch = fetch
        self.run = loop.run_until_complete
        self.taken = taken
        self.token = services.tokens.kernel_token
        self.runs = [self.run(self._new_run()) for _ in range(2)]
        self.gone = self.run(self._new_run())
        self.run(services.tracking.delete_run(self.gone))

    async def _new_run(self):
        tracking = self.services.tracking
        run_id = (await tracking.create_run("0", run_name="r", start_time=1)).info.run_id
        await self._post(run_id, "log-parameter", body(key="fixed", value="1"), GENERAL)
        return run_id

    async def _post(self, run_id, path, text, kind="application/json", root=V2, **options):
        sent = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        sent = sent.replace(b"RUN", run_id.encode())
        if hasattr(self, "gone"):
            sent = sent.replace(b"DELETED", self.gone.encode())
        return await self.fetch(
            "POST",
            f"{root}runs/{path}",
            body=sent,
            token=options.get("token", self.token),
            headers={"Content-Type": kind, **options.get("headers", {})},
        )

    def compare(self, path, text, **options):
        """Give the answer, which is the same down both lanes, and whether the lane gave it."""
        before = len(self.taken)
        light = self.run(self._post(self.runs[0], path, text, **options))
        fast = len(self.taken) > before
        general = self.run(self._post(self.runs[1], path, text, GENERAL, **options))
        assert len(self.taken) == before + fast, "this was to be the general handler"
        assert self._plain(light) == self._plain(general)
        return light, fast

    def _plain(self, answer):
        headers = {
            name: value for name, value in answer.headers.items() if name not in ("Date", "Etag")
        }
        text = answer.text
        for run_id in self.runs:
            text = text.replace(run_id, "RUN")
        return answer.status, headers, text

    def stored(self, run_id):
        """Give all that a run logged."""
        tracking = self.services.tracking
        run = self.run(tracking.get_run(run_id))
        history = {
            metric.key: [
                (point.timestamp, point.step, str(point.value))
                for point in self.run(tracking.metric_history(run_id, metric.key)).items
            ]
            for metric in run.metrics
        }
        tags = dict(run.tag_map)
        return history, sorted(run.params), tags, run.info.run_name

    def assert_same_data(self):
        one, two = (repr(self.stored(run_id)).replace(run_id, "RUN") for run_id in self.runs)
        assert one == two


def test_the_table_names_the_fast_routes():
    fast = {route.path.rpartition("/")[2] for route in ROUTES if route.fast}
    logging = {"log-metric", "log-batch", "log-parameter", "set-tag"}
    assert fast == logging | {"get-history-bulk-interval"}
    assert all(
        route.method == ("POST" if route.path.rpartition("/")[2] in logging else "GET")
        for route in ROUTES
        if route.fast
    )


def test_what_is_right_is_logged_the_same_by_both(lanes):
    for path, text in GOOD:
        answer, fast = lanes.compare(path, text)
        assert (answer.status, answer.text, fast) == (200, "{}", True), (path, text, answer.text)
    lanes.assert_same_data()
    assert set(lanes.stored(lanes.runs[0])[0]) == {"m", "é/ß 漢"}


def test_what_is_wrong_is_told_the_same_by_both(lanes):
    for path, text in BAD:
        answer, fast = lanes.compare(path, text)
        assert (400 <= answer.status < 500, fast) == (True, False), (path, text[:200])
        assert answer.json["error_code"]
    lanes.assert_same_data()
    assert lanes.stored(lanes.runs[0])[0] == {}


_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**65), 2**65),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["RUN", "m", "NaN", "12", "1e3", "", "\ud800", [], {}, [{}], [None]]),
)
_fields = st.sampled_from(
    ["run_id", "run_uuid", "runId", "key", "value", "timestamp", "step", "model_id", "modelId"]
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    change=st.dictionaries(_fields, _values, max_size=3),
    dropped=st.sets(_fields, max_size=1),
    path=st.sampled_from(["log-metric", "log-batch", "set-tag", "log-parameter"]),
)
def test_random_requests_are_answered_the_same_by_both(lanes, change, dropped, path):
    fields = {"run_id": "RUN", **POINT, **change}
    fields = {name: value for name, value in fields.items() if name not in dropped}
    if path == "log-batch":
        point = {name: value for name, value in fields.items() if not name.startswith("run")}
        run = {name: value for name, value in fields.items() if name.startswith("run")}
        fields = {**run, "metrics": [*FILLING, point]}
    lanes.compare(path, json.dumps(fields))
    lanes.assert_same_data()


def test_a_job_reaches_as_far_by_either(lanes):
    services = lanes.services
    own, other = lanes.runs
    nested = lanes.run(services.tracking.create_run("0", tags={"mlflow.parentRunId": own}))
    token = lanes.run(services.tokens.issue("job", own, "0"))
    moved = json.dumps({"run_id": own, "key": "mlflow.parentRunId", "value": other})
    calls = [
        (own, "log-metric", body(**POINT), 200),
        (nested.info.run_id, "log-metric", body(**POINT), 200),
        (other, "log-metric", body(**POINT), 403),
        (own, "set-tag", moved, 403),
        (own, "log-metric", body(**POINT, model_id="m-other"), 403),
        (own, "log-batch", body(metrics=[*FILLING, {**POINT, "model_id": "m-other"}]), 403),
        ("0" * 32, "log-metric", body(**POINT), 403),
    ]
    # The first request looks the token up; from then on it is known.
    lanes.run(lanes._post(own, "log-metric", body(**POINT), token=token))
    for run_id, path, text, status in calls:
        before = len(lanes.taken)
        light = lanes.run(lanes._post(run_id, path, text, token=token))
        fast = len(lanes.taken) > before
        general = lanes.run(lanes._post(run_id, path, text, GENERAL, token=token))
        assert lanes._plain(light) == lanes._plain(general)
        assert (light.status, fast) == (status, status == 200), (path, text)


def test_an_ended_job_is_let_in_by_neither(lanes):
    own = lanes.runs[0]
    token = lanes.run(lanes.services.tokens.issue("job", own, "0"))
    for _ in range(2):
        assert lanes.run(lanes._post(own, "log-metric", body(**POINT), token=token)).status == 200
    assert lanes.taken
    lanes.run(lanes.services.tokens.revoke("job"))
    assert lanes.run(lanes._post(own, "log-metric", body(**POINT), token=token)).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Authorization": "Bearer tsk_wrong"},
        {"Authorization": "Bearer tsj_wrong"},
        {"Authorization": ""},
        {"Content-Type": "text/plain"},
        {"Content-Encoding": "gzip"},
        {"Connection": "close"},
        {"Cookie": "a=b"},
    ],
    ids=lambda headers: " ".join(*headers.items()),
)
def test_what_comes_along_with_a_request_is_judged_the_same_by_both(lanes, headers):
    for _ in range(2):
        one = lanes.run(lanes._post(lanes.runs[0], "log-metric", body(**POINT), headers=headers))
        two = lanes.run(
            lanes._post(lanes.runs[1], "log-metric", body(**POINT), GENERAL, headers={**headers})
        )
        assert lanes._plain(one) == lanes._plain(two)
    # What was said to one client is not said to the next.
    answer, fast = lanes.compare("log-metric", body(**POINT))
    assert (answer.status, fast) == (200, True)


def test_users_of_jupyter_are_served_by_the_general_handler(lanes, jp_serverapp):
    token = jp_serverapp.identity_provider.token
    answer = lanes.run(lanes._post(lanes.runs[0], "log-metric", body(**POINT), token=token))
    assert (answer.status, lanes.taken) == (200, [])


def test_both_spellings_of_the_address_are_fast(lanes):
    for root in (V2, V2.replace("api/", "ajax-api/")):
        answer, fast = lanes.compare("log-metric", body(**POINT), root=root)
        assert (answer.status, fast) == (200, True)


CURVES = [
    ("run_ids=RUN&metric_key=m", 200),
    ("run_ids=RUN&metric_key=m&max_results=7", 200),
    ("run_ids=RUN&run_ids=RUN&metric_key=m&start_step=3&end_step=9", 200),
    ("runIds=RUN&metricKey=m&max_results=7&maxResults", 400),
    ("runIds=RUN&metricKey=m&maxResults=7", 200),
    ("run_ids=RUN&metric_key=none", 200),
    ("run_ids=RUN&metric_key=holes&unknown=%FF", 400),
    ("run_ids=RUN&metric_key=holes", 200),
    ("run_ids=RUN&metric_key=%C3%A9%2F%C3%9F", 200),
    ("run_ids=RUN&run_ids=nobody&metric_key=m", 200),
    ("run_ids=RUN&metric_key=m&token=wrong", 200),
    ("run_ids=RUN&metric_key=m&max_results=0", 400),
    ("run_ids=RUN&metric_key=m&max_results=x", 400),
    ("run_ids=RUN&metric_key=m&start_step=5", 400),
    ("run_ids=RUN&metric_key=m&start_step=5&end_step=1", 400),
    ("run_ids=RUN&metric_key=", 400),
    ("metric_key=m", 400),
    ("", 400),
]


@pytest.fixture
def drawn(lanes):
    """Asks for the curve of a run down each lane, and compares all there is."""
    metrics = [{**POINT, "step": step, "value": step % 7} for step in range(40)]
    metrics += [{**POINT, "key": "holes", "value": "NaN"}, {**POINT, "key": "é/ß", "step": -5}]
    sent = lanes.run(lanes._post(lanes.runs[0], "log-batch", body(metrics=metrics)))
    assert sent.status == 200
    lanes.taken.clear()
    path = f"{V2}metrics/get-history-bulk-interval"

    def ask(query, token=lanes.token, headers=None, root=path):
        def get(more):
            sent = f"{root}?{query.replace('RUN', lanes.runs[0])}"
            headed = {**(headers or {}), **more}
            return lanes.run(lanes.fetch("GET", sent, token=token, headers=headed))

        light = get({})
        fast = bool(lanes.taken)
        # What nobody has: so the general handler is asked, and answers in full.
        general = get({"If-None-Match": '"none"'})
        assert len(lanes.taken) == fast, "this was to be the general handler"
        lanes.taken.clear()
        assert lanes._plain(light) == lanes._plain(general)
        return light, fast

    return ask


def test_a_curve_is_drawn_the_same_by_both(drawn):
    for query, status in CURVES:
        answer, fast = drawn(query)
        assert (answer.status, fast) == (status, status == 200), (query, answer.text)
    answer, fast = drawn("run_ids=RUN&metric_key=m", root=f"{V2}metrics/get-history-bulk-interval")
    assert len(answer.json["metrics"]) == 40
    ajax = V2.replace("api/", "ajax-api/") + "metrics/get-history-bulk-interval"
    assert drawn("run_ids=RUN&metric_key=m", root=ajax)[1]


def test_a_job_sees_the_same_curves_by_either(lanes, drawn):
    own = lanes.run(lanes.services.tokens.issue("job", lanes.runs[0], "0"))
    other = lanes.run(lanes.services.tokens.issue("other", lanes.runs[1], "0"))
    for token, status in ((own, 200), (other, 403)):
        # The first request looks the token up; from then on it is known.
        for known in (False, True):
            answer, fast = drawn("run_ids=RUN&metric_key=m", token=token)
            assert (answer.status, fast) == (status, known and status == 200)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Authorization": "Bearer tsk_wrong"},
        {"Authorization": ""},
        {"Content-Type": "text/plain"},
        {"Connection": "close"},
        {"Accept-Encoding": "gzip"},
    ],
    ids=lambda headers: " ".join(*headers.items()),
)
def test_what_comes_along_with_a_look_at_a_curve_is_judged_the_same(drawn, headers):
    for _ in range(2):
        drawn("run_ids=RUN&metric_key=m", headers=headers)


def test_a_curve_that_has_to_be_compressed_is_sent_by_the_general_handler(
    lanes, drawn, jp_serverapp, monkeypatch
):
    from tornado.web import GZipContentEncoding

    monkeypatch.setattr(jp_serverapp.web_app, "transforms", [GZipContentEncoding])
    assert not drawn("run_ids=RUN&metric_key=m")[1]
