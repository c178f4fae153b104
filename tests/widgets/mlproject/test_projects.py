"""MLproject folders: what is read of them, what is refused, and jobs that run them."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trackside import TracksideError, run_project
from trackside._cli import main
from trackside._mlproject import arguments, reading, template

PROJECT = """
name: digits
entry_points:
  main:
    parameters:
      data: path
      lr: {type: float, default: 0.1}
      epochs: {type: int, default: 2}
      note: {type: string, default: "a 'b' $(id)"}
    command: "python train.py {data} --lr={lr} --note '{note}' \\"{note}\\" {epochs}"
  nothing:
    command: "echo ${{HOME}}"
"""
TRAIN = """
import json, sys
print("GOT", json.dumps(sys.argv[1:]))
print("loss=0.5")
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "MLproject").write_text(PROJECT)
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "data.csv").write_text("a,b\n")
    return tmp_path


_HOSTILE = '\'; touch hacked; echo "$(touch hacked)" `touch hacked` \\ * \n é'


@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.sampled_from(
        ["{x}", "'{x}'", '"{x}"', "a'b {x}'c", 'a"{x} "', "\\'{x}", "'\\'{x}", "{ x }"]
    ),
)
@example(_HOSTILE, "'{x}'")
@example(_HOSTILE, '"{x}"')
@example(_HOSTILE, "{x}")
def test_a_value_is_one_word_whatever_is_in_it_and_however_it_is_quoted(value, around):
    script, order = template.script(f"printf '[%s]' {around}", {"x"})
    assert order == ["x"]
    told, marked = (
        subprocess.run(["bash", "-c", script, "name", word], capture_output=True, check=True)
        for word in (value, "MARK")
    )
    assert told.stdout == marked.stdout.replace(b"MARK", value.encode())


def test_braces_and_variables_of_the_shell_stay(folder):
    project = reading.read(folder)
    assert template.script(project.entry_points["nothing"].command, ())[0] == "echo ${HOME}"
    assert template.script("echo ${HOME} {{a}}", ())[0] == "echo ${HOME} {a}"
    with pytest.raises(TracksideError, match=r"The command has \{b\}, which is no parameter"):
        template.script("echo {b}", ())


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({}, "The entry point main needs data. Add -P data=…."),
        ({"dat": "data.csv"}, "main needs data. Did you mean data where you wrote dat?"),
        ({"data": "nowhere.csv"}, "data is a path, and there is no nowhere.csv."),
        ({"data": "s3://b/c"}, "data is a path, and s3://b/c is an address. Download it first"),
        ({"data": "data.csv", "lr": "fast"}, "lr has to be a number; it got 'fast'."),
        ({"data": "data.csv", "lr": "inf"}, "lr has to be a number; it got 'inf'."),
        ({"data": "data.csv", "epochs": "1.5"}, "epochs has to be a whole number; it got '1.5'."),
    ],
)
def test_a_parameter_that_is_missing_or_of_another_type_is_said(folder, given_, said):
    project = reading.read(folder)
    with pytest.raises(TracksideError, match=re.escape(said)):
        arguments.complete(project, project.entry_points["main"], given_)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("docker_env: {image: x}", "asks for a docker_env, which jobs do not make. Submit its"),
        ("conda_env: c.yaml", "asks for a conda_env, which jobs do not make. Write what it"),
        ("entry_points: [a]", "entry_points in"),
        ("entry_points: {main: {parameters: {}}}", "entry_points.main.command in"),
        (
            "entry_points: {main: {command: x, parameters: {a: number}}}",
            "has to be one of the types string, float, int, path, uri.",
        ),
        ("name: [", "is not YAML in line"),
        ("- a", "holds no mapping."),
    ],
)
def test_what_a_file_cannot_say_is_refused_with_its_place(tmp_path, text, said):
    (tmp_path / "MLproject").write_text(text)
    with pytest.raises(TracksideError, match=re.escape(said)):
        reading.read(tmp_path)


def test_an_entry_point_that_is_not_there_and_an_address_are_refused(folder):
    with pytest.raises(
        TracksideError, match=r"digits has no entry point test\. It has: main, nothing"
    ):
        run_project(folder, entry_point="test")
    address = r"Clone it first: git clone https://example\.org/a\.git, look"
    with pytest.raises(TracksideError, match=address):
        run_project("https://example.org/a.git#part")


def test_a_folder_without_an_mlproject_file_is_told_as_such(tmp_path):
    with pytest.raises(TracksideError, match=r"has no file MLproject, .* as in -e train\.py"):
        run_project(tmp_path)


def test_a_project_with_a_conda_env_runs_with_what_is_here_where_that_is_asked_for(folder, server):
    (folder / "MLproject").write_text(f"conda_env: c.yaml\n{PROJECT}")
    with pytest.raises(TracksideError, match="or use --env-manager local"):
        run_project(folder, entry_point="nothing")
    job = run_project(folder, entry_point="nothing", env_manager="local").wait(progress=False)
    assert job.state == "SUCCEEDED"


def test_the_environment_lists_what_pip_installs(folder):
    (folder / "MLproject").write_text(f"python_env: env.yaml\n{PROJECT}")
    (folder / "env.yaml").write_text(
        "python: '3.11'\nbuild_dependencies: [pip]\ndependencies: ['-r req.txt', numpy>=1]\n"
    )
    (folder / "req.txt").write_text("# data\npandas>=2  # tables\n\nscipy\n")
    found = reading.read(folder).requirements
    assert found.python == "3.11"
    assert found.packages == ("pip", "pandas>=2", "scipy", "numpy>=1")


def test_an_entry_point_runs_as_a_job_with_its_parameters_as_params(folder, server):
    note = 'it\'s $(touch hacked) "x"'
    job = run_project(
        folder, params={"data": "data.csv", "lr": "0.5", "note": note, "seed": 3}
    ).wait(progress=False)
    assert f"GOT {_words('data.csv', '--lr=0.5', '--note', note, note, '2', '--seed', '3')}" in (
        job.logs()
    )
    assert job.params == {"data": "data.csv", "lr": 0.5, "epochs": 2, "note": note, "seed": "3"}
    assert job.run.metrics["loss"] == 0.5
    assert job.name.startswith("digits-")


def test_the_terminal_runs_a_file_in_an_environment_of_its_own(folder, server, capfd, monkeypatch):
    (folder / "MLproject").write_text(f"python_env: env.yaml\n{PROJECT}")
    (folder / "env.yaml").write_text("dependencies: []\n")
    (folder / "where.py").write_text("import sys\nprint('VENV', sys.prefix != sys.base_prefix)\n")
    (folder / "fail.sh").write_text("exit 3\n")
    assert main(["run", str(folder), "-e", "where.py", "--wait"]) == 0
    out = capfd.readouterr().out
    assert "Making the environment of the project in" in out
    assert "VENV True" in out
    assert main(["run", str(folder), "-e", "fail.sh", "--env-manager", "local", "--wait"]) == 1
    assert main(["run", str(folder), "-P", "lr=1"]) == 1
    assert "needs data" in capfd.readouterr().err


def _words(*words: str) -> str:
    return json.dumps(words)
