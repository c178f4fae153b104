"""What a user of KFP does with its client, in one sitting: all but the control flow."""

import json
import os
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import kfp
import kfp_server_api
from kfp import compiler

sys.path.insert(0, os.environ["SAMPLES"])
import constructs

folder = Path(os.environ["FOLDER"])
version = kfp.__version__
client = kfp.Client(existing_token=os.environ["KFP_TOKEN"])


def refused(call, *arguments, **named):
    """Give status and body of the error that a call ends with."""
    try:
        call(*arguments, **named)
    except kfp_server_api.ApiException as error:
        body = json.loads(error.body)
        assert body.keys() == {"code", "message", "details"}, body
        return error.status, body["code"], body["message"]
    raise AssertionError(f"{call.__name__} was not refused.")


def named(key, value, operation="EQUALS", kind="stringValue"):
    predicate = {"operation": operation, "key": key, kind: value}
    return json.dumps({"predicates": [predicate]})


# Experiments are those of tracking.
experiment = client.create_experiment(f"digits {version}", description="Small ones.")
assert client.create_experiment(experiment.display_name).experiment_id == experiment.experiment_id
found = client.get_experiment(experiment_name=experiment.display_name)
assert (found.experiment_id, found.description) == (experiment.experiment_id, "Small ones.")
assert found.storage_state == "AVAILABLE"
listed = client.list_experiments(page_size=1, sort_by="created_at desc").experiments
assert [one.display_name for one in listed] == [experiment.display_name]
assert client.get_experiment(experiment_name="Default").experiment_id
client.archive_experiment(experiment.experiment_id)
assert client.get_experiment(experiment.experiment_id).storage_state == "ARCHIVED"
archived = client.list_experiments(filter=named("storage_state", "ARCHIVED")).experiments
assert experiment.experiment_id in [one.experiment_id for one in archived]
client.unarchive_experiment(experiment.experiment_id)
assert refused(client.get_experiment, "12345")[:2] == (404, 5)

# Pipelines and their versions.
file = folder / "chain.yaml"
compiler.Compiler().compile(constructs.chain, str(file))
name = f"chain {version}"
pipeline = client.upload_pipeline(str(file), pipeline_name=name, description="Three tasks.")
assert (pipeline.display_name, pipeline.description) == (name, "Three tasks.")
assert refused(client.upload_pipeline, str(file), pipeline_name=name)[:2] == (409, 6)
with zipfile.ZipFile(folder / "chain.zip", "w") as archive:
    archive.write(file, "pipeline.yaml")
with tarfile.open(folder / "chain.tar.gz", "w:gz") as archive:
    archive.add(file, "pipeline.yaml")
versions = [
    client.upload_pipeline_version(
        str(folder / f"chain.{ending}"), f"as {ending}", pipeline_id=pipeline.pipeline_id
    )
    for ending in ("zip", "tar.gz")
]
assert refused(
    client.upload_pipeline_version, str(file), "as zip", pipeline_id=pipeline.pipeline_id
)[:2] == (409, 6)
assert client.get_pipeline_id(name) == pipeline.pipeline_id
assert client.get_pipeline(pipeline.pipeline_id).display_name == name
page = client.list_pipeline_versions(pipeline.pipeline_id, page_size=2, sort_by="display_name")
assert [one.display_name for one in page.pipeline_versions] == ["as tar.gz", "as zip"]
assert (page.total_size, bool(page.next_page_token)) == (3, True)
rest = client.list_pipeline_versions(
    pipeline.pipeline_id, page_token=page.next_page_token, page_size=2, sort_by="display_name"
)
assert [one.display_name for one in rest.pipeline_versions] == [name]
assert rest.next_page_token is None
alike = client.list_pipelines(filter=named("display_name", "chain", 9)).pipelines
assert pipeline.pipeline_id in [one.pipeline_id for one in alike]
spec = client.get_pipeline_version(pipeline.pipeline_id, versions[0].pipeline_version_id)
assert spec.pipeline_spec["pipelineInfo"]["name"] == "chain"
broken = folder / "broken.yaml"
broken.write_text(file.read_text().replace("comp-add-2", "comp-gone", 1))
status, code, message = refused(
    client._upload_api.upload_pipeline, str(broken), name=f"broken {version}"
)
assert (status, code) == (400, 3), message
assert message.startswith("root.dag.tasks.add-2."), message

