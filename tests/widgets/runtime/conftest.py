"""Job folders as the server lays them out, and the bootstrap run in them as a real process."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import trackside

BOOTSTRAP = Path(trackside.__file__).parent / "_runtime" / "bootstrap.py"


@dataclass
class Ended:
    """An ended attempt."""

    code: int
    out: str
    err: str
    folder: Path

    def json(self, name):
        path = self.folder / name
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    @property
    def failure(self):
        return self.json("failure.json")


class JobFolder:
    """A job's folder that can be filled and started."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.work = folder / "work"
        (self.work / "__trackside__").mkdir(parents=True)
        self.processes: list[subprocess.Popen] = []

    def write(self, path: str, text: str):
        target = self.work / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def entry(self, kind, source=None, function=None, preamble=""):
        self.write("__trackside__/preamble.py", preamble)
        entry = {"kind": kind, "source": source, "function": function}
        if kind in ("cell", "function"):
            entry["preamble"] = "__trackside__/preamble.py"
        self.write("__trackside__/entry.json", json.dumps(entry))

    def start(self, *, python=sys.executable, env=None, **launch):
        file = self.folder / "launch-1.json"
        file.write_text(json.dumps({"cwd": str(self.work), **launch}), encoding="utf-8")
        process = subprocess.Popen(
            [python, "-u", str(BOOTSTRAP), str(file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(env or {})},
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def close(self):
        """End what a failed test has left running."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()

    def finish(self, process, timeout=200):
        out, err = process.communicate(timeout=timeout)
        return Ended(process.returncode, out, err, self.folder)

    def run(self, **launch):
        return self.finish(self.start(**launch))

    def cell(self, source, *, preamble="", label="cell [7] of digits.ipynb", **launch):
        self.entry("cell", "__trackside__/cell.py", preamble=preamble)
        self.write("__trackside__/cell.py", source)
        return self.run(label=label, **launch)

    def function(self, name, preamble, **launch):
        self.entry("function", function=name, preamble=preamble)
        return self.run(label=name, **launch)

    def script(self, source, path="train.py", **launch):
        self.entry("script", path)
        self.write(path, source)
        return self.run(label=path, **launch)


@pytest.fixture
def job(tmp_path):
    folder = JobFolder(tmp_path / "job")
    yield folder
    folder.close()
