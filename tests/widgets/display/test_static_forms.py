"""What a job looks like where Trackside does not draw it itself."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from trackside._display import bundle, page, plain, words
from trackside._display.curve import curve
from trackside._run import Run

HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>"


class Tags(HTMLParser):
    """Collects the elements and attributes of a piece of HTML, and checks that it nests."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_a_running_job_says_its_name_state_progress_and_metrics_in_plain_text(summary):
    text = plain.job(summary())
    assert text.splitlines()[0] == (
        "◐ RUNNING  digits-7  0:42 · epoch 3 of 5 ▓▓▓▓▓▓░░░░ · this machine"
    )
    assert "loss 0.213   accuracy 0.941" in text
    assert "▸ epoch=3 loss=0.2130 accuracy=0.941" in text
    assert "cell [7] of digits.ipynb" in text


def test_a_failed_job_says_why(summary):
    reason = {"code": "OUT_OF_MEMORY", "message": "Out of memory: used 16.0 of 16 GiB."}
    data = summary(state="FAILED", reason=reason, last_line=None)
    assert "Out of memory: used 16.0 of 16 GiB." in plain.job(data)
    assert "Out of memory: used 16.0 of 16 GiB." in Tags(page.job(data)).text
    assert "as of" not in Tags(page.job(data)).text


def test_a_picture_of_an_unfinished_job_says_when_it_was_taken(summary):
    assert re.search(r"as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", Tags(page.job(summary())).text)


def test_the_html_stands_alone_without_scripts_style_sheets_or_anything_to_fetch(summary):
    for html in (page.job(summary()), page.jobs([summary(), summary(job_id="j2")])):
        found = Tags(html)
        assert not {"script", "style", "link", "iframe", "img", "object"} & set(found.tags)
        names = {name for name, _ in found.attributes}
        assert not {"src", "href"} & names
        assert not any(name.startswith("on") for name in names)


def test_the_html_draws_the_curve_of_the_main_metric_for_eyes_and_screen_readers(summary):
    html = page.job(summary())
    assert 'aria-label="loss: from 0.9 to 0.213"' in html
    assert 'stroke="currentColor"' in html


@pytest.mark.parametrize(
    "field", ["name", "state", "last_line", "main_metric", "runner", "experiment_name", "source"]
)
def test_hostile_text_from_anywhere_is_shown_and_never_markup(summary, field):
    value = {"label": HOSTILE} if field == "source" else HOSTILE
    changes = {field: value}
    if field == "main_metric":
        changes["metrics"] = {HOSTILE: {"value": 1.0, "step": 1, "timestamp": 1}}
    data = summary(**changes)
    honest = set(Tags(page.job(summary())).tags)
    for html in (page.job(data), page.jobs([data])):
        found = Tags(html)
        assert set(found.tags) <= honest | {"table", "thead", "tbody", "tr", "th", "td"}
        assert not any(name.startswith("on") for name, _ in found.attributes)
    if field != "experiment_name":
        assert "alert(1)" in Tags(page.job(data)).text + html_attributes(page.job(data))


def html_attributes(html: str) -> str:
    return " ".join(value or "" for _, value in Tags(html).attributes)


def test_hostile_params_reasons_and_progress_are_shown_and_never_markup(summary):
    data = summary(
        params={HOSTILE: HOSTILE},
        reason={"code": "X", "message": HOSTILE},
        progress={"value": 1, "total": 2, "unit": HOSTILE, "fraction": 0.5},
    )
    for html in (page.job(data), page.jobs([data])):
        assert "script" not in Tags(html).tags
        assert "img" not in Tags(html).tags


def test_hostile_names_of_runs_metrics_and_params_are_never_markup():
    run = Run(
        HOSTILE, HOSTILE, "1", HOSTILE, 1, 2, {HOSTILE: HOSTILE}, {HOSTILE: 1.0}, {HOSTILE: "x"}
    )
    assert not {"script", "img"} & set(Tags(page.run(run)).tags)


def test_escape_sequences_and_turned_text_do_not_reach_a_terminal(summary):
    data = summary(
        name="a\x1b[2Jb\u202ec", last_line="\x1b]0;title\x07 50%|█████|\r100%", state="RUNNING"
    )
    text = plain.job(data)
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    assert "\u202e" not in text
    assert "100%" in text


