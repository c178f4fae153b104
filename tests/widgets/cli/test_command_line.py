"""The command line against a real server that it finds by itself."""

from __future__ import annotations

import json
import signal


def read_until(stream, text):
    """Read lines until one holds a text."""
    for line in stream:
        if text in line:
            return line
    raise AssertionError(f"{text!r} did not come")


def test_a_script_is_submitted_with_options_and_its_name_is_the_answer(trackside_cli):
    done = trackside_cli("submit", "train.py", "--param", "lr=0.5", "--name", "plain")
    assert done.status == 0, done
    assert "plain" in done.out
    assert "trackside logs plain -f" in done.err


def test_waiting_shows_the_log_and_ends_as_the_job_does(trackside_cli):
    done = trackside_cli("submit", "train.py", "--param", "lr=0.5", "--wait")
    assert done.status == 0, done
    assert done.out == "".join(f"epoch={e} loss={0.5 / e:.4f}\n" for e in (1, 2, 3))
    assert "✓ SUCCEEDED" in done.err


def test_waiting_for_a_job_that_fails_ends_with_status_1_and_its_sentence(trackside_cli):
    done = trackside_cli("submit", "train.py", "--wait", "--", "--fail")
    assert done.status == 1, done
    assert "✕ FAILED" in done.err
    assert "the data is not there" in done.out


def test_a_command_follows_two_dashes(trackside_cli, server):
    program = server.notebooks / "tool"
    program.write_text('#!/bin/sh\necho "got $*"; cat notes.txt; exit 4\n')
    program.chmod(0o755)
    (server.notebooks / "notes.txt").write_text("taken along\n")
    done = trackside_cli(
        *("submit", "--name", "tool", "--file", "notes.txt", "--wait"),
        *("--", "./tool", "--lr", "0.1", "--", "x y"),
    )
    assert done.status == 1, done
    assert done.out == "got --lr 0.1 -- x y\ntaken along\n"
    assert "✕ FAILED  tool" in done.err
    assert "Exited with code 4" in done.err
    assert trackside_cli("logs", "tool", "--rank", "0").out == done.out


def test_nothing_to_submit_is_a_wrong_command_line(trackside_cli):
    for words in (("submit",), ("submit", "--gpus", "1"), ("submit", "--")):
        done = trackside_cli(*words)
        assert done.status == 2, done
        said = "trackside: Name a script or notebook, or write a command after a bare --.\n"
        assert done.err.startswith(said)
    missing = trackside_cli("submit", "./tool")
    assert missing.status == 1
    assert "neither a script nor a notebook. Give a .py or .ipynb, or" in missing.err


def test_json_is_all_that_standard_output_holds(trackside_cli):
    done = trackside_cli("submit", "train.py", "--wait", "--json", "--name", "as-json")
    job = json.loads(done.out)
    assert (job["name"], job["state"]) == ("as-json", "SUCCEEDED")
    assert job["name"] in [job["name"] for job in json.loads(trackside_cli("jobs", "--json").out)]
    (run,) = json.loads(trackside_cli("runs", "train", "-n", "1", "--json").out)
    assert run["metrics.loss"] == 0.1 / 3 or run["metrics.loss"] < 1
    assert run["run_id"]


def test_jobs_and_runs_are_plain_tables(trackside_cli):
    trackside_cli("submit", "train.py", "--param", "lr=0.25", "--wait", "--name", "tabled")
    jobs = trackside_cli("jobs", "train").out.splitlines()
    assert jobs[0].split()[:2] == ["STATE", "NAME"]
    assert any("✓ SUCCEEDED" in line and "tabled" in line for line in jobs)
    runs = trackside_cli("runs", "train", "--filter", "params.lr = '0.25'").out.splitlines()
    assert runs[0].split()[:3] == ["name", "status", "started"]
    assert len(runs) == 2
    assert "0.25" in runs[1]


