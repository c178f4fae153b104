"""What tasks leave is theirs to write, and so it is read with care."""

from __future__ import annotations

import json
import os

import pytest
from tests.server.pipelines.compiled import load_json
from tests.server.pipelines.executor.bench import RUN, artifact, bind, task_of
from tests.server.pipelines.ir.documents import DATASET, component, document, task

from trackside_server.pipelines.executor.context import Place, TaskContext
from trackside_server.pipelines.executor.importing import import_artifact
from trackside_server.pipelines.executor.inputs import (
    output_file,
    outputs_folder,
    parameter_file,
    resolved_inputs,
)
from trackside_server.pipelines.executor.outputs import collect
from trackside_server.pipelines.ir.model import (
    ArtifactType,
    Component,
    ComponentInput,
    Constant,
    Importer,
    OutputArtifact,
    Task,
)
from trackside_server.pipelines.machine.state import Reason, Values
from trackside_server.structs import replace


def context_for(root, kind="STRING", *, artifacts=False):
    gives = {} if artifacts else {"out": kind}
    say = component(gives=gives, gives_artifacts={"data": DATASET} if artifacts else {})
    pipeline = load_json(document({"say": task("comp-say")}, {"comp-say": say}))
    context = task_of(pipeline, root)
    outputs_folder(context).mkdir(parents=True)
    parameter_file(context, "out").parent.mkdir()
    return context


@pytest.fixture
def python_component(tmp_path):
    """A task whose code runs as whoever runs the server."""
    context = context_for(tmp_path / "run", artifacts=True)
    start = (
        'program_path=$(mktemp -d)\nprintf "%s" "$0" > "$program_path/ephemeral_component.py"\n'
        'python3 "$program_path/ephemeral_component.py" "$@"'
    )
    args = ("--executor_input", "{{$}}", "--function_to_execute", "main")
    executor = replace(context.executor, command=("sh", "-ec", start, "pass"), args=args)
    return replace(context, executor=executor)


def say(context, **said):
    output_file(context).write_text(json.dumps(said))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("STRING", " as it is \n", " as it is \n"),
        ("NUMBER_INTEGER", " 12\n", 12),
        ("NUMBER_INTEGER", "12.0", 12),
        ("NUMBER_INTEGER", "1000000000000000000000001", 1000000000000000000000001),
        ("NUMBER_DOUBLE", "1e-3\n", 0.001),
        ("NUMBER_DOUBLE", "3", 3.0),
        ("BOOLEAN", "True\n", True),
        ("BOOLEAN", "false", False),
        ("LIST", "[1, 2.5, null]\n", [1, 2.5, None]),
        ("STRUCT", '{"a": {"b": []}}', {"a": {"b": []}}),
    ],
)
def test_a_file_is_read_as_what_is_declared(tmp_path, kind, text, value):
    context = context_for(tmp_path, kind)
    parameter_file(context, "out").write_text(text)
    found = collect(context).parameters["out"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("NUMBER_INTEGER", "1.5"),
        ("NUMBER_INTEGER", ""),
        ("NUMBER_DOUBLE", "nan"),
        ("NUMBER_DOUBLE", "inf"),
        ("BOOLEAN", "1"),
        ("LIST", "{}"),
        ("LIST", "[NaN]"),
        ("STRUCT", "no"),
        ("STRUCT", "[" * 100_000),
    ],
)
def test_a_file_of_another_kind_fails_the_task_by_name(tmp_path, kind, text):
    context = context_for(tmp_path, kind)
    parameter_file(context, "out").write_text(text)
    reason = collect(context)
    assert reason.code == "OUTPUT_MISTYPED"
    assert reason.message.startswith("Output out is not what the component declares: ")


def test_what_python_says_wins_over_the_file(tmp_path):
    context = context_for(tmp_path, "NUMBER_INTEGER")
    parameter_file(context, "out").write_text("1")
    say(context, parameterValues={"out": 2.0, "undeclared": 3})
    assert collect(context) == Values({"out": 2}, {})
    say(context, parameterValues={"out": "2"})
    assert collect(context).code == "OUTPUT_MISTYPED"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"parameterValues": 1}', "[" * 100_000, "\x00"])
def test_a_damaged_file_of_outputs_is_said(tmp_path, text):
    context = context_for(tmp_path)
    output_file(context).write_text(text)
    assert collect(context).code == "OUTPUT_UNREADABLE"


