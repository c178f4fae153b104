"""A run on a KFP server of version 2 is steered from Python as one here is."""

from __future__ import annotations

import pytest

import trackside
from trackside import pipelines
from trackside._client import reset_client
from trackside._display import bundle
from trackside_server.testing import JupyterProcess

from .recorder import Recorder


@pytest.fixture(scope="module")
def kfp():
    server = Recorder({"GET /healthz": (200, {"multi_user": False})}).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def near(kfp, tmp_path_factory):
    config = {"Trackside": {"kfp_host": kfp.uri}}
    process = JupyterProcess(tmp_path_factory.mktemp("near"), config=config)
    try:
        yield process.start().wait_ready()
    finally:
        process.clean_up()


@pytest.fixture
def run(near, kfp, recorded, monkeypatch):
    """Return the run that went wrong, as the functions for Python give it."""
    monkeypatch.setenv("TRACKSIDE_URL", near.trackside_url)
    monkeypatch.setenv("TRACKSIDE_TOKEN", near.token)
    reset_client()
    told, version = recorded("run_of_kfp2"), recorded("version")
    pipeline = f"/pipelines/{version['pipeline_id']}"
    path = f"/runs/{told['run_id']}"
    kfp.trouble = ""
    kfp.answers |= {
        f"GET {path}": (200, told),
        f"GET {pipeline}/versions/{version['pipeline_version_id']}": (200, version),
        f"POST {path}:terminate": (200, {}),
        f"POST {path}:retry": (200, {}),
    }
    yield pipelines.get_run(f"kfp:{told['run_id']}")
    reset_client()


def _will_be(kfp, run, *answers):
    """Have the server tell this of the run, one after the other."""
    kfp.answers[f"GET /runs/{run.id}"] = list(answers)


def _in(told, state):
    return (200, {**told, "state": state})


def test_it_is_stopped_and_retried_there(run, kfp):
    run.cancel()
    assert kfp.asked[-1].path == f"/runs/{run.id}:terminate"
    run.retry()
    assert kfp.asked[-1].path == f"/runs/{run.id}:retry"
    kfp.answers[f"POST /runs/{run.id}:terminate"] = (412, {"code": 9, "message": "Not terminable"})
    with pytest.raises(trackside.TracksideError, match="says: Not terminable"):
        run.cancel()


def test_it_is_waited_for_while_its_server_comes_and_goes(run, kfp, recorded):
    told = recorded("run_of_kfp2")
    gone = (503, {"code": 14, "message": "Restarting"})
    _will_be(kfp, run, _in(told, "RUNNING"), gone, gone, _in(told, "SUCCEEDED"))
    assert run.wait(timeout=60) is run
    assert run.state == "SUCCEEDED"


def test_why_a_wait_has_come_to_nothing_is_said(run, kfp, recorded):
    told = recorded("run_of_kfp2")
    _will_be(kfp, run, _in(told, "RUNNING"))
    with pytest.raises(trackside.TracksideError, match=f"{run.name} is still RUNNING after 0 s.$"):
        run.wait(timeout=0)
    _will_be(kfp, run, (503, {"code": 14, "message": "Restarting"}))
    with pytest.raises(trackside.TracksideError, match=r"RUNNING after 0 s. .*Restarting"):
        run.wait(timeout=0)
    # What does not pass by itself is not waited for.
    _will_be(kfp, run, (404, {"code": 5, "message": "Run not found"}))
    with pytest.raises(trackside.TracksideError, match="Run not found"):
        run.wait()


def test_its_tasks_pipeline_and_page_are_known(run, kfp, recorded):
    states = {task["name"]: task["state"] for task in run.tasks()}
    assert states["root"] == "FAILED"
    assert run.spec == recorded("version")["pipeline_spec"]
    assert run.url == f"{kfp.uri}/#/runs/details/{run.id}"
    shown = run._repr_mimebundle_()
    assert shown[bundle.MIME]["run_id"] == f"kfp:{run.id}"
    assert "<svg" in shown["text/html"]
