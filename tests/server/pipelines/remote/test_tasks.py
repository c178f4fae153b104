"""Tasks of KFP 3 are told like those of here, in all forms that they had."""

from __future__ import annotations

from trackside_server.pipelines.remote.links import Links
from trackside_server.pipelines.remote.reading import moment, tidy, whole
from trackside_server.pipelines.remote.tasks import read_tasks


def test_the_tasks_of_kfp_3_have_values_artifacts_and_pods(recorded):
    tasks = {task.path: task for task in read_tasks(recorded("tasks_of_kfp3")["final"])}
    assert list(tasks) == [
        "",
        "prepare",
        "for-loop-3",
        "for-loop-3[0]",
        "for-loop-3[1]",
        "for-loop-3[1]/train",
    ]
    prepare = tasks["prepare"].content
    assert prepare["state"] == "CACHED"
    assert prepare["inputs"]["parameters"] == [{"parameter_key": "n", "value": 3}]
    (artifacts,) = prepare["outputs"]["artifacts"]
    assert artifacts["artifact_key"] == "data"
    assert [one["type"] for one in artifacts["artifacts"]] == ["system.Dataset", "system.Metrics"]
    assert artifacts["artifacts"][1]["metadata"] == {"accuracy": 0.93}
    assert tasks["for-loop-3"].content["type_attributes"] == {"iteration_count": 2}
    assert tasks["for-loop-3[0]"].content["type_attributes"] == {"iteration_index": 0}
    assert tasks["for-loop-3[0]"].content["display_name"] == "for-loop-3 [0]"
    train = tasks["for-loop-3[1]/train"]
    assert train.content["status_metadata"] == {"message": "main exited with 1"}
    assert train.pod.name == "night-shift-x7k2p-system-container-impl-2"
    assert tasks["prepare"].pod is None


def test_drafts_of_the_shape_are_read_too(recorded):
    tasks = {task.path: task for task in read_tasks(recorded("tasks_of_kfp3")["draft"])}
    train = tasks["for-loop-3[2]/train-model"].content
    assert train["state"] == "SUCCEEDED"
    assert train["status_metadata"] == {"message": "went well"}
    assert [one["parameter_key"] for one in train["inputs"]["parameters"]] == ["scale", "text"]
    (table,) = train["inputs"]["artifacts"]
    assert table["producer"] == {"task_name": "load"}
    assert table["artifacts"][0]["metadata"] == {"rows": [1, 2]}
    assert tasks["d-odd"].content["state"] == "PENDING"


def test_tasks_that_are_in_each_other_end():
    tasks = [{"task_id": "a", "parent_task_id": "b"}, {"task_id": "b", "parent_task_id": "a"}]
    assert len(read_tasks(tasks)) == 2


def test_times_that_were_not_yet_are_no_times_and_links_name_one_thing():
    assert moment("1970-01-01T00:00:00Z") is None
    assert moment(7) is None
    assert [whole(one) for one in ("12", "x", True, float("inf"))] == [12, None, None, None]
    links = Links("https://kfp")
    run = {"run_id": "a/b?c", "finished_at": "1970-01-01T00:00:00Z", "trackside": {"python": "/p"}}
    assert tidy("runs", run, links) == {
        "run_id": "a/b?c",
        "trackside": {"open_in_kfp": "https://kfp/#/runs/details/a%2Fb%3Fc"},
    }
    assert tidy("runs", {"run_id": "r"}, Links("")) == {"run_id": "r"}
    assert tidy("runs", {"runs": [None, run]}, Links(""))["runs"] == [{"run_id": "a/b?c"}]
