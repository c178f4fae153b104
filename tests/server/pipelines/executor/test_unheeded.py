"""What a cluster would set up and this machine does not have is told with the task."""

from __future__ import annotations

import pytest
from tests.server.pipelines.compiled import compiled

from trackside_server.pipelines.api.wire_tasks import TaskWriter
from trackside_server.pipelines.entities import Task
from trackside_server.pipelines.executor.unheeded import unheeded
from trackside_server.pipelines.ir.parsing import load
from trackside_server.pipelines.machine.state import Node
from trackside_server.pipelines.platform.parsing import read_settings


def test_each_variable_and_folder_that_the_code_will_miss_is_named():
    keys = [{"envVar": "TOKEN", "secretKey": "t"}, {"envVar": "USER", "secretKey": "u"}]
    settings = {
        "secretAsEnv": [{"secretName": "a", "keyToEnv": keys}],
        "configMapAsEnv": [
            {"configMapName": "a", "keyToEnv": [{"envVar": "MODE", "configMapKey": "m"}]}
        ],
        "pvcMount": [{"constant": "a", "mountPath": "/data"}],
        "fieldPathAsEnv": [{"name": "POD", "fieldPath": "metadata.name"}],
        "initContainers": [{"name": "first", "image": "busybox"}],
        "hostAliases": [],
        "tolerations": [{"key": "gpu", "of": 1}],
    }
    assert told(settings) == [
        "Secrets of the cluster are not read into variables here: TOKEN, USER.",
        "Config maps of the cluster are not read into variables here: MODE.",
        "Volumes of the cluster are not here: /data.",
        "Variables that tell of a pod are not set here: POD.",
        "Init containers do not run here: first.",
        "Settings that Trackside does not know are passed over: hostAliases, tolerations[0].of.",
    ]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"tolerations": [{"key": "gpu"}], "nodeSelector": {"labels": {"a": "b"}}},
        {"secretAsVolume": [{"secretName": "a", "mountPath": "/secret", "optional": True}]},
    ],
)
def test_of_what_the_code_does_not_see_nothing_is_said(settings):
    assert told(settings) == []


def told(settings):
    return unheeded(read_settings(settings, ""))


def test_the_task_that_has_the_settings_says_what_its_code_will_miss():
    pipeline = load(compiled()["containers"].encode())
    root = Node(path="", parent=None, task="", kind="dag")
    echo = Node(path="echo", parent="", task="echo", kind="container")

    def written(task, in_pods=()):
        return TaskWriter("run-1", pipeline, {}, in_pods=in_pods).write(task)["trackside"]

    assert "unheeded" not in written(Task("1", 1, root))
    assert written(Task("2", 2, echo, "job-1"))["unheeded"] == [
        "Secrets of the cluster are not read into variables here: TOKEN."
    ]
    # Not before it runs, and not where it misses nothing.
    assert "unheeded" not in written(Task("2", 2, echo))
    assert "unheeded" not in written(Task("2", 2, echo, "job-1"), {"2"})
