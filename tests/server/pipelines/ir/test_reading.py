"""What is uploaded is read as its writer meant it, and never costs more than it may."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile

import pytest
import yaml
from tests.server.pipelines.ir.documents import document

from trackside_server.errors import InvalidInput
from trackside_server.pipelines.ir import archives, yamltext
from trackside_server.pipelines.ir.parsing import load
from trackside_server.pipelines.ir.reading import of_json, read

TEXT = yaml.safe_dump(document()).encode()


def zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def zipped_as(compression):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as archive:
        archive.writestr("pipeline.yaml", TEXT)
    return data.getvalue()


def tarred(files):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return data.getvalue()


def refused(data):
    with pytest.raises(InvalidInput) as caught:
        read(data)
    return caught.value


@pytest.mark.parametrize(
    "data",
    [
        TEXT,
        b"\xef\xbb\xbf" + TEXT,
        b"# PIPELINE DEFINITION\n# Name: hello\n" + TEXT + b"---\n",
        json.dumps(document()).encode(),
        yaml.safe_dump(document(), default_flow_style=True).encode(),
        zipped({"pipeline.yaml": TEXT}),
        zipped({"folder/pipeline.yaml": TEXT, "README.md": b"", "__MACOSX/._pipeline.yaml": b"x"}),
        tarred({"pipeline.yaml": TEXT}),
        tarred({"./pipeline.yml": TEXT, "notes.txt": b"hello"}),
        tarred({"pipeline.json": json.dumps(document()).encode()}),
    ],
)
def test_a_pipeline_is_read_from_every_form_that_the_client_uploads(data):
    assert load(data).name == "hello"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        # Texts of YAML 1.2 that YAML 1.1 takes for something else.
        *((text, text) for text in ("on", "yes", "n", "1:30", "2026-01-02", "1_000", "0123", "=")),
        # What the SDK writes without quotes because PyYAML reads it as text.
        *((text, text) for text in ("1e3", "1.5e3", "0o17", ".", "nan", ".inf", "..1")),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("5", 5),
        ("-7", -7),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("3.0", 3.0),
        ("1.0e+20", 1e20),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("! 5", "5"),
        ('"\\u00e9\\n"', "é\n"),
    ],
)
def test_plain_words_are_what_all_writers_of_yaml_mean_by_them(written, read):
    found = yamltext.load_all(f"v: {written}\n")[0]["v"]

    assert repr(found) == repr(read)


@pytest.mark.parametrize(
    "value",
    [
        "on",
        "1e3",
        "1.5e3",
        "5",
        "5.0",
        "0x1f",
        "~",
        "",
        "2026-01-02",
        "1:30",
        " a",
        "a\n b",
        "é\u2028",
    ],
)
def test_every_text_that_the_sdk_writes_is_read_again(value):
    written = yaml.dump({"v": value, "n": 5, "f": 3.0, "big": 1e20, "none": None, "yes": True})

    assert yamltext.load_all(written) == [yaml.safe_load(written)]


def test_yaml_is_read_the_same_where_pyyaml_has_no_c_library(monkeypatch):
    written = TEXT + b"---\nplatforms: {kubernetes: {on: &a [1, 'x', ~, !!str 5], off: *a}}\n"
    fast = read(written)

    monkeypatch.delattr(yaml, "CSafeLoader")

    assert read(written) == fast
    assert refused(b"[" * 5000).reason == "TOO_LARGE"
    assert refused(b"a: [1, 2").message.startswith("The file is not valid YAML in line 1, column 9")
    assert refused(b"a: \x00").reason == "NOT_READABLE"


def test_aliases_are_read_and_count_as_often_as_they_are_used():
    assert yamltext.load_all("a: &x [1, 2]\nb: *x\nc: [*x, *x]")[0]["c"] == [[1, 2], [1, 2]]

    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert refused("\n".join(lines).encode()).reason == "TOO_LARGE"
    text = f"a: &a {'x' * 1_000_000}\nb: [{', '.join(['*a'] * 1000)}]"
    assert refused(text.encode()).reason == "TOO_LARGE"
    deep = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 120))]
    assert "more than 100 deep" in refused("\n".join(deep).encode()).message


@pytest.mark.parametrize(
    ("data", "code", "told"),
    [
        (b"", "NO_PIPELINE", "The file is empty."),
        (b"# nothing\n---\n", "NO_PIPELINE", "The file is empty."),
        (b"name: CI\njobs: {}\n", "NO_PIPELINE", "The file is no compiled pipeline."),
        (b"just text", "NO_PIPELINE", "The file is no compiled pipeline."),
        (b"- 1\n- 2", "NO_PIPELINE", "The file is no compiled pipeline."),
        (TEXT + b"---\n" + TEXT, "NO_PIPELINE", "The file holds 2 pipelines and 0 documents"),
        (b"platforms: {}\n", "NO_PIPELINE", "The file holds no pipelines and 1 documents"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "NOT_READABLE", "neither text nor an archive"),
        (b"a: [1, 2", "NOT_READABLE", "not valid YAML in line 2, column 1"),
        (b"a: 1\na: 2", "NOT_READABLE", 'in line 2, column 1: the key "a" is there twice'),
        (b"? [1]\n: 2", "NOT_READABLE", "a key has to be a text"),
        (b"a: !!python/object:os.system x", "NOT_READABLE", "is not allowed"),
        (b"a: !!binary aGVsbG8=", "NOT_READABLE", "is not allowed"),
        (b"a: *b", "NOT_READABLE", 'the alias "b" stands for nothing'),
        (b"a: &a [*a]", "NOT_READABLE", 'the alias "a" stands for nothing'),
        (b"a: \x00", "NOT_READABLE", "NUL"),
        (b"[" * 5000, "NOT_READABLE", "exceeded maximum nesting depth"),
        (b"[" * 500, "TOO_LARGE", "more than 100 deep"),
        (b'{"a":' * 5000, "TOO_LARGE", "more than 100 deep"),
        (b"- x\n" * 300_001, "TOO_LARGE", "more than 300,000 values"),
        (b"PK\x03\x04 nothing", "NOT_READABLE", "The archive is damaged"),
        (b"\x1f\x8b nothing", "NOT_READABLE", "The archive is damaged"),
        (tarred({"p.yaml": TEXT})[:-200], "NOT_READABLE", "The archive is damaged"),
        (zipped_as(zipfile.ZIP_LZMA), "NOT_READABLE", "damaged or of a kind that is not read"),
        (gzip.compress(TEXT), "NOT_READABLE", "damaged or of a kind that is not read"),
        (zipped({}), "NO_PIPELINE", "The archive holds no YAML files"),
        (zipped({"a.yaml": TEXT, "b.yaml": TEXT}), "NO_PIPELINE", "The archive holds 2 YAML files"),
        (tarred({"a.txt": TEXT}), "NO_PIPELINE", "The archive holds no YAML files"),
        (zipped({f"{n}.txt": b"" for n in range(101)}), "NO_PIPELINE", "no YAML files"),
        (
            b"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n",
            "V1_PIPELINE",
            "apiVersion: This is an Argo workflow, as version 1 of the KFP SDK compiles",
        ),
        (
            b"apiVersion: pipelines.kubeflow.org/v2beta1\nkind: PipelineVersion\n",
            "NO_PIPELINE",
            "apiVersion: This is a Kubernetes object, not the pipeline itself.",
        ),
    ],
)
def test_what_is_no_pipeline_is_refused(data, code, told):
    error = refused(data)

    assert error.reason == code
    assert told in error.message


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_that_unpacks_to_gigabytes_is_left_unread(pack, monkeypatch):
    monkeypatch.setattr(archives, "MAX_FILE", 1_000_000)

    error = refused(pack({"pipeline.yaml": b"# " + b"x" * 5_000_000}))

    assert error.reason == "TOO_LARGE"
    assert refused(b"# " + b"x" * 5_000_000).reason == "TOO_LARGE"


@pytest.mark.parametrize("value", [None, 3, "text", [], {"pipeline_spec": None}])
def test_a_request_without_a_pipeline_is_refused(value):
    with pytest.raises(InvalidInput):
        of_json(value)
