"""The magics in a real kernel of a real server: from a cell to its run."""

from __future__ import annotations

import json
import re
import sys

MIME = "application/vnd.trackside.v1+json"

TRAINING = """
for epoch in range(1, epochs + 1):
    print(f"epoch={epoch}/{epochs} loss={lr / epoch:.4f}")
"""

ENDLESS = """
import time
print("started", flush=True)
while True:
    time.sleep(0.1)
"""


def test_loading_the_extension_greets_with_one_line_that_says_where_jobs_run(notebook):
    data = notebook.run("%load_ext trackside").data
    assert re.fullmatch(r"Trackside · runs on this machine \(\d+ CPUs?, .+\)", data["text/plain"])
    assert data[MIME] == {"kind": "banner", "text": data["text/plain"]}


def test_a_cell_becomes_a_job_whose_output_is_renewed_until_it_has_ended(notebook):
    shown = notebook.run(f"%%train --param lr=0.5 --param epochs=3\n{TRAINING}")
    data = shown.data
    ids = data[MIME]
    assert ids["kind"] == "job"
    assert ids["name"] == "digits-1"
    assert set(ids) == {"kind", "job_id", "run_id", "name"}
    assert "digits-1" in data["text/html"]
    last = notebook.until_updated(shown.display_id, "SUCCEEDED")
    assert last[MIME] == ids
    assert "loss 0.1667" in last["text/plain"]
    assert "<svg" in last["text/html"]
    assert "as of" not in last["text/html"]


def test_the_job_is_the_result_of_the_cell_and_has_the_name_that_was_given(notebook):
    notebook.run("%%train --as job --param epochs=1 --param lr=1\n" + TRAINING)
    assert notebook.ask("job.wait(progress=False).name, job.params, _ is job or type(_)") == (
        "('digits-2', {'epochs': 1, 'lr': 1}, True)"
    )


def test_variables_of_the_notebook_can_stand_in_the_line(notebook):
    notebook.run("rate, tag = 0.25, 'wide'")
    code = "%%train --as job --param lr={rate} --param epochs=1 --tag kind=$tag\n" + TRAINING
    assert notebook.run(code).error is None
    assert notebook.ask("job.params['lr'], job.run.tags['kind']") == "(0.25, 'wide')"


def test_jobs_logs_and_runs_answer_in_place(notebook):
    notebook.run("%%train --as job --param lr=0.5 --param epochs=2\n" + TRAINING)
    notebook.run("job.wait(progress=False)")
    jobs = notebook.run("%jobs digits --max 2").data
    assert jobs[MIME]["kind"] == "jobs"
    assert len(jobs[MIME]["job_ids"]) == 2
    assert "<table" in jobs["text/html"]
    assert notebook.run("%logs {job.name}").text == "epoch=1/2 loss=0.5000\nepoch=2/2 loss=0.2500\n"
    assert notebook.run("%logs {job.name} --tail 1").text == (
        "── the end of 44 B ──\nepoch=2/2 loss=0.2500\n"
    )
    (result,) = notebook.run("%runs digits --filter 'metrics.loss = 0.25' -n 1").results
    assert result["data"][MIME]["kind"] == "runs"
    assert "<table" in result["data"]["text/html"]
    assert "params.lr" in result["data"]["text/plain"]


def test_runs_of_an_experiment_are_its_live_table_and_a_frame_to_work_with(notebook):
    notebook.run("%%train --as job --param lr=0.5 --param epochs=2\n" + TRAINING)
    notebook.run("job.wait(progress=False)")
    (result,) = notebook.run("%runs digits").results
    assert result["data"][MIME]["kind"] == "experiment"
    assert notebook.run("found = %runs digits\nprint(found['metrics.loss'].min())").text
    # What is computed from it is an ordinary table, and so is the table itself once it is another.
    (result,) = notebook.run("found.head(1)").results
    assert MIME not in result["data"]
    (result,) = notebook.run("found['mine'] = 1\nfound").results
    assert MIME not in result["data"]
    assert "digits" in notebook.run("%experiments").results[0]["data"]["text/plain"]
    assert notebook.run("%models").results


def test_following_a_log_shows_it_to_its_end_and_how_the_job_ended(notebook):
    notebook.run("%%train --as job --param lr=0.5 --param epochs=2\n" + TRAINING)
    text = notebook.run("%logs {job.name} -f").text
    assert text.startswith("epoch=1/2 loss=0.5000\nepoch=2/2 loss=0.2500\n")
    assert "✓ SUCCEEDED" in text.splitlines()[-1]


