"""What recurs, from a terminal, a notebook and Python: made, listed, run now and deleted."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest
from tests.widgets.magics.conftest import Notebook

from trackside import _schedules, _submit
from trackside._errors import ServerUnavailable, TracksideError
from trackside._schedules import Schedule, carry_out
from trackside_server.testing import JupyterProcess

DAILY = "0 6 * * *"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return a real Jupyter server with a script in its folder."""
    process = JupyterProcess(tmp_path_factory.mktemp("jupyter"))
    (process.notebooks / "train.py").write_text("import sys\nprint(sys.argv[1:])\n")
    process.start().wait_ready()
    yield process
    process.clean_up()


@pytest.fixture
def terminal(server):
    """Run the command line beside the script."""

    def run(*words):
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "trackside", *words],
            cwd=server.notebooks,
            env=server.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    return run


def test_a_script_is_scheduled_listed_turned_off_run_and_deleted_from_a_terminal(server, terminal):
    made = terminal(
        *("schedule", "train.py", DAILY, "--name", "nightly", "--param", "lr=0.1", "--gpus", "0"),
        *("--json", "--", "--day", "[[ScheduledTime.2006-01-02]]"),
    )
    assert (made.returncode, made.stderr) == (0, ""), made
    data = json.loads(made.stdout)
    assert (data["job"]["path"], data["job"]["params"]) == ("train.py", {"lr": 0.1})
    assert data["job"]["arguments"] == ["--day", "[[ScheduledTime.2006-01-02]]"]
    assert (data["no_catchup"], data["max_concurrency"]) == (True, "1")
    listed = terminal("schedules").stdout.splitlines()
    assert listed[0].split() == "name runs when enabled next_due missed id".split()
    assert listed[1].split()[:2] == ["nightly", "train.py"]
    assert DAILY in listed[1]
    off = terminal("schedules", "disable", "nightly").stdout
    assert off == "nightly · train.py · 0 6 * * * · disabled\n"
    started = terminal("schedules", "run", "nightly").stdout
    assert started == "Started nightly.\n"
    assert "next" in terminal("schedules", "enable", data["recurring_run_id"]).stdout
    again = terminal("schedule", "train.py", "@weekly", "--name", "nightly").stdout
    assert again.startswith("nightly · train.py · @weekly · next ")
    here = terminal("schedules", "hand-over", "nightly")
    assert "There is no cluster" in here.stderr
    script = server.notebooks / "train.py"
    script.rename(script.with_name("moved.py"))
    problem = "There is no file train.py: put it back, or choose another one."
    table = terminal("schedules").stdout.splitlines()
    assert "last_run" in table[0].split()
    assert table[2:] == [f"nightly: {problem}"]
    assert terminal("schedules", "disable", "nightly").stdout.endswith(f" · {problem}\n")
    script.with_name("moved.py").rename(script)
    (shown,) = json.loads(terminal("schedules", "list", "nightly", "--json").stdout)
    assert shown["trackside"]["last"]["by_hand"]
    assert terminal("schedules", "delete", "nightly").stdout == "Deleted nightly.\n"
    assert terminal("schedules").stdout == "Nothing recurs.\n"


def test_files_of_one_name_in_two_folders_recur_beside_each_other(server, terminal):
    below = server.notebooks / "below"
    below.mkdir()
    (below / "train.py").write_text("print('below')\n")
    made = [
        json.loads(terminal("schedule", path, DAILY, "--json").stdout)
        for path in ("train.py", "below/train.py", "train.py")
    ]
    assert [one["job"]["path"] for one in made] == ["train.py", "below/train.py", "train.py"]
    first, other, again = (one["recurring_run_id"] for one in made)
    assert first == again != other
    with sqlite3.connect(server.root / "trackside.db") as store:
        query = "SELECT DISTINCT idempotency_key FROM recurring_runs WHERE recurring_id IN (?, ?)"
        keys = store.execute(query, (first, other)).fetchall()
    assert len(keys) == 2
    assert None not in {key for (key,) in keys}
    terminal("schedules", "delete", first, other)


