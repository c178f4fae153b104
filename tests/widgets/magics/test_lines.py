"""The lines of the magics: help, wrong options and completions, with no server anywhere."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.completer import provisionalcompleter

from trackside._client import reset_client
from trackside._magics import attach, completions, unload_ipython_extension
from trackside._magics.banner import banner

MAGICS = [
    ("cell", "train"),
    ("cell", "step"),
    ("line", "runs"),
    ("line", "experiments"),
    ("line", "models"),
    ("line", "jobs"),
    ("line", "logs"),
    ("line", "cancel"),
    ("line", "pipeline"),
]


@pytest.fixture(autouse=True)
def _no_server():
    reset_client()
    yield
    reset_client()


@pytest.mark.parametrize(("kind", "name"), MAGICS)
def test_a_question_mark_shows_what_a_magic_does_and_all_its_options(shell, kind, name):
    text = shell.magics_manager.magics[kind][name].__doc__
    percent = "%%" if kind == "cell" else "%"
    assert f"{percent}{name}" in text.splitlines()[2]
    assert "--help" in text


def test_help_shows_the_options_instead_of_running_the_cell(shell, capsys):
    for cell in ("%%train --help\n1/0", "%%train --gpus 1 -h\n1/0", "%train --help"):
        assert shell.run_cell(cell).success
        out = capsys.readouterr().out
        assert "%%train" in out
        assert "--param NAME=VALUE" in out.replace("<", "").replace(">", "")
        assert "--as NAME" in out


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%train --gpu 1\nx = 1", "There is no option --gpu. Did you mean --gpus?"),
        ("%%train --gpus 1.5\nx = 1", "1g.10gb; it got '1.5'."),
        ("%%train --gpus 2 x A100\nx = 1", "Put a value that has blanks into quotes."),
        ("%%train --on moon\nx = 1", "--on takes one of local, cluster; it got 'moon'."),
        ("%%train --name 'digits\nx = 1", "A quote is opened and not closed."),
        ("%%train --gpus 1\n\n", "There is no code below %%train to run."),
        ("%pipeline send --no-cache", "%pipeline send has no use for --no-cache."),
        ("%pipeline run digits.yaml", "%pipeline run has no use for 'digits.yaml'."),
        ("%pipeline runs -p lr=1", "%pipeline runs has no use for --param."),
        ("%pipeline --on kfp", "%pipeline show has no use for --on."),
        ("%train --gpus 1", "%%train stands in the first line of the cell that it runs"),
        ("%cancel", "Name the jobs to stop, as in %cancel digits-7. %jobs lists them."),
        ("%jobs --max none", "--max takes a whole number from 1 up; it got 'none'."),
    ],
)
def test_a_wrong_line_is_answered_by_a_sentence_without_a_traceback(shell, capsys, cell, said):
    result = shell.run_cell(cell)
    assert not result.success
    captured = capsys.readouterr()
    assert said in captured.out + captured.err
    assert "Traceback" not in captured.out + captured.err


def test_without_a_server_a_magic_says_so_in_a_sentence_without_a_traceback(shell, capsys):
    result = shell.run_cell("%jobs")
    assert not result.success
    out = capsys.readouterr().out
    assert out.strip().startswith("No Trackside server was found. Start JupyterLab")
    assert "Traceback" not in out


def test_loading_without_a_server_says_so_and_the_magics_are_there(shell, capsys):
    unload_ipython_extension(shell)
    shell.run_cell("%load_ext trackside")
    assert "Trackside · No Trackside server was found." in capsys.readouterr().out
    assert "train" in shell.magics_manager.magics["cell"]


def test_unloading_takes_the_magics_away(shell):
    unload_ipython_extension(shell)
    for kind, name in MAGICS:
        assert name not in shell.magics_manager.magics[kind]


def test_attaching_where_the_magics_are_already_changes_nothing(shell):
    before = dict(shell.magics_manager.magics["line"])
    attach()
    assert shell.magics_manager.magics["line"] == before


def test_importing_the_package_in_a_session_is_enough_to_have_the_magics():
    code = (
        "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance();"
        "import trackside; print('train' in s.magics_manager.magics['cell'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "True"


def complete(shell, line):
    """Return what the kernel would offer at the end of the first line of a cell."""
    with provisionalcompleter():
        found = shell.Completer.completions(f"{line}\nx = 1", len(line))
        return [completion.text for completion in found]


def test_options_are_completed_in_the_first_line_of_a_cell(shell):
    assert complete(shell, "%%train --g") == ["--gpus"]
    assert sorted(complete(shell, "%%train --param lr=1 --t")) == ["--tag", "--time-limit"]


def test_an_option_that_can_be_given_once_is_not_offered_again(shell):
    assert "--gpus" not in complete(shell, "%%train --gpus 1 --g")
    assert complete(shell, "%%train --param lr=1 --p") == ["--param", "--python"]


def test_the_options_of_the_cluster_are_completed(shell):
    assert complete(shell, "%%train --im") == ["--image"]
    assert complete(shell, "%%train --qu") == ["--queue"]
    assert complete(shell, "%logs digits-7 --ra") == ["--rank"]


class Known:
    """A server with a cluster."""

    def api(self, method, path, **_):
        return {
            "info": {"runners": [{"name": "local"}, {"name": "cluster"}]},
            "cluster": {
                "gpus": [{"type": "A100-80GB"}, {"type": "1g.10gb"}],
                "queues": [{"name": "team-a"}, {"name": "team-b"}],
                "runtimes": [{"name": "torch-distributed"}],
            },
        }[path]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("%%train --on ", ["cluster", "local"]),
        ("%%train --on c", ["cluster"]),
        ("%%train --queue team-", ["team-a", "team-b"]),
        ("%%train --runtime t", ["torch-distributed"]),
        ("%%train --gpus A", ["A100-80GB"]),
    ],
)
def test_what_the_cluster_has_is_completed(shell, monkeypatch, line, found):
    monkeypatch.setattr(completions, "get_client", Known)
    monkeypatch.setattr(completions, "_asked", {})
    assert sorted(complete(shell, line)) == found


def test_the_greeting_names_the_cluster_beside_this_machine():
    info = {
        "runners": [
            {"name": "local", "label": "this machine", "cpus": 2, "gpus": []},
            {"name": "cluster", "label": "team-a", "cpus": None, "gpus": []},
        ]
    }
    assert banner(info) == "Trackside · runs on this machine (2 CPUs, no GPU) or team-a"


def test_states_are_completed(shell):
    assert complete(shell, "%jobs --state r") == ["running"]


def test_completion_stays_silent_when_there_is_no_server(shell, capsys):
    assert complete(shell, "%logs dig") == []
    assert capsys.readouterr() == ("", "")
