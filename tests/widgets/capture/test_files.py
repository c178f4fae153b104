"""Which files travel."""

import pytest

from trackside import TracksideError


def test_local_modules_travel_with_those_that_they_import(notebook):
    notebook.write("utils.py", "import deeper\nfrom lab.models import cnn\n")
    notebook.write("deeper.py", "import json, numpy\n")
    notebook.write("unused.py", "")
    notebook.write("lab/__init__.py")
    notebook.write("lab/models/__init__.py")
    notebook.write("lab/models/cnn.py", "from ..config import C\n")
    notebook.write("lab/config.py", "C = 1\nimport extra\n")
    notebook.write("lab/data/names.txt", "x")
    notebook.write("lab/__pycache__/x.pyc", "x")
    notebook.write("lab/.hidden", "x")
    notebook.write("extra.py")
    notebook.run("import utils")
    assert notebook.files("utils") == [
        "deeper.py",
        "extra.py",
        "lab/__init__.py",
        "lab/config.py",
        "lab/data/names.txt",
        "lab/models/__init__.py",
        "lab/models/cnn.py",
        "utils.py",
    ]


@pytest.mark.parametrize(
    "source",
    [
        "import utils",
        "from utils import f",
        "def f():\n    import utils",
        "import importlib\nimportlib.import_module('utils')",
        "from utils import *",
    ],
)
def test_imports_of_the_cell_itself_count(notebook, source):
    notebook.write("utils.py", "f = 1")
    assert notebook.files(source) == ["utils.py"]


def test_modules_of_a_folder_without_init_travel_one_by_one(notebook):
    notebook.write("lab/a.py", "from . import b\nfrom lab import c")
    notebook.write("lab/b.py")
    notebook.write("lab/c.py")
    notebook.write("lab/d.py")
    notebook.run("import lab.a")
    assert notebook.files("lab.a") == ["lab/a.py", "lab/b.py", "lab/c.py"]


def test_modules_found_on_the_path_travel_under_their_import_name(notebook, tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "shared.py").write_text("x = 1")
    notebook.run("import sys; sys.path.append('../src')\nimport shared")
    assert notebook.files("shared.x") == ["shared.py"]


def test_installed_modules_and_the_standard_library_stay(notebook):
    notebook.run("import json, numpy, sklearn.datasets, trackside")
    assert notebook.files("json, numpy, sklearn.datasets, trackside") == []


def test_a_package_that_is_too_much_is_refused(notebook):
    notebook.write("big/__init__.py")
    notebook.write("big/data.bin", size=200_000_000)
    found = notebook.refused("import big")
    assert found["big"].startswith("big: package of 2 files, 200 MB — too much to send")


def test_a_module_with_a_syntax_error_travels_all_the_same(notebook):
    notebook.write("broken.py", "if")
    assert notebook.files("import broken") == ["broken.py"]


@pytest.mark.parametrize(
    "source",
    [
        "open('data/x.csv')",
        "from pathlib import Path\n(Path('data') / 'x.csv').read_text()",
        "from pathlib import Path\nPath('data', 'x.csv').open()",
        "from pathlib import Path\nPath('data').joinpath('x.csv').open()",
        "import os\nopen(os.path.join('data', 'x.csv'))",
        "D = 'data'\nimport os\nopen(os.path.join(D, 'x.csv'))",
        "from pathlib import Path\nD = Path('data')\nopen(D / 'x.csv')",
        "import pandas as pd\npd.read_csv('data/x.csv')",
        "train('./data/x.csv')",
    ],
)
def test_files_named_in_the_code_travel(notebook, source):
    notebook.write("data/x.csv", "1")
    notebook.write("data/other.csv", "1")
    notebook.run("def train(name): pass")
    assert notebook.files(source) == ["data/x.csv"]


def test_files_named_by_variables_and_functions_of_the_notebook_travel(notebook):
    notebook.write("data/x.csv", "1")
    notebook.write("y.csv", "1")
    notebook.run(
        "from pathlib import Path\nDATA = Path('data')\n"
        "def load():\n    return open('y.csv'), (DATA / 'x.csv').read_text()"
    )
    assert notebook.files("load()") == ["data/x.csv", "y.csv"]


