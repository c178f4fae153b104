"""What is stored of a run is read as it was."""

from __future__ import annotations

import json

import pytest

from trackside_server.pipelines.ir.model import ArtifactType
from trackside_server.pipelines.machine import codec
from trackside_server.pipelines.machine.state import Artifact, Node, Reason, Run, Values

VALUES = Values(
    {"i": 3, "f": 3.0, "big": 2**70, "none": None, "text": "ä\n", "list": [1, 2.5, {"k": False}]},
    {"data": (Artifact("a1", "data", ArtifactType("system.Model", "1"), "s3://x", {"n": 1}),)},
)


def test_a_node_is_read_as_it_was_written_and_integers_stay_integers():
    node = Node(
        path="loop[3]/train",
        parent="loop[3]",
        task="train",
        kind="container",
        state="WAITING",
        attempt=2,
        floor=1,
        inputs=VALUES,
        outputs=Values(),
        reason=Reason("ERROR", "It broke."),
        due=12.5,
        created=1.0,
        started=2.0,
        cached_from="t1",
    )
    read = codec.node_from_text(codec.node_to_text(node))
    assert read == node
    assert {key: type(value) for key, value in read.inputs.parameters.items()} == {
        key: type(value) for key, value in VALUES.parameters.items()
    }


def test_what_is_as_in_a_new_node_takes_no_room():
    text = codec.node_to_text(Node("a", "", "a", "container"))
    assert json.loads(text) == {"v": 1, "path": "a", "parent": "", "task": "a", "kind": "container"}
    assert codec.node_from_text(text) == Node("a", "", "a", "container")


def test_a_run_is_read_with_its_nodes():
    root = Node("", None, "", "root", "RUNNING")
    run = Run("r1", VALUES, {"pipeline_job_name": "n"}, {"": root}, terminating=True, floor=4)
    assert codec.run_from_text(codec.run_to_text(run), [root]) == run


def test_what_a_newer_version_has_stored_is_not_guessed_at():
    with pytest.raises(ValueError, match="stored in form 99"):
        codec.node_from_text('{"v": 99}')
