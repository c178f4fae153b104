"""What KFP's client sees of a run: at the server itself, or through one that stands before it."""

import json
import os

import kfp

client = kfp.Client(existing_token=os.environ["KFP_TOKEN"])
run = client.wait_for_run_completion(os.environ["RUN_ID"], timeout=60, sleep_duration=1)
reference = run.pipeline_version_reference
version = client.get_pipeline_version(reference.pipeline_id, reference.pipeline_version_id)
pipeline = client.get_pipeline(reference.pipeline_id)
assert client.get_pipeline_id(pipeline.display_name) == pipeline.pipeline_id
added = client.upload_pipeline(os.environ["FILE"], pipeline_name="added by the client")
client.upload_pipeline_version(os.environ["FILE"], "second", pipeline_id=added.pipeline_id)
assert client.list_pipeline_versions(added.pipeline_id).total_size == 2
recurring = client.create_recurring_run(
    run.experiment_id,
    "often",
    cron_expression="0 0 0 1 1 *",
    pipeline_id=added.pipeline_id,
    version_id=client.list_pipeline_versions(added.pipeline_id)
    .pipeline_versions[0]
    .pipeline_version_id,
)
client.disable_recurring_run(recurring.recurring_run_id)
assert client.get_recurring_run(recurring.recurring_run_id).status == "DISABLED"
client.delete_recurring_run(recurring.recurring_run_id)
for one in client.list_pipeline_versions(added.pipeline_id).pipeline_versions:
    client.delete_pipeline_version(added.pipeline_id, one.pipeline_version_id)
client.delete_pipeline(added.pipeline_id)
states = {task.display_name: task.state for task in run.run_details.task_details}
print(
    json.dumps(
        {
            "state": run.state,
            "name": pipeline.display_name,
            "arguments": run.runtime_config.parameters,
            "spec": version.pipeline_spec,
            "states": states,
        }
    )
)
