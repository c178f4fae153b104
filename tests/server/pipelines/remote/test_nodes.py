"""A run of KFP 2 is told like one of here: out of nodes that only say what they are called."""

from __future__ import annotations

import copy
import random

import pytest

from trackside_server.pipelines.remote.argo import find_names, node_id, read_nodes
from trackside_server.pipelines.remote.nodes import join
from trackside_server.pipelines.remote.wire import written

LOOP = "exit-handler-1/for-loop-3"


@pytest.fixture
def spec(recorded):
    return recorded("version")["pipeline_spec"]


def _states(tasks):
    return {task.path: task.content["state"] for task in tasks}


def test_ids_of_nodes_are_made_as_argo_makes_them():
    # As they stand in a workflow that ran.
    names = {
        "coinflip-recursive-q7dqb": "",
        "coinflip-recursive-q7dqb[0].flip-coin": "-311338607",
        "coinflip-recursive-q7dqb[1].tails[1].tails": "-2934726852",
    }
    workflow = "coinflip-recursive-q7dqb"
    for name, ending in names.items():
        assert node_id(workflow, name) == workflow + ending


def test_every_task_and_repetition_of_a_run_has_its_own_state(recorded, spec):
    tasks = join(recorded("run_of_kfp2"), spec)
    assert _states(tasks) == {
        "": "FAILED",
        "exit-handler-1": "FAILED",
        "exit-handler-1/prepare": "CACHED",
        "exit-handler-1/condition-5": "SKIPPED",
        LOOP: "FAILED",
        f"{LOOP}[0]": "SUCCEEDED",
        f"{LOOP}[0]/condition-4": "SUCCEEDED",
        f"{LOOP}[0]/condition-4/train": "SUCCEEDED",
        f"{LOOP}[1]": "SUCCEEDED",
        f"{LOOP}[1]/condition-4": "SKIPPED",
        f"{LOOP}[2]": "FAILED",
        f"{LOOP}[2]/condition-4": "FAILED",
        f"{LOOP}[2]/condition-4/train": "FAILED",
        "exit-handler-1/report-2": "FAILED",
        "tidy": "SUCCEEDED",
    }
    by_path = {task.path: task for task in tasks}
    train = by_path[f"{LOOP}[2]/condition-4/train"]
    assert train.own == {"attempt": 3}
    assert train.pod.node.endswith("(2:2).iteration-item.condition-4.train.executor(2)")
    late = by_path["exit-handler-1/report-2"]
    assert "driver failed" in late.content["status_metadata"]["message"]
    assert late.content["display_name"] == "Tell everybody"
    assert late.pod.node.endswith(".report-2-driver")
    assert by_path["exit-handler-1/prepare"].pod is None
    assert by_path[LOOP].content["type_attributes"] == {"iteration_count": 3}
    assert by_path[f"{LOOP}[1]"].content["display_name"] == "for-loop-3 [1]"
    assert by_path["exit-handler-1"].content["type"] == "EXIT_HANDLER"


def test_a_run_that_goes_on_tells_what_has_begun(recorded, spec):
    tasks = {task.path: task.content for task in join(recorded("running_run_of_kfp2"), spec)}
    assert "tidy" not in tasks
    assert tasks[LOOP]["state"] == "RUNNING"
    assert "end_time" not in tasks[LOOP]
    again = tasks[f"{LOOP}[0]/condition-4/train"]
    assert again["state"] == "PENDING"
    assert not again.get("start_time")


def test_the_order_of_nodes_and_names_of_pods_make_no_difference(recorded, spec):
    run = recorded("run_of_kfp2")
    told = copy.deepcopy(run)
    details = told["run_details"]["task_details"]
    random.Random(7).shuffle(details)
    assert _states(join(told, spec)) == _states(join(run, spec))
    workflow = find_names(read_nodes(details))
    for graph, nodes in workflow.graphs.items():
        for called, node in nodes.items():
            detail = next(one for one in details if "pod_name" not in one and _is(one, node))
            number = node_id("", f"{graph}.{called}")
            detail["pod_name"] = f"{workflow.name}-system-container-impl{number}"
    assert _states(join(told, spec)) == _states(join(run, spec))


