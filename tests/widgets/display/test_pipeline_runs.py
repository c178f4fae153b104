"""What a pipeline run looks like where Trackside does not draw it itself."""

from __future__ import annotations

import re

import pytest

from trackside import _display
from trackside._display import bundle, graph, naming
from trackside._errors import TracksideError
from trackside._pipelines.running import PipelineRun

HOSTILE = "<script>alert(1)</script>"

SPEC = {
    "root": {
        "dag": {
            "tasks": {
                "load": {"taskInfo": {"name": HOSTILE}},
                "loop": {
                    "componentRef": {"name": "comp-loop"},
                    "dependentTasks": ["load"],
                    "parameterIterator": {},
                },
            }
        }
    },
    "components": {
        "comp-loop": {
            "dag": {
                "tasks": {
                    "train": {},
                    "judge": {
                        "inputs": {
                            "parameters": {"x": {"taskOutputParameter": {"producerTask": "train"}}}
                        }
                    },
                }
            }
        }
    },
}
TASKS = {
    "": {"state": "RUNNING"},
    "load": {"state": "CACHED"},
    "loop": {"state": "RUNNING"},
    "loop[0]": {"state": "RUNNING"},
    "loop[0]/train": {"state": "FAILED"},
}


class Client:
    """A server with one run."""

    url = "http://localhost/trackside"

    def request(self, method, path, **_):
        tasks = [{**task, "trackside": {"path": at}} for at, task in TASKS.items()]
        return Answer({"tasks": tasks} if path.endswith("/tasks") else RUN)


class Answer:
    """What it answered."""

    def __init__(self, data):
        self._data = data

    def json(self):
        return self._data


RUN = {
    "run_id": "r1",
    "display_name": f"digits {HOSTILE}",
    "state": "FAILED",
    "error": {"message": f"train failed: {HOSTILE}"},
    "pipeline_spec": SPEC,
}


def test_each_layer_that_the_run_has_reached_is_drawn_with_the_states_of_its_tasks():
    whole, loop = graph.layers(SPEC, TASKS)
    assert whole[0] == ""
    assert "⤼ CACHED" in whole[1]
    assert "◐ RUNNING" in whole[1]
    assert loop[0] == "loop"
    assert "✕ FAILED" in loop[1]
    assert "◌ PENDING" in loop[1]


def test_a_task_that_is_not_told_is_pending_while_the_run_can_come_to_it_then_not_reached():
    assert "not reached" not in "".join(drawn for _, drawn in graph.layers(SPEC, TASKS))
    ended = {path: {"state": "SKIPPED"} for path in TASKS}
    loop = graph.layers(SPEC, {**ended, "loop[0]/train": {"state": "FAILED"}})[1]
    assert "not reached" in loop[1]
    assert "PENDING" not in loop[1]


def test_what_is_left_of_the_picture_where_none_is_allowed_is_a_sentence():
    """A notebook that nobody trusts: what is text stays, what is drawn is taken away."""
    whole, loop = graph.layers(SPEC, TASKS)
    assert re.sub("<[^>]*>", "", loop[1]) == "Graph of 2 tasks: train ✕ FAILED; judge ◌ PENDING."
    assert re.sub("<[^>]*>", "", whole[1]).endswith("⤼ CACHED; loop ◐ RUNNING.")


def test_where_the_tasks_are_not_known_the_pipeline_is_drawn_without_states():
    (whole,) = graph.layers(SPEC, None)
    assert "loop" in whole[1]
    assert "not reached" not in whole[1]
    assert "stroke-dasharray" not in whole[1]


def test_a_pipeline_run_is_ids_for_the_live_view_and_a_picture_for_everywhere_else():
    output = PipelineRun(RUN, Client())._repr_mimebundle_()
    assert output[bundle.MIME] == {
        "kind": "pipeline_run",
        "run_id": "r1",
        "name": f"digits {HOSTILE}",
    }
    assert "<svg" in output["text/html"]
    assert "<script" not in output["text/html"]
    assert output["text/plain"].startswith("✕ digits")


