"""Scripts and notebooks on disk, looked at without running them."""

import json

import pytest

from trackside import TracksideError
from trackside._capture.params import check_names
from trackside._capture.static import capture_path, preview


@pytest.fixture
def write(tmp_path):
    def write(path, text=""):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write


def notebook(*cells, **metadata):
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": metadata,
            "cells": [
                {
                    "cell_type": "code",
                    "id": str(index),
                    "metadata": {"tags": tags},
                    "execution_count": index,
                    "outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}],
                    "source": source,
                }
                for index, (source, tags) in enumerate(cells)
            ],
        }
    )


def test_a_script_travels_with_its_modules_and_files(write):
    script = write("train.py", "import utils\nimport json\nopen('data.csv')\n")
    write("utils.py", "from lab import x")
    write("lab/__init__.py", "x = 1")
    write("data.csv", "1")
    write("unused.py")
    capture = capture_path(script)
    assert sorted(capture.contents) == ["data.csv", "lab/__init__.py", "train.py", "utils.py"]
    assert capture.entry == {"kind": "script", "source": "train.py"}
    assert capture.experiment == "train"


def test_a_script_below_the_root_keeps_its_place(write, tmp_path):
    script = write("scripts/train.py", "import helper\nimport shared\nopen('data.csv')\n")
    write("scripts/helper.py")
    write("shared.py")
    write("data.csv", "1")
    capture = capture_path(script, root=tmp_path)
    assert sorted(capture.contents) == [
        "data.csv",
        "scripts/helper.py",
        "scripts/train.py",
        "shared.py",
    ]
    assert capture.entry["source"] == "scripts/train.py"


def test_folders_that_a_script_puts_on_its_path_are_searched(write):
    script = write("train.py", "import sys\nsys.path.insert(0, 'src')\nimport lib\n")
    write("src/lib.py")
    assert sorted(capture_path(script).contents) == ["src/lib.py", "train.py"]


def test_a_notebook_travels_without_its_outputs(write):
    path = write("train.ipynb", notebook(("%matplotlib inline\nimport utils", []), ("!ls", [])))
    write("utils.py")
    capture = capture_path(path)
    assert sorted(capture.contents) == ["train.ipynb", "utils.py"]
    assert b"old" not in capture.contents["train.ipynb"]
    assert b"!ls" in capture.contents["train.ipynb"]
    assert capture.refused == []


def test_an_executed_notebook_is_the_same_bundle(write):
    path = write("train.ipynb", notebook(("1", [])))
    before = capture_path(path).bundle().digest
    executed = json.loads(path.read_text())
    executed["cells"][0]["execution_count"] = 99
    executed["cells"][0]["outputs"] = []
    path.write_text(json.dumps(executed))
    assert capture_path(path).bundle().digest == before


def test_a_preview_lists_files_refusals_and_params(write):
    source = "lr = 0.1  # learning rate\nepochs: int = 5\nname = f()\nlayers = (1, 2)\n"
    path = write("train.ipynb", notebook((source, ["parameters"]), ("open('big.csv')", [])))
    big = write("big.csv")
    with big.open("wb") as out:
        out.truncate(30_000_000)
    found = preview(path)
    assert [item["path"] for item in found["files"]] == ["train.ipynb"]
    assert found["refused"] == [
        {
            "name": "big.csv",
            "what": "30 MB",
            "why": "too large to travel unasked; "
            "add --file big.csv to send it, or read it by its absolute path",
        }
    ]
    assert found["params"] == [
        {"name": "lr", "default": 0.1, "help": "learning rate"},
        {"name": "epochs", "default": 5, "help": None},
        {"name": "layers", "default": [1, 2], "help": None},
    ]
    assert json.dumps(found)