@pytest.mark.parametrize(
    "source", ["open('missing.csv')", "open('/etc/hostname')", "open('../x')", "''", "open('.')"]
)
def test_what_is_not_below_the_folder_stays(notebook, source):
    (notebook.folder.parent / "x").write_text("x")
    assert notebook.files(source) == []


def test_a_file_that_is_written_stays(notebook):
    notebook.write("out.txt", "x")
    assert notebook.files("open('out.txt', 'w')") == []
    assert notebook.files("open('out.txt', mode='a')") == []


def test_a_large_file_that_is_opened_is_refused_with_its_size(notebook):
    notebook.write("big.csv", size=30_000_000)
    found = notebook.refused("import pandas as pd\npd.read_csv('big.csv')")
    assert found["big.csv"] == (
        "big.csv: 30 MB — too large to travel unasked; "
        "add --file big.csv to send it, or read it by its absolute path"
    )


def test_a_large_file_that_is_only_named_is_left_with_a_note(notebook):
    notebook.write("big.csv", size=30_000_000)
    capture = notebook.cell("names = ['big.csv']")
    capture.check()
    (note,) = capture.notes
    assert note.startswith("big.csv (30 MB) stays here; add --file big.csv to send it, or read it")


def test_a_folder_that_is_named_is_left_with_a_note(notebook):
    notebook.write("data/train/x.csv", "1")
    capture = notebook.cell("folder = 'data/train'")
    assert capture.notes == ["The folder data/train stays here; add --file data/train to send it."]


def test_files_asked_for_travel(notebook):
    for path in ("a.csv", "b.csv", "data/c.csv", "data/deep/d.txt", "data/.hidden", "e[1].txt"):
        notebook.write(path, "x")
    assert notebook.files("1", files=["a.csv"]) == ["a.csv"]
    assert notebook.files("1", files=["*.csv"]) == ["a.csv", "b.csv"]
    assert notebook.files("1", files=["data"]) == ["data/c.csv", "data/deep/d.txt"]
    assert notebook.files("1", files=["data/"]) == ["data/c.csv", "data/deep/d.txt"]
    assert notebook.files("1", files=["**/*.csv"]) == ["a.csv", "b.csv", "data/c.csv"]
    assert notebook.files("1", files=["e[1].txt", notebook.folder / "a.csv"]) == [
        "a.csv",
        "e[1].txt",
    ]
    assert notebook.files("1", files="a.csv") == ["a.csv"]


def test_a_large_file_travels_when_it_is_asked_for(notebook):
    notebook.write("big.csv", size=30_000_000)
    assert notebook.files("open('big.csv')", files=["big.csv"]) == ["big.csv"]


def test_a_file_that_is_not_there_or_outside_is_refused(notebook):
    (notebook.folder.parent / "x.csv").write_text("x")
    found = notebook.refused("1", files=["missing.csv", "../x.csv", "*.none"])
    assert "there is no such file" in found["missing.csv"]
    assert "there is no such file" in found["*.none"]
    outside = next(text for name, text in found.items() if name.endswith("/x.csv"))
    assert "read it in the job by its absolute path" in outside


SECRETS = [
    ".env",
    ".env.local",
    "server.pem",
    "id_rsa",
    "credentials.json",
    "credentials",
    "my-service-account.json",
    ".netrc",
    "secrets.yaml",
    ".aws/config",
    "private.key",
]


@pytest.mark.parametrize("name", SECRETS)
def test_files_with_secrets_never_travel_because_the_code_names_them(notebook, name):
    notebook.write(name, "x")
    capture = notebook.cell(f"open('{name}')")
    capture.check()
    assert name not in capture.contents
    assert capture.notes == [f"{name} looks like a secret and stays here; use --env for secrets."]


@pytest.mark.parametrize("name", [name for name in SECRETS if not name.startswith(".")])
def test_files_with_secrets_do_not_travel_in_folders_or_patterns(notebook, name):
    notebook.write(f"data/{name}", "x")
    notebook.write("data/x.csv", "x")
    assert notebook.files("1", files=["data"]) == ["data/x.csv"]
    assert notebook.files("1", files=["data/*"]) == ["data/x.csv"]