def test_links_pipes_and_folders_in_place_of_files_are_refused(tmp_path):
    context = context_for(tmp_path)
    file = parameter_file(context, "out")
    file.symlink_to("/etc/hostname")
    assert collect(context).code == "OUTPUT_UNREADABLE"
    file.unlink()
    os.mkfifo(file)
    assert collect(context).code == "OUTPUT_UNREADABLE"
    file.unlink()
    file.mkdir()
    assert collect(context).code == "OUTPUT_UNREADABLE"
    file.rmdir()
    file.parent.rmdir()
    file.parent.symlink_to("/etc")
    assert collect(context).code == "OUTPUT_OUTSIDE"


def test_a_text_that_is_too_large_or_no_text_is_refused(tmp_path):
    context = context_for(tmp_path)
    file = parameter_file(context, "out")
    with file.open("wb") as out:
        out.truncate(17 * 2**20)
    assert collect(context).code == "OUTPUT_TOO_LARGE"
    file.write_bytes(b"\xff\xfe")
    assert collect(context).code == "OUTPUT_UNREADABLE"


@pytest.mark.parametrize(
    "uri",
    [
        "/etc/passwd",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "file://other/etc/passwd",
        "{folder}/../../../../outside",
        "file://{folder}/%2e%2e/%2e%2e/%2e%2e/%2e%2e/outside",
        "{folder}/link/inside",
        "relative/path",
        "{folder}/\0",
    ],
)
def test_an_artifact_that_lies_elsewhere_fails_the_task(tmp_path, uri):
    context = context_for(tmp_path / "run", artifacts=True)
    folder = outputs_folder(context)
    (folder / "link").symlink_to(tmp_path)
    say(context, artifacts={"data": {"artifacts": [{"uri": uri.replace("{folder}", str(folder))}]}})
    reason = collect(context)
    assert isinstance(reason, Reason)
    assert reason.code in ("OUTPUT_OUTSIDE", "BAD_URI")


def test_an_artifact_in_another_store_and_a_list_of_them_are_kept(tmp_path):
    context = context_for(tmp_path, artifacts=True)
    say(context, artifacts={"data": {"artifacts": [{"uri": "s3://b/a", "metadata": {"a": 1}}, {}]}})
    first, second = collect(context).artifacts["data"]
    assert (first.uri, first.metadata) == ("s3://b/a", {"a": 1})
    assert second.uri == f"file://{outputs_folder(context)}/data"
    assert first.artifact_id != second.artifact_id


def test_an_input_may_be_passed_on_but_nothing_beside_it(tmp_path):
    run, other = tmp_path / "run", tmp_path / "other"
    other.mkdir()
    for name in ("given", "beside"):
        (other / name).write_text(name)
    given = Values({}, {"in": (artifact(f"file://{other}/given"),)})
    context = replace(context_for(run, artifacts=True), inputs=given, place=Place(run, (other,)))
    say(context, artifacts={"data": {"artifacts": [{"uri": f"{other}/given"}]}})
    assert collect(context).artifacts["data"][0].uri == f"file://{other}/given"
    say(context, artifacts={"data": {"artifacts": [{"uri": f"{other}/beside"}]}})
    assert collect(context).code == "OUTPUT_OUTSIDE"


def test_large_folders_in_the_run_stay_where_they_were_written(tmp_path):
    context = context_for(tmp_path, artifacts=True)
    path = tmp_path / "say" / "1" / "model"
    path.mkdir()
    item = {"uri": str(outputs_folder(context) / "data"), "custom_path": str(path)}
    say(context, artifacts={"data": {"artifacts": [item]}})
    assert collect(context).artifacts["data"][0].uri == f"file://{path}"


def test_a_container_never_gets_a_file_of_this_machine_for_its_artifact(tmp_path):
    context = context_for(tmp_path / "run", artifacts=True)
    secret = tmp_path / "id_rsa"
    secret.write_text("secret")
    other = tmp_path / "run" / "other" / "1" / "outputs"
    other.mkdir(parents=True)
    for place in (secret, "/dev/zero", tmp_path / "gone", other):
        say(context, artifacts={"data": {"artifacts": [{"custom_path": str(place)}]}})
        reason = collect(context)
        assert reason.code == "OUTPUT_OUTSIDE"
        assert reason.message == (
            f"Output data was written to {place}, which the container does not share with this "
            "machine. Write it to data.path."
        )
    say(context, artifacts={"data": {"artifacts": [{"uri": str(other)}]}})
    assert collect(context).code == "OUTPUT_OUTSIDE"
    assert not (outputs_folder(context) / "data").exists()


