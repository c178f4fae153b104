"""Pipelines of container components on real pods: a Jupyter server for each module."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
import yaml
from tests.cluster.jobs.conftest import PATIENCE, Jobs, host_address, jobs, pods, room, serve
from tests.kfp_clients import NEWEST

__all__ = ["host_address", "jobs", "pods", "room", "serve"]

OVER = ("SUCCEEDED", "FAILED", "CANCELED", "SKIPPED")


class Runs:
    """The pipeline runs of one Jupyter server.

    Parameters
    ----------
    jobs
        Its jobs.
    compiled
        Pipelines by name.
    """

    def __init__(self, jobs: Jobs, compiled) -> None:
        self.jobs = jobs
        self.compiled = compiled
        self.server = jobs.server

    def ask(self, method, path, body=None):
        answer = self.server.request(method, f"trackside/apis/v2beta1/{path}", body)
        assert answer.status == 200, answer.text
        return answer.json if answer.body else None

    def start(self, pipeline, on="cluster", cached=False, **arguments):
        """Start a run; give its id."""
        documents = list(yaml.safe_load_all(self.compiled[pipeline]))
        spec = dict(zip(("pipeline_spec", "platform_spec"), documents, strict=False))
        return self.start_spec(
            spec if len(documents) > 1 else documents[0], on=on, cached=cached, **arguments
        )

    def start_spec(self, spec, on="cluster", cached=False, **arguments):
        """Start a run of what was compiled; give its id."""
        body = {
            "display_name": "a run",
            "pipeline_spec": spec,
            "runtime_config": {"parameters": arguments},
            "trackside": {"on": on, "cached": cached},
        }
        return self.ask("POST", "runs", body)["run_id"]

    def run(self, run_id):
        return self.ask("GET", f"runs/{run_id}")

    def tasks(self, run_id):
        """Return the tasks of a run, by path."""
        found = self.ask("GET", f"runs/{run_id}/tasks?page_size=200")["tasks"]
        return {task["trackside"].get("path", ""): task for task in found}

    def until(self, condition, run_id):
        """Wait until something holds of the tasks of a run."""
        deadline = time.monotonic() + PATIENCE
        while not (found := condition(tasks := self.tasks(run_id))):
            assert time.monotonic() < deadline, told(tasks)
            time.sleep(0.1)
        return found

    def ended(self, run_id):
        """Wait for the end of a run; give its state and its tasks."""
        deadline = time.monotonic() + PATIENCE
        while (state := self.run(run_id)["state"]) not in OVER:
            assert time.monotonic() < deadline, told(self.tasks(run_id))
            time.sleep(0.1)
        return state, self.tasks(run_id)

    def succeeded(self, run_id):
        """Wait for the good end of a run; give its tasks."""
        state, tasks = self.ended(run_id)
        assert state == "SUCCEEDED", told(tasks)
        return tasks

    def job(self, task):
        """Return the job of a task."""
        return self.jobs.client.api("GET", f"jobs/{task['trackside']['job_id']}")

    def came_after(self, later, earlier):
        """Tell whether the jobs of some tasks were made when those of others had ended."""
        ends = [self.job(task)["ended_at"] for task in earlier]
        return min(self.job(task)["created_at"] for task in later) >= max(ends)

    def release(self, task):
        """Let a task go on that waits for the file of `waits` and `holds`."""
        pod = self.pod(task)["metadata"]["name"]
        self.jobs.namespace.admin("exec", pod, "-c", "trackside", "--", "touch", "/tmp/go")

    def metrics(self, task):
        """Return the last value of each metric of a task."""
        query = {"run_id": task["trackside"]["mlflow_run_id"]}
        run = self.jobs.client.mlflow("GET", "runs/get", query=query)["run"]
        return {one["key"]: one["value"] for one in run["data"].get("metrics", [])}

    def pod(self, task):
        """Return the pod of a task as the API server has it."""
        selector = f"trackside.dev/job-id={task['trackside']['job_id']}"
        found = self.jobs.namespace.admin("get", "pods", "-l", selector, "-o", "json")
        return json.loads(found)["items"][-1]

    def terminate(self, run_id):
        self.ask("POST", f"runs/{run_id}:terminate", {})

    def log(self, task):
        return self.jobs.client.api("GET", f"jobs/{task['trackside']['job_id']}/logs")["data"]

    def until_prints(self, run_id, path, text):
        """Wait until a task has printed something; give it."""

        def prints(tasks):
            task = tasks.get(path)
            return (
                task
                if task and task["trackside"].get("job_id") and text in self.log(task)
                else None
            )

        return self.until(prints, run_id)


def told(tasks):
    """Say how the tasks of a run are, for whoever reads why a test failed."""
    return "\n".join(
        f"{path}: {task['state']} {task.get('status_metadata', {}).get('message', '')}"
        for path, task in tasks.items()
    )


def outputs(task):
    """Return the output parameters of a task, by name."""
    found = task.get("outputs", {}).get("parameters", [])
    return {one["parameter_key"]: one["value"] for one in found}


@pytest.fixture(scope="session")
def compiled(cluster):
    script = Path(__file__).with_name("compiled.py")
    images = {
        "IMAGE": cluster.image,
        "PROGRAM": cluster.bare_image,
        "WITH_KFP": cluster.kfp_image,
    }
    return NEWEST.run(script, env={**os.environ, **images})


@pytest.fixture(scope="module")
def pipelines(jobs, compiled):
    return Runs(jobs, compiled)