def test_a_long_name_is_cut(summary):
    assert len(plain.job(summary(name="n" * 10_000, params={}))) < 1_000


def test_several_jobs_are_a_table_that_shows_the_params_in_which_they_differ(summary):
    jobs = [
        summary(name="digits-1", params={"lr": 0.1, "epochs": 5}),
        summary(name="digits-2", params={"lr": 0.01, "epochs": 5}, state="QUEUED"),
    ]
    lines = plain.jobs(jobs).splitlines()
    assert lines[0].split() == ["STATE", "NAME", "PARAMS", "METRICS", "TIME", "WHERE"]
    assert "this machine" in lines[1]
    assert "lr=0.1 " in lines[1]
    assert "epochs=5" not in plain.jobs(jobs)
    assert lines[1].index("lr=") == lines[2].index("lr=")
    assert "lr=0.01" in Tags(page.jobs(jobs)).text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"runner": "local", "gpus": [0, 2]}, "GPU 0, 2 · this machine"),
        ({"runner": "cluster"}, "the cluster"),
        ({"runner": "cluster", "resources": {"nodes": 4}}, "4 nodes of the cluster"),
        ({"runner": "cluster", "resources": {"nodes": 1}}, "the cluster"),
        ({"runner": None}, ""),
    ],
)
def test_where_a_job_runs_is_said(summary, changes, said):
    data = summary(**changes)
    assert words.place(data) == said
    assert plain.job(data).splitlines()[0].endswith(said)
    assert said in Tags(page.jobs([data])).text


def test_no_jobs_are_said_to_be_none():
    assert plain.jobs([]) == "No jobs."
    assert "No jobs." in page.jobs([])


def test_an_output_holds_ids_only_beside_its_static_forms(summary):
    data = bundle.of_job(summary())
    assert data[bundle.MIME] == {
        "kind": "job",
        "job_id": "j1",
        "run_id": "r1",
        "name": "digits-7",
    }
    assert set(data) == {bundle.MIME, "text/html", "text/plain"}
    json.dumps(data)


def test_values_of_environment_variables_are_in_no_output(summary):
    data = summary(spec={"env": {"TOKEN": "s3cr3t"}}, env={"TOKEN": "s3cr3t"})
    assert "s3cr3t" not in json.dumps(bundle.of_job(data))
    assert "s3cr3t" not in json.dumps(bundle.of_jobs([data, data]))


@pytest.mark.parametrize("values", [[], [1.0], [float("nan")] * 5, ["x", None]])
def test_a_curve_of_fewer_than_two_points_is_left_out(values):
    assert curve(values, "loss") == ""


def test_a_curve_leaves_gaps_where_a_value_is_not_finite():
    svg = curve([1, 2, float("nan"), float("inf"), 1.79e308, "NaN", 3, 4], "loss")
    path = re.search(r' d="([^"]+)"', svg)[1]
    assert path.count("M") == 2
    assert "nan" not in path
    assert "inf" not in path


def test_a_flat_curve_is_a_line_in_the_middle():
    path = re.search(r' d="([^"]+)"', curve([3, 3, 3], "loss", 100, 20))[1]
    assert set(re.findall(r" ([\d.]+)", path)) == {"10.0"}


def test_a_job_in_its_first_moment_is_shown_with_what_is_known(summary):
    data = {"job_id": "j", "name": "n-1", "state": "QUEUED"}
    assert plain.job(data) == "◌ QUEUED  n-1"
    Tags(page.job(data))
    bundle.of_jobs([data])


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "now"), (5, "5 s ago"), (720, "12 min ago"), (10_900, "3 h ago"), (90_000, "yesterday")],
)
def test_times_are_relative(seconds, said):
    assert words.ago((1_000_000 - seconds) * 1000, now=1_000_000) == said


def test_columns_stay_aligned_under_wide_and_combining_characters():
    text = plain.table(("NAME", "X"), [("模型", "1"), ("e\u0301a", "2"), ("abcd", "3")])
    assert text.splitlines() == ["NAME  X", "模型  1", "e\u0301a    2", "abcd  3"]
