"""Notebooks whose cells are steps, and the stock SDK that reads and runs what they become."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.kfp_clients import NEWEST

from trackside import pipelines

SCRIPTS = Path(__file__).parent / "scripts"


@pytest.fixture
def notebook(shell, tmp_path, monkeypatch):
    """Return a notebook without a server."""
    monkeypatch.chdir(tmp_path)
    # Kernels find the modules in their folder.
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    # As in a kernel, where it is the module in which the cells run.
    monkeypatch.setitem(sys.modules, "__main__", shell.user_module)
    pipelines.clear()
    yield Notebook(shell)
    pipelines.clear()
    sys.modules.pop("shapes", None)


class Notebook:
    """Runs cells as a front end does: with their ids and tags."""

    def __init__(self, shell) -> None:
        self.shell = shell
        self.count = 0

    def run(self, *cells: str, tags: tuple[str, ...] = (), cell_id: str | None = None) -> None:
        """Run cells, none of which may fail."""
        for cell in cells:
            assert self.attempt(cell, tags=tags, cell_id=cell_id).success, cell

    def attempt(self, cell: str, *, tags: tuple[str, ...] = (), cell_id: str | None = None):
        """Run a cell and return how it ended."""
        self.count += 1
        name = cell_id or f"cell-{self.count}"
        self.shell.parent_header = {"metadata": {"cellId": name, "tags": list(tags)}}
        return self.shell.run_cell(cell, store_history=True)

    @property
    def problems(self) -> list[str]:
        """What stands in the way of the pipeline."""
        return [str(problem) for problem in pipelines.current().problems]


@pytest.fixture
def kfp_local(tmp_path):
    """Return what runs compiled pipelines with the local runner of the stock SDK."""

    def run(file: Path, **arguments: object) -> dict:
        bin_ = Path(sys.executable).parent
        env = {**os.environ, "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}"}
        script = SCRIPTS / "local.py"
        return NEWEST.run(script, str(file), repr(arguments), str(tmp_path / "root"), env=env)

    return run