def test_a_secret_named_by_itself_is_the_users_decision(notebook):
    notebook.write(".env", "x")
    assert notebook.files("1", files=[".env"]) == [".env"]


def test_a_package_leaves_its_secrets_behind(notebook):
    notebook.write("lab/__init__.py")
    notebook.write("lab/key.pem", "x")
    capture = notebook.cell("import lab")
    assert "lab/key.pem" not in capture.contents
    assert capture.notes == ["lab/key.pem looks like a secret and stays here."]


def test_links_that_lead_out_are_refused(notebook):
    outside = notebook.folder.parent / "outside.txt"
    outside.write_text("x")
    (notebook.folder / "link.txt").symlink_to(outside)
    (notebook.folder / "mod.py").symlink_to(outside)
    (notebook.folder / "data").mkdir()
    (notebook.folder / "data" / "folder").symlink_to(notebook.folder.parent)
    assert "it leads out of the folder" in notebook.refused("open('link.txt')")["link.txt"]
    assert "it leads out of the folder" in notebook.refused("1", files=["link.txt"])["link.txt"]
    assert "leads out" in notebook.refused("1", files=["data"])["data/folder"]
    assert "leads out" in notebook.refused("import mod")["mod.py"]


def test_links_within_the_folder_travel_as_files(notebook):
    notebook.write("real.txt", "x")
    (notebook.folder / "link.txt").symlink_to("real.txt")
    bundle = notebook.cell("open('link.txt')").bundle()
    assert "link.txt" in bundle.contents


def test_a_folder_behind_a_link_works_as_notebook_folder(notebook, tmp_path, monkeypatch):
    notebook.write("utils.py", "x = 1")
    notebook.write("x.csv", "x")
    (tmp_path / "alias").symlink_to(notebook.folder)
    monkeypatch.chdir(tmp_path / "alias")
    monkeypatch.setenv("PWD", str(tmp_path / "alias"))
    assert notebook.files("import utils\nopen('x.csv')") == ["utils.py", "x.csv"]


def test_what_travels_is_told_in_a_few_words(notebook):
    notebook.write("utils.py", "x = 1\n" * 100)
    notebook.run("def load_split(): pass")
    capture = notebook.cell("import utils\nload_split()")
    assert capture.took == ["utils.py", "load_split"]
    assert capture.summary == "utils.py, load_split (1 file, 648 B)"


def test_a_file_that_cannot_be_read_is_told(notebook):
    notebook.write("x.csv", "x")
    capture = notebook.cell("open('x.csv')")
    (notebook.folder / "x.csv").unlink()
    with pytest.raises(TracksideError, match=r"x\.csv cannot be read: No such file"):
        capture.bundle()


def test_a_large_package_installed_for_development_is_left_in_its_place(notebook, tmp_path):
    source, site = tmp_path / "source", tmp_path / "site-packages"
    (source / "huge").mkdir(parents=True)
    (source / "huge" / "__init__.py").write_text("")
    with (source / "huge" / "data.bin").open("wb") as out:
        out.truncate(200_000_000)
    site.mkdir()
    (site / "_huge.pth").write_text(f"{source}\n")
    notebook.run(f"import sys; sys.path += [{str(source)!r}, {str(site)!r}]\nimport huge")
    capture = notebook.cell("huge")
    capture.check()
    assert list(capture.contents) == ["__trackside__/cell.py", "__trackside__/preamble.py"]
    assert capture.notes == [
        "huge (package of 2 files, 200 MB) stays here; the job imports it in its place."
    ]


def test_a_folder_with_too_many_files_is_refused_without_reading_on(notebook, monkeypatch):
    monkeypatch.setattr("trackside._capture.files.MAX_FILES", 10)
    monkeypatch.setattr("trackside._capture.modules.MAX_PACKAGE_FILES", 10)
    for number in range(20):
        notebook.write(f"many/{number}.txt")
    notebook.write("many/__init__.py")
    assert notebook.refused("1", files=["many"])["many"] == (
        "many: folder — more than 10 files; name those that are needed"
    )
    assert "package of more than 10 files" in notebook.refused("import many")["many"]
