"""Commands and the files that their words name."""

from __future__ import annotations

import pytest

from trackside import CannotTravel, TracksideError
from trackside._capture import capture_command


@pytest.fixture
def folder(tmp_path):
    program = tmp_path / "train"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return tmp_path


def files(capture):
    return sorted(capture.contents)


def test_a_program_of_the_folder_travels_and_may_be_executed_there(folder):
    (folder / "conf.yaml").write_text("lr: 1")
    capture = capture_command(["./train", "--config=conf.yaml", "--lr", "0.1"], folder=folder)
    assert files(capture) == ["conf.yaml", "train"]
    assert capture.entry == {"kind": "command", "executable": ["train"]}
    assert (capture.kind, capture.label, capture.experiment) == ("command", "./train", "train")
    assert set(capture.took) == {"train", "conf.yaml"}
    capture.bundle()


def test_a_program_of_the_machine_stays_there(folder):
    # Without a slash it is looked for on the PATH.
    assert files(capture_command(["train", "/bin/echo", "x"], folder=folder)) == []
    assert files(capture_command(["/bin/echo", "hello"], folder=folder)) == []
    capture_command(["nvidia-smi"], folder=folder).bundle()


def test_files_that_are_asked_for_travel_with_their_modes(folder):
    (folder / "tools").mkdir()
    for name, mode in (("step", 0o700), ("notes.txt", 0o644)):
        (folder / "tools" / name).write_text("x")
        (folder / "tools" / name).chmod(mode)
    capture = capture_command(["make", "all"], files=["tools", "train"], folder=folder)
    assert files(capture) == ["tools/notes.txt", "tools/step", "train"]
    assert capture.entry["executable"] == ["tools/step", "train"]


@pytest.mark.parametrize(
    "words",
    [
        ["torchrun", "--nproc-per-node", "2", "src/train.py", "--fast"],
        ["python", "-m", "src.train"],
    ],
)
def test_what_a_python_program_imports_travels_too(folder, words):
    (folder / "src").mkdir()
    (folder / "src" / "train.py").write_text("import helper\nopen('data.csv')\n")
    (folder / "src" / "helper.py").write_text("import deeper")
    (folder / "src" / "deeper.py").write_text("")
    (folder / "data.csv").write_text("1")
    found = files(capture_command(words, folder=folder))
    if "-m" in words:
        # Of a folder without __init__.py the module alone; its siblings are no neighbours of -m.
        assert found == ["data.csv", "src/train.py"]
    else:
        assert found == ["data.csv", "src/deeper.py", "src/helper.py", "src/train.py"]


@pytest.mark.parametrize("word", ["5", "../up", "/etc", "a b", "", "x" * 5000, "a\nb", "."])
def test_words_that_are_no_files_are_words(folder, word):
    assert files(capture_command(["grep", "-m", word, word], folder=folder)) == []


def test_a_script_that_is_no_python_is_left_to_its_own_run(folder):
    (folder / "old.py").write_text("print 1")
    assert files(capture_command(["python2", "old.py"], folder=folder)) == ["old.py"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["./gone"], "there is no such file"),
        (["../gone"], "there is no such file"),
        (["./plain"], "it may not be executed; run chmod +x ./plain"),
    ],
)
def test_a_program_that_could_never_start_is_refused(folder, words, said):
    (folder / "plain").write_text("x")
    with pytest.raises(CannotTravel, match=said.replace("+", r"\+")):
        capture_command(words, folder=folder).bundle()


@pytest.mark.parametrize("words", [[], [""], [" ", "x"]])
def test_a_command_has_a_program(folder, words):
    with pytest.raises(TracksideError, match="The command is empty"):
        capture_command(words, folder=folder)


def test_secrets_stay_here_and_are_no_part_of_the_label(folder):
    (folder / ".env").write_text("KEY=1")
    capture = capture_command(["./train", "x", "--token", "s3cr3t", ".env"], folder=folder)
    assert files(capture) == ["train"]
    assert any(".env looks like a secret" in note for note in capture.notes)
    assert capture.label == "./train x"
    assert len(capture_command(["echo", "x" * 500], folder=folder).label) == 60