def _is(detail, node):
    children = tuple(child["pod_name"] for child in detail.get("child_tasks", ()))
    return (detail["display_name"], children, detail["start_time"], detail["state"]) == (
        node.called,
        node.leads_to,
        node.started,
        node.state or "RUNTIME_STATE_UNSPECIFIED",
    )


def test_tasks_are_written_like_those_of_here(recorded, spec):
    tasks = written("r1", join(recorded("run_of_kfp2"), spec), "https://kfp/#/runs/details/r1")
    assert tasks[0]["name"] == "root"
    seen = set()
    for task in tasks:
        assert task.get("parent_task_id") in {*seen, None}
        seen.add(task["task_id"])
        assert task["trackside"]["open_in_kfp"] == "https://kfp/#/runs/details/r1"
    children = {child["task_id"] for task in tasks for child in task.get("child_tasks", ())}
    assert children == seen - {tasks[0]["task_id"]}


def test_what_is_absent_or_odd_is_left_out(recorded, spec):
    run = recorded("run_of_kfp2")
    assert _states(join({"run_id": "x"}, spec)) == {"": "PENDING"}
    assert _states(join(run, {})) == {"": "FAILED"}
    odd = {"run_details": {"task_details": [None, 3, {}, {"display_name": 4, "child_tasks": "x"}]}}
    assert _states(join(odd, spec)) == {"": "PENDING"}
    assert _states(join({"run_details": {"task_details": "no"}}, {"root": []})) == {"": "PENDING"}
    # Without the ways between nodes, those are joined that alone are called like a task.
    for detail in run["run_details"]["task_details"]:
        detail.pop("child_tasks", None)
    states = _states(join(run, spec))
    assert states["exit-handler-1"] == "FAILED"
    assert states["exit-handler-1/prepare"] == "SUCCEEDED"
    assert states["tidy"] == "SUCCEEDED"
    assert f"{LOOP}[0]" not in states


def test_a_task_may_be_called_like_what_is_in_a_container():
    root = "w-1.root"
    told = {
        "w-1": ["w-1.root-driver"],
        "w-1.root-driver": [root],
        root: [f"{root}.executor-driver", f"{root}.other-driver"],
        f"{root}.executor-driver": [f"{root}.executor"],
        f"{root}.executor": [f"{root}.executor.executor"],
        f"{root}.executor.executor": [],
        f"{root}.other-driver": [f"{root}.other"],
        f"{root}.other": [f"{root}.other.executor"],
        f"{root}.other.executor": [],
    }
    details = [
        {
            "display_name": name.rpartition(".")[2],
            "state": "FAILED" if name == f"{root}.other" else "SUCCEEDED",
            "child_tasks": [{"pod_name": node_id("w-1", child)} for child in children],
        }
        for name, children in told.items()
    ]
    names = ("executor", "other")
    tasks = {name: {"componentRef": {"name": "c"}, "taskInfo": {"name": name}} for name in names}
    spec = {"root": {"dag": {"tasks": tasks}}, "components": {"c": {"executorLabel": "x"}}}
    run = {"state": "FAILED", "run_details": {"task_details": details}}
    states = {"": "FAILED", "executor": "SUCCEEDED", "other": "FAILED"}
    assert _states(join(run, spec)) == states


def test_a_component_that_holds_itself_ends():
    task = {"componentRef": {"name": "comp-a"}, "taskInfo": {"name": "a"}}
    dag = {"dag": {"tasks": {"a": task}}}
    details = [{"display_name": "a", "state": "RUNNING"}]
    run = {"state": "RUNNING", "run_details": {"task_details": details}}
    assert join(run, {"root": dag, "components": {"comp-a": dag}})[1].path == "a"
