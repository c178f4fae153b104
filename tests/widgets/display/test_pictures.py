"""The static pictures of runs, experiments and models: what a saved notebook shows to anybody."""

from __future__ import annotations

import json
import unicodedata
from html.parser import HTMLParser

import pytest

from trackside._display import bundle, page, plain, runlist
from trackside._experiment import Experiment
from trackside._model import Model, ModelVersion
from trackside._run import Run

HOSTILE = (
    "<script>alert(1)</script><style>*{display:none}</style><link rel=stylesheet href=//x>"
    "\"'><img src=x onerror=alert(2)>\x1b[2J\x1b]0;title\x07\u202egnp.exe\u2066 "
    "</table></div>[x](javascript:alert(3))"
)
ELEMENTS = set("b code div path span svg table tbody td th thead title tr".split())


class Picture(HTMLParser):
    """Collects elements, attributes and text of a picture, and checks that it nests."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.names.update(name for name, _ in attrs)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def run(name="first", **changes):
    fields = {
        "id": "a" * 32,
        "name": name,
        "experiment_id": "1",
        "status": "FINISHED",
        "start_time": 1_000,
        "end_time": 43_000,
        "params": {"lr": "0.1", "epochs": "5"},
        "metrics": {"loss": 0.213, "system/cpu": 3.0},
        "tags": {},
        **changes,
    }
    return Run(**fields)


def listed(runs, more: int | None = 0, curves=None):
    metrics = runlist.main_metrics(runs)
    return runlist.RunList(runs, more, runlist.differing_params(runs), metrics, curves or {})


TWO = [run("first", id="1" * 32), run("second", id="2" * 32, params={"lr": "0.2", "epochs": "5"})]


def test_runs_are_a_table_of_what_differs_with_a_curve_and_without_system_metrics():
    found = listed(TWO, curves={"1" * 32: [0.9, 0.5, 0.213]})
    html = page.runs(found)
    picture = Picture(html)
    assert "svg" in picture.tags
    assert 'aria-label="loss: from 0.9 to 0.213"' in html
    lines = plain.runs(found).splitlines()
    assert lines[0].split() == ["STATE", "NAME", "lr", "loss", "TIME", "STARTED"]
    assert lines[1].split()[:6] == ["✓", "FINISHED", "first", "0.1", "0.213", "0:42"]
    assert "epochs" not in picture.text
    assert "system/" not in picture.text


def test_what_is_left_out_of_a_picture_is_said():
    assert "… and 70 more" in Picture(page.runs(listed(TWO, 70))).text
    assert "… and more" in plain.runs(listed(TWO, None))
    assert "as of" in Picture(page.runs(listed([run(status="RUNNING", end_time=None)]))).text


def test_no_runs_are_said_to_be_none():
    assert "No runs." in Picture(page.runs(listed([]), "Experiment digits")).text
    assert plain.runs(listed([]), "Experiment digits") == "Experiment digits\nNo runs."


def test_a_model_is_the_list_of_its_versions_with_what_points_at_them():
    versions = [
        ModelVersion("digits", "2", ("champion",), "Production", "r" * 32, 1_000),
        ModelVersion("digits", "1"),
    ]
    model = Model("digits", "reads digits", {"champion": "2"})
    text = Picture(page.model(model, versions, more=True)).text
    assert "champion" in text
    assert "Production" in text
    assert "reads digits" in text
    lines = plain.model(model, versions, more=True).splitlines()
    assert lines[1].split() == ["VERSION", "ALIASES", "STAGE", "REGISTERED", "RUN"]
    assert lines[-1] == "… and more"
    assert versions[0].uri == "models:/digits/2"


BAD_RUN = run(
    HOSTILE,
    id=HOSTILE,
    status=HOSTILE,
    params={HOSTILE: HOSTILE},
    metrics={HOSTILE: 1.0},
    tags={HOSTILE: HOSTILE},
)
BAD_LIST = listed([BAD_RUN, run()], curves={HOSTILE: [1.0, 2.0]})
BAD_MODEL = Model(HOSTILE, HOSTILE, {HOSTILE: "1"})
BAD_VERSION = ModelVersion(HOSTILE, HOSTILE, (HOSTILE,), HOSTILE, HOSTILE, 1, HOSTILE)
BAD_ROW = {"key": HOSTILE, "values": [HOSTILE, None], "differs": True}
BAD_COMPARISON = {
    "runs": [{"run_id": HOSTILE, "run_name": HOSTILE}, {"run_id": "r2", "run_name": "two"}],
    "sentence": HOSTILE,
    "metrics": [{**BAD_ROW, "goal": "min", "best": 0}],
    **{table: [BAD_ROW] for table in ("params", "tags", "datasets", "packages")},
    "ranking": [{"strength": "pair", "text": HOSTILE}] * 2,
    "notes": [{"code": "DELETED", "text": HOSTILE}],
}
HOSTILE_OUTPUTS = {
    "compare": bundle.of_compare(BAD_COMPARISON, [HOSTILE, "two"]),
    "run": bundle.of_run(BAD_RUN, {HOSTILE: [1.0, 2.0]}),
    "runs": bundle.of_runs([HOSTILE], BAD_LIST),
    "experiment": bundle.of_experiment(Experiment("1", HOSTILE), BAD_LIST, HOSTILE),
    "model": bundle.of_model(BAD_MODEL, [BAD_VERSION], more=True),
}


@pytest.mark.parametrize("kind", HOSTILE_OUTPUTS)
def test_hostile_text_of_anybody_is_shown_and_never_acts(kind):
    data = HOSTILE_OUTPUTS[kind]
    picture = Picture(data["text/html"])
    assert picture.tags <= ELEMENTS
    assert not {"src", "href", "id", "class"} & picture.names
    assert not any(name.startswith("on") for name in picture.names)
    assert "alert(1)" in picture.text
    for text in (data["text/html"], data["text/plain"]):
        bad = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs")}
        assert bad <= {"\n"}
    assert json.loads(json.dumps(data)) == data


def test_outputs_hold_ids_only():
    data = bundle.of_experiment(Experiment("1", "digits"), listed(TWO))
    assert data[bundle.MIME] == {"kind": "experiment", "experiment_id": "1", "name": "digits"}
    filtered = bundle.of_experiment(Experiment("1", "d"), listed(TWO), "params.lr = '1'")
    assert filtered[bundle.MIME]["filter"] == "params.lr = '1'"
    runs = bundle.of_runs([item.id for item in TWO], listed(TWO))
    assert runs[bundle.MIME] == {"kind": "runs", "run_ids": ["1" * 32, "2" * 32]}
    model = bundle.of_model(Model("digits"), [])
    assert model[bundle.MIME] == {"kind": "model", "name": "digits"}
    assert "No versions." in model["text/html"]