def test_the_options_of_a_script_are_its_params(write):
    script = write(
        "train.py",
        "import argparse\np = argparse.ArgumentParser()\n"
        "p.add_argument('-l', '--learning-rate', type=float, default=0.1, help='step size')\n"
        "p.add_argument('--fast', action='store_true')\n"
        "p.add_argument('data')\np.add_argument('--seed')\n",
    )
    assert preview(script)["params"] == [
        {"name": "learning_rate", "default": 0.1, "help": "step size"},
        {"name": "fast", "default": False, "help": None},
        {"name": "seed", "default": None, "help": None},
    ]


def test_options_of_click_count_too(write):
    source = "import click\n@click.option('--lr', default=0.1)\ndef main(lr): pass\n"
    assert preview(write("train.py", source))["params"][0]["name"] == "lr"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("train.py", "x = 1\nif x\n", "train.py is not valid Python: line 2: "),
        ("train.ipynb", "{", "train.ipynb is not a notebook."),
        ("train.ipynb", "[]", "train.ipynb is not a notebook."),
        ("train.txt", "", "is neither a script nor a notebook."),
    ],
)
def test_what_is_not_code_is_told(write, name, text, message):
    with pytest.raises(TracksideError, match=message):
        capture_path(write(name, text))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(TracksideError, match=r"train\.py cannot be read: No such file"):
        capture_path(tmp_path / "train.py")


def test_a_notebook_of_another_language_travels(write):
    path = write("train.ipynb", notebook(("x <- c(1, 2)", [])))
    assert sorted(capture_path(path).contents) == ["train.ipynb"]


def test_nothing_is_run(write, tmp_path):
    script = write("train.py", f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    capture_path(script).bundle()
    assert not (tmp_path / "ran").exists()


def _noted(name):
    return [f"The parameters cell of train.ipynb has no {name!r}: it is set all the same."]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("lr", "epochs"), []),
        (("seed",), _noted("seed")),
        # Some cell uses it, so it is meant though it is spelt nearly like another one.
        (("epochs2",), _noted("epochs2")),
    ],
)
def test_a_value_without_a_name_in_the_parameters_cell_is_noted(write, given, told):
    cells = (("lr = 0.1\nepochs: int = 3", ["parameters"]), ("print(epochs, epochs2)", []))
    capture = capture_path(write("train.ipynb", notebook(*cells)))
    check_names(capture, given)
    assert capture.notes == told


def test_a_value_that_is_spelt_nearly_like_a_parameter_is_refused_with_what_is_meant(write):
    cells = (("learning_rate = compute()", ["parameters"]), ("print(learning_rate)", []))
    capture = capture_path(write("train.ipynb", notebook(*cells)))
    with pytest.raises(TracksideError) as caught:
        check_names(capture, ["learnig_rate"])
    assert caught.value.message == "The parameters cell of train.ipynb has no 'learnig_rate'."
    assert caught.value.hint.startswith("Did you mean 'learning_rate'?")


@pytest.mark.parametrize(
    ("cell", "given", "told"),
    [
        ("from defaults import lr, rate as decay", ("lr", "decay"), []),
        ("from defaults import lr", ("seed",), _noted("seed")),
        ("import presets.small", ("presets",), []),
        ("from defaults import *", ("seed",), []),
        ("def setup(seed):\n    epochs = 2\n    return epochs", ("epochs",), _noted("epochs")),
        ("sizes = [width for width in (1, 2)]", ("width",), _noted("width")),
    ],
)
def test_what_the_parameters_cell_imports_is_there_and_what_its_functions_set_is_not(
    write, cell, given, told
):
    capture = capture_path(write("train.ipynb", notebook((cell, ["parameters"]))))
    check_names(capture, given)
    assert capture.notes == told


@pytest.mark.parametrize(("cell", "tags"), [("lr = 0.1", []), ("let lr = 0.1", ["parameters"])])
def test_without_names_to_compare_with_every_value_is_taken(write, cell, tags):
    capture = capture_path(write("train.ipynb", notebook((cell, tags))))
    check_names(capture, ["lr2"])
    assert capture.notes == []
