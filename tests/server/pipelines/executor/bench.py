"""One attempt of a task, run as the jobs run it: the bootstrap in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trackside_server.jobs.runners.local.runner import bootstrap_path
from trackside_server.pipelines.executor.context import Means, Place, Prepared, TaskContext, TaskRun
from trackside_server.pipelines.executor.outputs import collect
from trackside_server.pipelines.executor.preparing import prepare
from trackside_server.pipelines.ir.model import ArtifactType, Pipeline
from trackside_server.pipelines.ir.parsing import load
from trackside_server.pipelines.machine.state import Artifact, Values
from trackside_server.structs import replace

NONE = Values()
RUN = TaskRun("run-1", "my run", "Hello, all of you", 1_700_000_000.0, 1_700_000_060.0)


def context_of(document: str, root: Path, inputs: Values = NONE, attempt: int = 1) -> TaskContext:
    """Take the only task of a pipeline."""
    pipeline = load(document.encode())
    return task_of(pipeline, root, inputs, attempt)


def task_of(pipeline: Pipeline, root: Path, inputs: Values = NONE, attempt: int = 1) -> TaskContext:
    """Take the only task of a pipeline that was read."""
    assert pipeline.root.dag is not None
    (task,) = pipeline.root.dag.tasks.values()
    component = pipeline.components[task.component]
    return TaskContext(
        run=RUN,
        place=Place(root),
        task_id="task-1",
        path=task.name,
        attempt=attempt,
        task=task,
        component=component,
        executor=pipeline.executors[component.executor],
        inputs=inputs,
    )


@dataclass
class Ended:
    """How a process ended."""

    code: int
    log: str
    failure: dict[str, Any] | None


@dataclass
class Bench:
    """Runs attempts below a folder."""

    folder: Path
    path: dict[str, str]
    python: str = sys.executable
    env: dict[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.folder / "run"

    @property
    def means(self) -> Means:
        return Means(
            self.python, has_kfp=True, container_engine=None, overlays=self.folder / "overlays"
        )

    def start(self, prepared: Prepared, name: str = "job") -> subprocess.Popen[str]:
        """Lay out the folder of a job, and start its bootstrap."""
        job = self.folder / name
        for path, content in prepared.contents.items():
            file = job / "work" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        launch = job / "launch-1.json"
        launch.write_text(
            json.dumps({"arguments": prepared.arguments, "label": name, "grace": 1.0})
        )
        return subprocess.Popen(
            [prepared.python or sys.executable, "-u", str(bootstrap_path()), str(launch)],
            env={**os.environ, **self.path, **self.env, **prepared.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def end(self, process: subprocess.Popen[str], name: str = "job") -> Ended:
        """Wait for the end of a job."""
        log, _ = process.communicate(timeout=120)
        failure = self.folder / name / "failure.json"
        said = json.loads(failure.read_text()) if failure.exists() else None
        return Ended(process.returncode, log, said)

    def run(self, context: TaskContext) -> Any:
        """Run an attempt, and give what it left."""
        prepared = prepare(context, self.means)
        assert isinstance(prepared, Prepared), prepared
        ended = self.end(self.start(prepared))
        assert ended.code == 0, ended.log
        return collect(context)


def bind(context: TaskContext, **parameters: Any) -> TaskContext:
    """Give a task other inputs."""
    return replace(context, inputs=Values(parameters, context.inputs.artifacts))


def artifact(uri: str, **metadata: Any) -> Artifact:
    """Make an artifact that another task left."""
    return Artifact("a-1", "data", ArtifactType("system.Dataset", "0.0.1"), uri, metadata)
