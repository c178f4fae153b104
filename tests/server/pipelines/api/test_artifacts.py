"""What artifacts hold is shown as far as it is theirs, whatever a task put in its place."""

from __future__ import annotations

import os

import pytest
from tests.server.pipelines.executor.bench import artifact

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.pipelines.executor.places import to_uri
from trackside_server.pipelines.files import Entry, content_of, list_folder, open_file


@pytest.fixture
def folder(tmp_path):
    """What a task left, with all that does not belong there."""
    (tmp_path / "secret").write_text("secret")
    made = tmp_path / "run" / "out"
    (made / "weights").mkdir(parents=True)
    (made / "a.txt").write_text("hello")
    (made / "within").symlink_to("a.txt")
    (made / "out-of-it").symlink_to(tmp_path / "secret")
    (made / "loop").symlink_to("loop")
    os.mkfifo(made / "pipe")
    return made


@pytest.mark.parametrize(
    "uri",
    [
        "s3://bucket/data",
        "s3://[x",
        "file://other/data",
        "file:///etc/passwd",
        "file:///%00",
        "{folder}/gone",
        "{folder}/out-of-it",
        "{folder}/loop",
        "{folder}/" + "n" * 300,
        "nothing",
    ],
)
def test_content_that_is_elsewhere_or_gone_is_not_found_and_no_mistake_of_the_server(folder, uri):
    here = to_uri(folder)
    with pytest.raises(NotFound, match=r"^The (artifact|content) "):
        content_of(artifact(uri.replace("{folder}", here)), (folder,))


def test_an_artifact_of_any_name_is_found(folder):
    odd = folder / os.fsdecode(b"caf\xe9 100%")
    odd.write_text("x")
    assert list_folder(folder, "")[0][1] == Entry("caf\N{REPLACEMENT CHARACTER} 100%", 1)
    file, called = open_file(odd, "")
    file.close()
    assert called == "caf\N{REPLACEMENT CHARACTER} 100%"
    assert content_of(artifact(to_uri(odd)), (folder.parent,)) == odd
    assert content_of(artifact(to_uri(folder / "within")), (folder,)) == folder / "a.txt"


def test_of_a_folder_with_very_many_files_the_first_are_listed_and_the_others_counted(folder):
    for number in range(1200):
        (folder / "weights" / f"{number:04}").touch()
    listed, more = list_folder(folder, "weights")
    assert ([one.name for one in listed], more) == ([f"{n:04}" for n in range(1000)], 200)


def test_files_of_an_artifact_are_opened_and_nothing_else_is(folder):
    for below, name in (("a.txt", "a.txt"), ("within", "a.txt")):
        file, called = open_file(folder, below)
        with file:
            assert (file.read(), called) == (b"hello", name)
    file, called = open_file(folder / "a.txt", "")
    file.close()
    assert called == "a.txt"
    with pytest.raises(InvalidInput) as refused:
        open_file(folder, "")
    assert refused.value.reason == "FOLDER"
    for below in ("weights", "pipe", "out-of-it", "loop", "gone", "a.txt/b", "n" * 300):
        with pytest.raises(NotFound):
            open_file(folder, below)


def test_a_folder_tells_of_what_is_its_own(folder):
    assert list_folder(folder, "") == (
        [Entry("a.txt", 5), Entry("pipe", 0), Entry("weights", None), Entry("within", 5)],
        0,
    )
    assert list_folder(folder, "weights") == ([], 0)
    for below in ("a.txt", "pipe"):
        with pytest.raises(InvalidInput):
            list_folder(folder, below)
    for below in ("gone", "out-of-it"):
        with pytest.raises(NotFound):
            list_folder(folder, below)