# Runs, of a file and of a version.
made = client.create_run_from_pipeline_package(
    str(file),
    {"start": 5, "name": 'the "last"'},
    run_name=f"first {version}",
    experiment_name=experiment.display_name,
    enable_caching=False,
)
second = client.run_pipeline(
    experiment.experiment_id,
    f"second {version}",
    params={"start": 1},
    pipeline_id=pipeline.pipeline_id,
    version_id=versions[1].pipeline_version_id,
)
done = client.wait_for_run_completion(made.run_id, timeout=60, sleep_duration=0.1)
assert done.state == "SUCCEEDED"
assert done.finished_at >= done.created_at
assert [one.state for one in done.state_history] == ["PENDING", "RUNNING", "SUCCEEDED"]
assert done.runtime_config.parameters == {"start": 5, "name": 'the "last"'}
tasks = {one.display_name: one for one in done.run_details.task_details}
assert {"chain", "add", "add-2", "halve", "tell"} <= tasks.keys()
assert all(one.state == "SUCCEEDED" for one in tasks.values())
again = client.wait_for_run_completion(second.run_id, timeout=60, sleep_duration=0.1)
assert again.state == "SUCCEEDED"
assert again.pipeline_version_reference.pipeline_id == pipeline.pipeline_id
assert again.pipeline_spec is None
page = client.list_runs(
    experiment_id=experiment.experiment_id, sort_by="created_at desc", page_size=1
)
assert ([one.run_id for one in page.runs], page.total_size) == ([second.run_id], 2)
rest = client.list_runs(
    experiment_id=experiment.experiment_id,
    sort_by="created_at desc",
    page_size=1,
    page_token=page.next_page_token,
)
assert [one.run_id for one in rest.runs] == [made.run_id]
by_name = client.list_runs(filter=named("display_name", f"first {version}"))
assert [one.run_id for one in by_name.runs] == [made.run_id]
assert client.list_runs(filter=named("display_name", "no such run")).runs is None
client.archive_run(made.run_id)
assert client.get_run(made.run_id).storage_state == "ARCHIVED"
shown = client.list_runs(
    experiment_id=experiment.experiment_id, filter=named("storage_state", "AVAILABLE")
)
assert [one.run_id for one in shown.runs] == [second.run_id]
client.unarchive_run(made.run_id)
client.delete_run(made.run_id)
assert refused(client.get_run, made.run_id)[:2] == (404, 5)

# Arguments that do not fit are all told at once, and nothing runs.
branches = folder / "branches.yaml"
compiler.Compiler().compile(constructs.branches, str(branches))
wrong = refused(
    client.run_pipeline,
    experiment.experiment_id,
    "wrong",
    str(branches),
    {"flag": "perhaps", "colour": "red"},
)
assert wrong[:2] == (400, 3)
assert all(word in wrong[2] for word in ("n", "flag", "colour", "missing")), wrong
assert client.list_runs(filter=named("display_name", "wrong")).runs is None
assert refused(client.list_runs, filter="[]")[:2] == (400, 3)
assert refused(client.list_runs, sort_by="colour")[:2] == (400, 3)
assert refused(client.list_runs, page_token="nonsense")[:2] == (400, 3)

# A run is terminated, and goes on from there.
gate = folder / "gate"
slow = folder / "slow.yaml"
compiler.Compiler().compile(constructs.gated, str(slow))
gated = client.create_run_from_pipeline_package(
    str(slow), {"gate": str(gate)}, experiment_id=experiment.experiment_id
)


def until(state):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        run = client.get_run(gated.run_id)
        if run.state == state:
            return run
        time.sleep(0.05)
    raise AssertionError(f"{run.state} is not {state}: {run.error}")


until("RUNNING")
assert refused(client.delete_run, gated.run_id)[:2] == (409, 9)
client.terminate_run(gated.run_id)
assert until("CANCELED").finished_at
assert refused(client.terminate_run, gated.run_id)[:2] == (409, 9)
gate.touch()
client.runs.run_service_retry_run(gated.run_id)
until("SUCCEEDED")

# What is deleted is gone; the runs stay.
status, code, message = refused(client.delete_pipeline, pipeline.pipeline_id)
assert (status, code) == (400, 3), message
for one in client.list_pipeline_versions(pipeline.pipeline_id).pipeline_versions:
    client.delete_pipeline_version(pipeline.pipeline_id, one.pipeline_version_id)
client.delete_pipeline(pipeline.pipeline_id)
assert refused(client.get_pipeline, pipeline.pipeline_id)[:2] == (404, 5)
orphan = client.get_run(second.run_id)
assert orphan.pipeline_spec["pipelineInfo"]["name"] == "chain"
(again,) = client.list_runs(filter=named("run_id", second.run_id)).runs
assert again.pipeline_spec == orphan.pipeline_spec

print(json.dumps({"version": version}))
