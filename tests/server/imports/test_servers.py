"""Imports from what has to run: a real MLflow server, a real PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg
import pytest
from tests.mlflow_clients import NEWEST
from tests.mlflow_server import mlflow_server

from trackside_server.imports.sources import open_source, place
from trackside_server.imports.tally import Tally
from trackside_server.testing import free_port

from .conftest import SCRIPTS, content, environment


def test_everything_comes_from_a_running_server(sources, here, sync, tmp_path):
    database = shutil.copy(sources["new"], tmp_path / "mlflow.db")
    uri = f"sqlite:///{database}"
    with mlflow_server(tmp_path, uri, tmp_path / "artifacts", environment(tmp_path, uri)) as url:
        progress, problems = sync(here.bring(url))
        again, _ = sync(here.bring(url))
    assert progress["counts"]["runs"]["new"] == 6
    assert again["counts"]["runs"]["same"] == 6
    # What was logged without a server lies in folders of its machine; it passes on those of runs.
    assert all("is in" in problem or "are in" in problem for problem in problems)
    opened = open_source(place(str(database), {}), None, Tally())
    expected = content(opened)
    opened.close()
    found = sync(here.content())
    for name in ("registered", "vision", "gone"):
        for part, value in expected[name].items():
            assert found[name][part] == value, (name, part)


def _postgres():
    """Give the folder of PostgreSQL's programs."""
    script = Path(__file__).parent / "find_postgres.sh"
    done = subprocess.run([script], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().splitlines()[-1])


@pytest.fixture
def postgres(tmp_path_factory):
    """Run a PostgreSQL of our own; give its address."""
    programs = _postgres()
    folder = tmp_path_factory.mktemp("postgres")
    # It refuses to run as root.
    user = "postgres" if os.getuid() == 0 else None
    if user is not None:
        owner = pwd.getpwnam(user)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        for parent in folder.parents:
            if parent == Path("/tmp"):
                break
            parent.chmod(parent.stat().st_mode | 0o011)

    def run(*words):
        subprocess.run(words, check=True, capture_output=True, user=user, cwd=folder, timeout=120)

    secret = folder / "password"
    secret.write_text("s3cret")
    secret.chmod(0o644)
    port = free_port()
    run(
        programs / "initdb",
        *("-D", folder / "data", "-U", "mlflow", "-E", "UTF8", "--no-sync"),
        *("--auth=scram-sha-256", f"--pwfile={secret}"),
    )
    command = [programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
            user=user,
            cwd=folder,
            stdout=log,
            stderr=log,
        )
    url = f"postgresql://mlflow:s3cret@127.0.0.1:{port}/postgres"
    try:
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(url).close()
                break
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("PostgreSQL did not start:\n" + (folder / "log").read_text())
            time.sleep(0.1)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def test_everything_comes_from_postgresql(postgres, here, sync, tmp_path):
    uri = postgres.replace("postgresql://", "postgresql+psycopg://")
    done = subprocess.run(
        [NEWEST.python, "-W", "ignore", SCRIPTS / "make.py"],
        cwd=tmp_path,
        env={**environment(tmp_path, uri), **NEWEST.environment()},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    progress, problems = sync(here.bring(uri, artifact_root=str(tmp_path / "mlruns")))
    assert problems == []
    assert progress["counts"]["runs"]["new"] == 6
    opened = open_source(place(uri, {}), None, Tally())
    expected = content(opened)
    opened.close()
    found = sync(here.content())
    for name in ("registered", "vision", "gone"):
        for part, value in expected[name].items():
            assert found[name][part] == value, (name, part)
    again, _ = sync(here.bring(uri, artifact_root=str(tmp_path / "mlruns")))
    assert again["counts"]["runs"]["same"] == 6
    message = sync(here.refused(uri.replace("s3cret", "wrong")))
    assert "password" in message
    assert "wrong" not in message