def test_a_misspelt_parameter_of_a_notebook_is_refused_and_one_more_is_told(server, terminal):
    cells = [
        nbformat.v4.new_code_cell("rows = 5", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("print(rows)"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), server.notebooks / "report.ipynb")
    told = "The parameters cell of report.ipynb has no 'customer': it is set all the same.\n"
    for words in (("schedule", "report.ipynb", DAILY), ("submit", "report.ipynb")):
        refused = terminal(*words, "--param", "row=7")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert "has no 'row'. Did you mean 'rows'?" in refused.stderr
        assert terminal(*words, "--param", "customer=a").stdout.startswith(told)
        # Standard output is for the answer alone then.
        as_json = terminal(*words, "--param", "customer=a", "--json")
        assert json.loads(as_json.stdout)
        assert told in as_json.stderr
    terminal("schedules", "delete", "report")


def test_a_request_whose_answer_was_lost_is_sent_again_under_the_same_key(monkeypatch):
    monkeypatch.setattr(_submit, "_RETRY_AFTER", 0.0)
    asked = []

    def api(method, path, body, *, repeatable):
        asked.append((method, path, body["idempotency_key"], repeatable))
        if len(asked) == 1:
            raise ServerUnavailable("The answer was lost.")
        return {"recurring_run_id": "r"}

    client = SimpleNamespace(api=api)
    assert _submit.post_once(client, "recurring", {}) == {"recurring_run_id": "r"}
    assert asked[0] == asked[1]
    _submit.post_once(client, "recurring", {})
    assert asked[2] != asked[0]


def test_what_a_cluster_keeps_is_taken_back_also_without_asking_it():
    asked = []

    def api(method, path, query):
        asked.append((method, path, query))
        return {"recurring_run_id": "r", "kind": "job"}

    one = Schedule({"recurring_run_id": "r", "kind": "job"}, SimpleNamespace(api=api))
    assert one.take_back(leave=True) is one.take_back() is one
    assert carry_out("take-back", one, leave=True) == "r · job · every None s · disabled"
    path = "recurring/r/cronjob"
    left = ("DELETE", path, {"leave": "true"})
    assert asked == [left, ("DELETE", path, None), left]


def test_what_the_cluster_was_told_to_start_is_waited_for_until_the_server_has_found_it(
    monkeypatch,
):
    monkeypatch.setattr(_schedules, "_LOOK", 0.0)
    answers = [TracksideError("There is no job j.", status=404)] * 2

    def find(job_id):
        if answers:
            raise answers.pop()
        return SimpleNamespace(id=job_id)

    monkeypatch.setattr(_schedules, "get_job", find)
    api = SimpleNamespace(api=lambda *_: {"job_id": "j"})
    one = Schedule({"recurring_run_id": "r", "kind": "job"}, api)
    assert one.run_now().id == "j"
    monkeypatch.setattr(_schedules, "_FOUND", -1.0)
    answers.append(TracksideError("There is no job j.", status=404))
    with pytest.raises(TracksideError, match="The cluster has started it as job j"):
        one.run_now()


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("schedule", "train.py", "often"), 1, "'often' is no schedule. Give the five fields"),
        (("schedule", "gone.py", DAILY), 1, "There is no file gone.py"),
        (("schedule", "train.py", DAILY, "--env", "API_TOKEN=very-secret"), 1, "are not kept"),
        (("schedule", "train.py", "0 0 31 2 *"), 1, "never comes"),
        (("schedule", "train.py", DAILY, "--max-concurrency", "11"), 1, "max_concurrency has to"),
        (("schedules", "run"), 1, "No schedule to run is named."),
        (("schedules", "run", "nothing", "--json"), 1, "--json goes with list, not with run."),
        (("schedules", "run", "nothing", "--leave"), 1, "--leave goes with take-back, not with"),
        (("schedules", "run", "nothing"), 1, "Nothing recurs under the name 'nothing'."),
        (("schedules", "bake"), 2, "list, enable, disable, run, hand-over, take-back, delete"),
        (("schedule", "train.py"), 2, "CRON"),
    ],
    ids=str,
)
def test_what_cannot_recur_is_told_in_a_sentence(terminal, words, status, told):
    done = terminal(*words)
    assert (done.returncode, done.stdout) == (status, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "very-secret" not in done.stderr


def test_what_recurs_is_made_and_looked_at_in_a_notebook(server):
    notebook = Notebook(server, "digits.ipynb")
    try:
        notebook.run("import trackside\nfrom trackside import pipelines")
        (shown,) = notebook.run(f'%schedule train.py "{DAILY}" --name daily').results
        assert shown["data"]["text/plain"].startswith(f"daily · train.py · {DAILY} · next ")
        notebook.run("%%step load --only-pipeline\nx = 1")
        (made,) = notebook.run(f'flow = pipelines.schedule("{DAILY}"); flow.disable()').results
        assert made["data"]["text/plain"] == f"digits · pipeline · {DAILY} · disabled"
        (listed,) = notebook.run("%schedules").results
        assert "daily" in listed["data"]["text/plain"]
        assert "<table" in listed["data"]["text/html"]
        twice = notebook.run(
            "one = trackside.schedule('train.py', '@weekly')\n"
            "again = trackside.schedule('train.py', '@weekly', catch_up=True)\n"
            "print(again.id == one.id, again.name, again.enabled, again.next_due is not None)\n"
            f"print(pipelines.schedule('{DAILY}').id == flow.id, flow.refresh().enabled)\n"
            "open('look.py', 'x').close()\n"
            f"other = trackside.schedule('look.py', '{DAILY}', name='daily')"
        )
        assert twice.text == "True train True True\nTrue False\n"
        refused = notebook.run("%schedules disable daily")
        assert "2 schedules are named 'daily'. Say its id: " in refused.error
        ran = notebook.run(
            "job = again.run_now().wait(progress=False)\n"
            "print(job.data['state'], again.moments[0]['job_id'] == job.id)\n"
            "print(flow.run_now().wait().state)\n"
            "for one in trackside.schedules(): one.delete()\n"
            "print(len(trackside.schedules()))",
            timeout=120,
        )
        assert ran.error is None, ran.error
        assert ran.text.splitlines() == ["SUCCEEDED True", "SUCCEEDED", "0"]
    finally:
        notebook.close()