def test_what_has_no_end_is_not_copied(python_component, tmp_path):
    context = python_component
    pipe, folder = tmp_path / "pipe", tmp_path / "folder"
    os.mkfifo(pipe)
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    for place in ("/dev/zero", pipe, folder):
        say(context, artifacts={"data": {"artifacts": [{"custom_path": str(place)}]}})
        reason = collect(context)
        assert reason.code == "OUTPUT_UNREADABLE"
        assert "is neither a file nor a folder" in reason.message


def test_what_a_link_leads_to_is_copied_for_a_python_component(python_component, tmp_path):
    (tmp_path / "model.bin").write_text("weights")
    (tmp_path / "link").symlink_to(tmp_path / "model.bin")
    item = {"custom_path": str(tmp_path / "link")}
    say(python_component, artifacts={"data": {"artifacts": [item]}})
    (found,) = collect(python_component).artifacts["data"]
    copied = outputs_folder(python_component) / "data"
    assert found.uri == f"file://{copied}"
    assert copied.read_text() == "weights"
    assert not copied.is_symlink()


@pytest.mark.parametrize(
    "said",
    [
        {"data": 1},
        {"data": {"artifacts": {}}},
        {"data": {"artifacts": [1]}},
        {"data": {"artifacts": [{"uri": 1}]}},
        {"data": {"artifacts": [{"metadata": []}]}},
        {"data": {"artifacts": [{"metadata": {"x": "y" * 5_000_000}}]}},
    ],
)
def test_what_is_said_of_an_artifact_and_cannot_be_is_refused_by_name(tmp_path, said):
    context = context_for(tmp_path, artifacts=True)
    say(context, artifacts=said)
    reason = collect(context)
    assert reason.code == "OUTPUT_UNREADABLE"
    assert reason.message.startswith("Output data cannot be kept: ")


def importer(root, source, *, again=False, metadata=None, **parameters):
    kind = ArtifactType("system.Dataset")
    return TaskContext(
        run=RUN,
        place=Place(root / "run", (root / "notebooks",)),
        task_id="t",
        path="importer",
        attempt=1,
        task=Task("importer", "importer", "comp"),
        component=Component("comp", output_artifacts={"artifact": OutputArtifact(kind)}),
        executor=Importer(source, kind, metadata or {}, again),
        inputs=Values(parameters),
    )


def test_an_importer_makes_an_artifact_of_what_is_there(tmp_path):
    (tmp_path / "notebooks").mkdir()
    data = tmp_path / "notebooks" / "data set.csv"
    data.write_text("1")
    context = importer(
        tmp_path, ComponentInput("uri"), metadata={"by": "{{$.pipeline_job_name}}"}, uri=str(data)
    )
    outputs = import_artifact(context)
    (found,) = outputs.artifacts["artifact"]
    assert found.uri == f"file://{tmp_path}/notebooks/data%20set.csv"
    assert found.metadata == {"by": "my run"}
    assert found.type.title == "system.Dataset"
    known = artifact(found.uri)
    assert import_artifact(context, {found.uri: known}).artifacts["artifact"] == (known,)
    again = replace(context, executor=replace(context.executor, again=True))
    assert import_artifact(again, {found.uri: known}).artifacts["artifact"] != (known,)
    remote = importer(tmp_path, Constant("gs://bucket/{{$.pipeline_job_uuid}}"))
    assert import_artifact(remote).artifacts["artifact"][0].uri == "gs://bucket/run-1"


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        (Constant("/etc/passwd"), "INPUT_OUTSIDE"),
        (Constant("file:///etc/passwd"), "INPUT_OUTSIDE"),
        (Constant("{{$.pipeline_root}}/gone"), "INPUT_MISSING"),
        (Constant(" "), "BAD_URI"),
        (ComponentInput("absent"), "BAD_URI"),
    ],
)
def test_an_importer_says_what_it_may_not_or_cannot_read(tmp_path, uri, code):
    assert import_artifact(importer(tmp_path, uri)).code == code


def test_an_input_that_lies_elsewhere_never_reaches_the_task(tmp_path):
    context = context_for(tmp_path)
    hostile = replace(context, inputs=Values({}, {"data": (artifact("file:///etc/passwd"),)}))
    with pytest.raises(Exception, match="Input data lies at /etc/passwd"):
        resolved_inputs(hostile)
    assert resolved_inputs(bind(context)) == Values()
