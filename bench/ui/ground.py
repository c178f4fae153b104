"""The two servers with the same runs, made once and kept in a folder."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import tempfile
import time
from dataclasses import asdict  # noqa: TID251 - of a dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.server import jupyter_server
from bench.tracking import peers

from . import fill_mlflow, fill_trackside, large_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.server import Server
    from bench.tracking.peers import Peer

    from .runs import Size

KEPT = Path(__file__).resolve().parents[2] / ".bench" / "ui"
_EXPOSED = "--LabApp.expose_app_in_browser=True"
_QUIET = {"fetchNews": "false", "checkForUpdates": False}


class Ground:
    """Where the measurements take place.

    Parameters
    ----------
    size
        How much there is. Stores of another size are kept beside it.
    """

    def __init__(self, size: Size) -> None:
        self.size = size
        self._folder = KEPT / "-".join(str(number) for number in asdict(size).values())

    @contextlib.contextmanager
    def trackside(self) -> Iterator[Server]:
        """Start a Jupyter server on the store."""
        store = self._made("trackside", lambda folder: fill_trackside.fill(folder, self.size))
        with _lab({}, f"--Trackside.root_dir={store}") as server:
            yield server

    @contextlib.contextmanager
    def pipeline(self, tasks: int) -> Iterator[Server]:
        """Start a Jupyter server on the store with one large pipeline run."""
        store = self._made(f"pipeline-{tasks}", lambda folder: large_pipeline.fill(folder, tasks))
        with _lab({}, f"--Trackside.root_dir={store}") as server:
            yield server

    @contextlib.contextmanager
    def bare(self) -> Iterator[Server]:
        """Start a Jupyter server whose JupyterLab has no Trackside."""
        with _lab({"disabledExtensions": {"trackside": True}}) as server:
            yield server

    @contextlib.contextmanager
    def mlflow(self) -> Iterator[Peer]:
        """Start MLflow's server on its store."""
        store = self._made(
            "mlflow", lambda folder: fill_mlflow.fill(folder / "mlflow.db", self.size)
        )
        with peers.mlflow(store) as peer:
            yield peer

    def _made(self, name: str, make: Callable[[Path], None]) -> Path:
        folder = self._folder / name
        if not folder.exists():
            print(f"Filling {folder} ...", file=sys.stderr, flush=True)
            begun = time.monotonic()
            unfinished = folder.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            make(unfinished)
            unfinished.rename(folder)
            print(f"  {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        return folder


@contextlib.contextmanager
def _lab(page: dict[str, object], *options: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="trackside-bench-") as name:
        jupyter = Path(name) / ".jupyter"
        _write(jupyter / "labconfig" / "page_config.json", page)
        news = "lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
        _write(jupyter / news, _QUIET)
        with jupyter_server(Path(name), options=(_EXPOSED, *options)) as server:
            yield server


def _write(path: Path, content: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
