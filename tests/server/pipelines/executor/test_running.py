"""Components of the real SDK run in the process of a job, and leave what they declare."""

from __future__ import annotations

from tests.server.pipelines.executor.bench import artifact, bind, context_of

from trackside_server.pipelines.executor.outputs import collect
from trackside_server.pipelines.executor.places import to_uri
from trackside_server.pipelines.executor.preparing import prepare
from trackside_server.pipelines.machine.state import Reason, Values
from trackside_server.structs import replace


def test_values_keep_their_types_and_defaults_are_the_functions_own(bench, compiled):
    context = bind(
        context_of(compiled["typed"], bench.root),
        count=2,
        rate=0.5,
        name="{{$.inputs.parameters['count']}} $(id) 'x'",
        on=True,
        items=[1, "a", None],
        more={"k": [1.5]},
    )
    outputs = bench.run(context)
    assert dict(outputs.parameters) == {
        "count": 6,
        "rate": 1.0,
        "text": "{{$.inputs.parameters['count']}} $(id) 'x'",
        "on": False,
        "items": [1, "a", None, "{{$.inputs.parameters['count']}} $(id) 'x'"],
        "more": {"k": [1.5], "name": "{{$.inputs.parameters['count']}} $(id) 'x'"},
    }
    assert type(outputs.parameters["count"]) is int


def test_inputs_larger_than_a_command_line_reach_the_function(bench, compiled):
    text = "x" * 300_000
    outputs = bench.run(bind(context_of(compiled["absent"], bench.root), name=text))
    assert outputs.parameters["Output"] == f"{text} 2"


def test_an_input_that_is_null_is_left_out(bench, compiled):
    outputs = bench.run(bind(context_of(compiled["absent"], bench.root), name=None))
    assert outputs.parameters["Output"] == "None 2"


def test_files_of_outputs_are_read_by_their_types(bench, compiled):
    outputs = bench.run(context_of(compiled["files"], bench.root))
    assert dict(outputs.parameters) == {"text": " kept as it is\n", "number": 7, "flags": [True]}


def test_an_output_that_is_missing_or_mistyped_fails_the_task_by_its_name(bench, compiled):
    missing = bench.run(context_of(compiled["nothing"], bench.root))
    assert missing == Reason("OUTPUT_MISSING", "The task ended without its output text.")
    mistyped = bench.run(context_of(compiled["mistyped"], bench.root))
    assert mistyped.code == "OUTPUT_MISTYPED"
    assert "Output number" in mistyped.message
    assert "'seven'" in mistyped.message


def test_artifacts_of_all_kinds_come_back_with_their_metadata(bench, compiled):
    context = context_of(compiled["artifacts"], bench.root)
    outputs = bench.run(context)
    found = {name: one for name, (one,) in outputs.artifacts.items()}
    folder = bench.root / "artifacts" / "1" / "outputs"
    assert found["data"].uri == f"file://{folder}/data"
    assert found["data"].metadata == {"rows": 1}
    assert (folder / "model" / "weights").read_text() == "w"
    assert found["metrics"].metadata == {"accuracy": 0.9}
    assert found["metrics"].type.title == "system.Metrics"
    matrix = found["curve"].metadata["confusionMatrix"]
    assert matrix["rows"] == [{"row": [1, 2]}, {"row": [3, 4]}]
    first = found["curve"].metadata["confidenceMetrics"][0]
    assert first["confidenceThreshold"] == "Infinity"
    assert found["page"].type.title == "system.HTML"
    assert found["Output"].uri == f"file://{folder}/own"
    assert found["Output"].metadata == {"of": "python"}
    assert collect(context) == outputs, "the same, ids included, when it is read again"


def test_artifacts_and_lists_of_them_are_read_by_the_next_task(bench, compiled):
    paths = []
    for name in ("a b", "c", "d%20"):
        path = bench.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
        paths.append(path)
    first, *parts = [artifact(to_uri(path), rows=3) for path in paths]
    context = context_of(
        compiled["reads"], bench.root, Values({}, {"data": (first,), "parts": tuple(parts)})
    )
    assert bench.run(context).parameters["Output"] == "a b c d%20 3"


def test_functions_and_files_that_travel_with_a_component_are_there(bench, compiled):
    outputs = bench.run(context_of(compiled["embeds"], bench.root))
    assert outputs.parameters["Output"] == "WORDS THAT TRAVEL"


def test_a_component_that_fails_says_where_without_the_frames_of_the_sdk(bench, compiled):
    prepared = prepare(bind(context_of(compiled["fails"], bench.root), word="no"), bench.means)
    ended = bench.end(bench.start(prepared))
    assert ended.code == 1
    assert (ended.failure["type"], ended.failure["message"]) == ("ValueError", "no")
    assert ended.failure["where"].startswith("ephemeral_component.py line ")
    assert "raise ValueError(word)" in ended.log
    assert "kfp/dsl/executor.py" not in ended.log


def test_an_interpreter_without_kfp_is_told_with_the_line_that_installs_it(bench, compiled):
    context = context_of(compiled["bare"], bench.root)
    refused = prepare(context, replace(bench.means, has_kfp=False))
    assert refused.code == "KFP_MISSING"
    assert refused.message.endswith(f"{bench.python} -m pip install kfp")
    bench.path.clear()
    ended = bench.end(bench.start(prepare(context, bench.means)))
    assert ended.code == 1
    assert ended.failure["hint"] == f"Install it: {bench.python} -m pip install kfp"


def test_to_prepare_an_attempt_again_gives_the_same_and_keeps_what_is_there(bench, compiled):
    context = context_of(compiled["files"], bench.root)
    first = prepare(context, bench.means)
    outputs = bench.run(context)
    assert prepare(context, bench.means) == first
    assert collect(context) == outputs


def test_an_artifact_that_is_a_link_out_of_the_run_fails_the_task(bench, compiled):
    reason = bench.run(context_of(compiled["leaves"], bench.root))
    assert reason.code == "OUTPUT_OUTSIDE"
    assert "Output data" in reason.message


def test_what_was_written_at_a_path_of_ones_own_is_kept_with_the_run(bench, compiled, tmp_path):
    outside = tmp_path / "elsewhere" / "model"
    outputs = bench.run(bind(context_of(compiled["custom"], bench.root), target=str(outside)))
    (model,) = outputs.artifacts["model"]
    kept = bench.root / "custom" / "1" / "outputs" / "model"
    assert model.uri == f"file://{kept}"
    assert (kept / "weights").read_text() == "w"