def test_a_log_is_shown_whole_or_its_end(trackside_cli):
    trackside_cli("submit", "train.py", "--param", "lr=0.5", "--wait", "--name", "logged")
    whole = trackside_cli("logs", "logged").out
    assert whole == "".join(f"epoch={e} loss={0.5 / e:.4f}\n" for e in (1, 2, 3))
    assert trackside_cli("logs", "logged", "--tail", "1").out == "epoch=3 loss=0.1667\n"


def test_ctrl_c_stops_the_waiting_and_not_the_job(trackside_cli):
    process = trackside_cli.start(
        "submit", "train.py", "--wait", "--param", "sleep=600", "--name", "patient"
    )
    read_until(process.stdout, "epoch=3")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "patient goes on. Stop it with: trackside cancel patient" in err
    assert "Traceback" not in err
    (job,) = json.loads(trackside_cli("jobs", "--state", "running", "--json").out)
    assert job["name"] == "patient"
    assert trackside_cli("cancel", "patient").out == "Stopping patient.\n"
    followed = trackside_cli("logs", "patient", "-f")
    assert "⊘ CANCELED" in followed.err
    assert "has ended already: CANCELED" in trackside_cli("cancel", "patient").err


def test_a_reader_that_goes_away_is_no_error(trackside_cli, server):
    trackside_cli("submit", "train.py", "--wait", "--name", "piped")
    process = trackside_cli.start("logs", "piped")
    process.stdout.close()
    assert process.wait(120) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_what_does_not_exist_is_said_in_a_sentence_with_status_1(trackside_cli):
    for words, said in (
        (("submit", "nothing.py"), "There is no file nothing.py"),
        (("logs", "nothing"), "nothing"),
        (("cancel", "nothing"), "nothing"),
        (("cancel",), "No job is named."),
        (("runs", "nothing"), "There is no experiment 'nothing'. There is "),
        (("runs", "--filter", "metrics.loss <"), "trackside: "),
        (("jobs", "--state", "asleep"), "'asleep' is not a state of a job."),
        (("submit", "train.py", "--gpus", "64"), "GPU"),
        (("submit", "train.py", "--image", "a b"), "image has to be the name of an image"),
        (("submit", "train.py", "--queue", "Q"), "queue has to be the name of a queue"),
    ):
        done = trackside_cli(*words)
        assert done.status == 1, done
        assert done.out == ""
        assert said in done.err


def test_a_wrong_command_line_has_status_2(trackside_cli):
    done = trackside_cli("submit", "train.py", "--gpu", "1")
    assert done.status == 2
    assert done.err.startswith("trackside: There is no option --gpu. Did you mean --gpus?\n")


def test_without_a_server_it_is_said_what_to_do(trackside_cli, tmp_path):
    done = trackside_cli("jobs", JUPYTER_RUNTIME_DIR=str(tmp_path))
    assert done.status == 1
    assert done.err == (
        "trackside: No Trackside server was found. Start JupyterLab with Trackside installed, or "
        "set TRACKSIDE_URL and TRACKSIDE_TOKEN.\n"
    )


def test_an_environment_variable_is_passed_on_and_its_value_never_shown(trackside_cli, server):
    script = server.notebooks / "secret.py"
    script.write_text("import os\nassert os.environ['KEY'] == 's3cr3t'\n")
    done = trackside_cli("submit", "secret.py", "--env", "KEY", "--wait", "--json", KEY="s3cr3t")
    assert done.status == 0, done
    assert "s3cr3t" not in done.out + done.err + trackside_cli("runs", "--json").out
    missing = trackside_cli("submit", "secret.py", "--env", "NO_SUCH_KEY")
    assert missing.status == 1
    assert "NO_SUCH_KEY" in missing.err


def test_the_version_is_told(trackside_cli):
    assert trackside_cli("--version").out.startswith("trackside 0.")


def test_the_command_line_stays_light(server):
    import subprocess
    import sys

    code = (
        "import sys; from trackside._cli import main, commands;"
        "print(sorted({'pandas', 'IPython', 'numpy', 'tornado', 'ipywidgets', 'mlflow'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
