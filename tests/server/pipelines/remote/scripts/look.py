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
