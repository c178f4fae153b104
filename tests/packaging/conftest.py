"""The distribution as a user gets it: built from a copy of the tracked files, installed afresh."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
BUILT = ["labextension/dist", "widgets/trackside/static"]


def declared_dependencies() -> list[str]:
    """Return what pyproject.toml says that Trackside needs."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    return [str(requirement) for requirement in declared]


@dataclass(frozen=True)
class Environment:
    """A virtual environment of its own, with no Node.js on its path."""

    folder: Path

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    def run(
        self, *command: str, cwd: Path | None = None, path: str = "", timeout: float = 600
    ) -> str:
        """Run a program of this environment, or one in a folder, and return what it printed.

        Nothing of the machine is on its path but the folders that are named.
        """
        program = (cwd or self.bin) / command[0]
        done = subprocess.run(
            [str(program), *command[1:]],
            cwd=cwd or self.folder,
            env={
                "PATH": f"{self.bin}:{path}" if path else str(self.bin),
                "HOME": str(self.folder / "home"),
                "JUPYTER_PLATFORM_DIRS": "0",
                **{
                    name: value
                    for name, value in os.environ.items()
                    if name.startswith(("PIP_", "SSL_", "REQUESTS_"))
                },
            },
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}"
        return done.stdout

    def files(self) -> set[str]:
        """Return every file of the environment, caches left out."""
        return {
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if not path.is_dir() and "__pycache__" not in path.parts and "home" not in path.parts
        }


@pytest.fixture(scope="module")
def bare_environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Return an environment with nothing but Python and pip."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True)
    (folder / "home").mkdir()
    return Environment(folder)


@pytest.fixture(scope="module")
def environment(bare_environment: Environment) -> Environment:
    """Return an environment with JupyterLab and Trackside's dependencies, but not Trackside."""
    made = bare_environment
    made.run("pip", "install", "-q", "jupyterlab", *declared_dependencies())
    return made


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the tracked files, and beside them the front end as built."""
    copy = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    for name in BUILT:
        assert (ROOT / name).is_dir(), f"{name} is missing: 'make .make/built' builds it first."
        shutil.copytree(ROOT / name, copy / name)
    return copy


@pytest.fixture(scope="session")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from the sdist that was built from the source."""
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(out), str(source)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    (built,) = out.glob("*.whl")
    return built
