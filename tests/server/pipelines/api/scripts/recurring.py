"""Lets runs recur by KFP's client."""

import json
import os
import sys
import time
from pathlib import Path

import kfp
import kfp_server_api
from kfp import compiler

sys.path.insert(0, os.environ["SAMPLES"])
import constructs

file = Path(os.environ["FOLDER"]) / "chain.yaml"
compiler.Compiler().compile(constructs.chain, str(file))
client = kfp.Client(existing_token=os.environ["KFP_TOKEN"])
experiment = client.create_experiment(f"recurring {kfp.__version__}")


def create(name, **schedule):
    return client.create_recurring_run(
        experiment.experiment_id, name, pipeline_package_path=str(file), **schedule
    )


def started(one):
    predicate = {"operation": 1, "key": "recurring_run_id", "stringValue": one.recurring_run_id}
    listed = client.list_runs(filter=json.dumps({"predicates": [predicate]}), sort_by="created_at")
    return listed.runs or []


each_second = create("each second", cron_expression="* * * * * *", params={"start": 3})
assert (each_second.status, each_second.max_concurrency) == ("ENABLED", "1")
deadline = time.monotonic() + 60
while len(runs := started(each_second)) < 2:
    assert time.monotonic() < deadline, client.get_recurring_run(each_second.recurring_run_id)
    time.sleep(0.1)
client.disable_recurring_run(each_second.recurring_run_id)
assert client.get_recurring_run(each_second.recurring_run_id).status == "DISABLED"
first, second = (client.wait_for_run_completion(one.run_id, 60, 0.1) for one in runs[:2])
assert (first.state, second.state) == ("SUCCEEDED", "SUCCEEDED")
assert first.runtime_config.parameters == {"start": 3}
# One at a time: the second was created when the first was over.
assert first.finished_at <= second.created_at
assert (second.scheduled_at - first.scheduled_at).total_seconds() >= 1

later = create(
    "later",
    interval_second=3600,
    start_time="2100-01-01T00:00:00Z",
    end_time="2101-01-01T00:00:00Z",
    max_concurrency=3,
    no_catchup=True,
    enabled=False,
)
kept = client.get_recurring_run(later.recurring_run_id)
assert kept.trigger.periodic_schedule.interval_second == "3600"
assert kept.trigger.periodic_schedule.start_time.year == 2100
assert (kept.status, kept.no_catchup, kept.max_concurrency) == ("DISABLED", True, "3")
client.enable_recurring_run(later.recurring_run_id)
listed = client.list_recurring_runs(
    experiment_id=experiment.experiment_id, sort_by="display_name desc"
)
assert [one.display_name for one in listed.recurring_runs] == ["later", "each second"]
assert [one.status for one in listed.recurring_runs] == ["ENABLED", "DISABLED"]
for one in (each_second, later):
    client.delete_recurring_run(one.recurring_run_id)
assert client.list_recurring_runs(experiment_id=experiment.experiment_id).recurring_runs is None
assert len(started(each_second)) >= 2

for wrong in (
    {"cron_expression": "0 6 * * *"},
    {"interval_second": -5},
    {"cron_expression": "0 0 6 * * *", "max_concurrency": 1000},
    {"cron_expression": "0 0 6 * * *", "params": {"start": "many"}},
):
    try:
        create("wrong", **wrong)
    except kfp_server_api.ApiException as error:
        assert error.status == 400, error
    else:
        raise AssertionError(f"{wrong} was not refused.")

print(json.dumps({"runs": len(runs)}))