def test_a_pipeline_that_is_no_pipeline_or_goes_in_a_circle_is_drawn_as_well_as_can_be():
    assert len(graph.layers({}, {})) == 1
    tasks = {"a": {"dependentTasks": ["b"]}, "b": {"dependentTasks": ["a", "b", "c"]}}
    itself = {"root": {"dag": {"tasks": tasks}}}
    assert graph.layers(itself, {})[0][1].count("<rect") == 2


def test_what_the_client_of_kfp_gives_of_a_run_is_shown(monkeypatch):
    result = type("RunPipelineResult", (), {"__module__": "kfp.client.client", "run_id": "r1"})()
    published = []
    monkeypatch.setattr("trackside._pipelines.running.get_client", Client)
    monkeypatch.setattr("trackside._display.live.publish", published.append)
    _display.show(result)
    assert published[0][bundle.MIME]["run_id"] == "r1"


@pytest.mark.parametrize(
    ("status", "told"), [(404, "No run r1 here."), (503, "The KFP server does not answer.")]
)
def test_why_the_run_of_a_client_of_kfp_is_not_found_is_said(monkeypatch, status, told):
    class Nowhere(Client):
        def request(self, method, path, **_):
            if path.startswith("/kfp/"):
                raise TracksideError("The KFP server does not answer.", status=status, code="X")
            raise TracksideError("No run r1 here.", status=404, code="X")

    monkeypatch.setattr("trackside._pipelines.running.get_client", Nowhere)
    run = type("Run", (), {"__module__": "kfp_server_api.models", "run_id": "r1"})()
    with pytest.raises(TracksideError, match=told):
        _display.show(run)


@pytest.mark.parametrize("size", [80, 81])
def test_a_picture_stays_small_however_large_the_pipeline_is(size):
    tasks = {f"t{at}": {} for at in range(size)}
    drawn = graph.layers({"root": {"dag": {"tasks": tasks}}}, {})
    assert len(drawn) == (1 if size <= 80 else 0)


def test_what_its_author_has_not_named_is_called_by_what_it_does():
    """As the compiler writes it: sorted by letters, each branch with all that was not taken."""
    first = "int(inputs.parameter_values['pipelinechannel--n']) > 5"
    second = "inputs.parameter_values['pipelinechannel--fit-Output'] == 'a'"
    fit = {"taskOutputParameter": {"producerTask": "fit", "outputParameterKey": "Output"}}
    inputs = {"parameters": {"pipelinechannel--fit-Output": fit}}
    tasks = {
        "condition-10": {
            "triggerPolicy": {"condition": f"!({first}) && {second}"},
            "inputs": inputs,
        },
        "condition-11": {"triggerPolicy": {"condition": f"!({first}) && !({second})"}},
        "condition-9": {"triggerPolicy": {"condition": first}},
        "exit-handler-1": {},
        "for-loop-1": {"parameterIterator": {"items": {"raw": "[1, 2]"}}},
        "for-loop-2": {"parameterIterator": {"items": {"inputParameter": "pipelinechannel--xs"}}},
        "for-loop-3": {"taskInfo": {"name": "depths"}, "parameterIterator": {}},
        "for-loop-4": {
            "parameterIterator": {
                "items": {"inputParameter": "pipelinechannel--make-Output-loop-item-subvar-b"}
            }
        },
        "tell": {
            "dependentTasks": ["exit-handler-1"],
            "triggerPolicy": {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"},
        },
    }
    assert naming.names_of(tasks) == {
        "condition-9": "If n > 5",
        "condition-10": "Else if fit == 'a'",
        "condition-11": "Else",
        "exit-handler-1": "Exit handler: tell",
        "for-loop-1": "For each of [1, 2]",
        "for-loop-2": "For each of xs",
        "for-loop-3": "depths",
        "for-loop-4": "For each of make item.b",
        "tell": "tell",
    }