def test_a_job_is_stopped_by_its_name(notebook):
    notebook.run("%%train --name endless\n" + ENDLESS)
    shown = notebook.run("%jobs --max 1")
    assert notebook.run("%cancel endless").text == "Stopping endless.\n"
    notebook.until_updated(shown.display_id, "CANCELED")
    assert notebook.run("%cancel endless").text == "endless has ended already: CANCELED.\n"


def test_a_failed_job_says_why_and_fails_the_cell_that_waited_for_it(notebook):
    notebook.run("%load_ext trackside")
    shown = notebook.run("%%train --wait\nx = 1\nraise ValueError('no such digit')")
    assert "ValueError" in shown.error
    assert "no such digit" in shown.error
    assert "Traceback" not in shown.error
    # Within the cell: nobody may run another one, as when a notebook is executed as a whole.
    last = shown.updates[-1]["data"]["text/plain"]
    assert "FAILED" in last
    assert "cell line 3" in last


def test_what_the_server_refuses_is_a_sentence_without_a_traceback(notebook):
    shown = notebook.run("%%train --gpus 64\nx = 1")
    assert shown.displays == []
    assert "GPU" in shown.error
    assert "Traceback" not in shown.error
    assert "There is no job" in notebook.run("%logs nosuchjob").error or ""


def test_the_value_of_an_environment_variable_is_in_no_output_and_a_secret_nowhere(notebook):
    notebook.run("import os; os.environ['SECRET_KEY'] = 's3cr3t-value'")
    shown = notebook.run(
        "%%train --as job --env SECRET_KEY --env OTHER=0ther-value\nimport os\n"
        "assert os.environ['SECRET_KEY'] == 's3cr3t-value'\nassert os.environ['OTHER']"
    )
    assert notebook.ask("job.wait(progress=False).state") == "'SUCCEEDED'"
    everything = json.dumps([shown.displays, notebook.run("%jobs").displays])
    assert "0ther" not in everything
    everything += notebook.ask("repr(job) + str(job.data) + str(job.run.tags)")
    assert "s3cr3t" not in everything


def test_a_sweep_is_shown_as_one_list_that_is_renewed(notebook):
    shown = notebook.run(
        "import trackside as ts\n"
        "def fit(lr):\n    print(f'loss={lr}')\n    return lr * 2\n"
        "jobs = [ts.submit(fit, params={'lr': lr}) for lr in (0.1, 0.2, 0.3)]\n"
        "ts.show(jobs)"
    )
    assert shown.data[MIME]["kind"] == "jobs"
    assert "lr=0.1" in shown.data["text/plain"]
    assert notebook.ask("[job.result(progress=False) for job in jobs]") == "[0.2, 0.4, 0.6]"
    assert notebook.run("ts.show(jobs)").data["text/plain"].count("SUCCEEDED") == 3


def test_runs_and_jobs_are_shown_by_object_and_by_name(notebook):
    notebook.run("%%train --name shown\nprint('loss=1')")
    notebook.run("import trackside as ts; job = ts.get_job('shown').wait(progress=False)")
    assert notebook.run("ts.show('shown')").data[MIME]["kind"] == "job"
    run = notebook.run("ts.show(job.run)").data
    assert run[MIME]["kind"] == "run"
    assert "loss" in run["text/html"]
    assert notebook.run("ts.show(job.run_id)").data[MIME] == run[MIME]
    assert "no job" in notebook.run("ts.show('nothing-like-it')").error.lower()


def test_names_of_jobs_and_experiments_are_completed(notebook):
    notebook.run("%%train --name completed\npass")
    assert notebook.complete("%logs comple") == ["completed"]
    assert notebook.complete("%cancel comple") == ["completed"]
    assert notebook.complete("%runs digi") == ["digits"]


def test_a_job_runs_in_the_python_of_its_notebook_unless_another_is_named(notebook, tmp_path):
    other = tmp_path / "python"
    other.symlink_to(sys.executable)
    code = "import sys; print(sys.executable)"
    notebook.run(f"%%train --as first\n{code}")
    notebook.run(f"%%train --as second --python {other}\n{code}")
    here = notebook.ask("__import__('sys').executable")
    assert notebook.ask("first.wait(progress=False).logs().strip()") == here
    assert notebook.ask("second.wait(progress=False).logs().strip()") == repr(str(other))
