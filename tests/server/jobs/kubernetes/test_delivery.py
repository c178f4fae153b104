"""What is handed to a pod becomes the job's folder there again, and its Python runs in it."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.jobs.runners.kubernetes import delivery
from trackside_server.jobs.runners.kubernetes.delivery import archive_of, deliver, files_of
from trackside_server.jobs.runners.kubernetes.output.frames import FrameReader

from .made import job

LISTS = """
import hashlib, pathlib, sys
print(sys.argv[1:])
for path in sorted(pathlib.Path().rglob("*")):
    if path.is_file() and "__trackside__" not in path.parts:
        print(path, hashlib.sha256(path.read_bytes()).hexdigest()[:12])
"""
ENTRY = json.dumps({"kind": "script", "source": "train.py"}).encode()


@pytest.fixture
def bundle(tmp_path):
    """The folder of a bundle's files."""
    folder = tmp_path / "bundle"
    write(folder, {"__trackside__/entry.json": ENTRY, "train.py": LISTS.encode()})
    return folder


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


class Pod:
    """A folder in the place of a container, with what was delivered mounted into it."""

    def __init__(self, folder, made):
        self.home = folder / "home"
        self.mounted = folder / "mounted"
        self.home.mkdir(parents=True)
        self.mounted.mkdir()
        # A projection puts the keys of all sources into one folder.
        for piece in made.pieces:
            write(self.mounted, piece)
        launch = json.loads((self.mounted / "launch.json").read_text())
        assert launch["home"] == "/trackside"
        launch["home"] = str(self.home)
        launch["words"] = str(folder / "words")
        (self.mounted / "launch.json").write_text(json.dumps(launch))

    def start(self, **env):
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-u", str(self.mounted / "start.py")],
            env={**kept, "HOME": str(self.home), "PYTHONUNBUFFERED": "1", **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.home,
        )

    def run(self, **env):
        """Run it; return its exit code, its log and what it told."""
        with self.start(**env) as process:
            output, _ = process.communicate(timeout=120)
        return (process.returncode, *read(output))


def read(output):
    reader, log, told = FrameReader(), b"", []
    for line in output.splitlines(keepends=True):
        shown, message = reader.read(line)
        log += shown
        told += [message] if message is not None else []
    return log.decode(), told


@pytest.fixture
def pod(tmp_path, bundle):
    def make(of=None, name="pod", shared=None, fetch=None, install=()):
        made = deliver(of or job(), bundle, install=install, shared=shared, fetch=fetch)
        return Pod(tmp_path / name, made)

    return make


def names_in(log):
    return [line.split()[0] for line in log.splitlines()[1:]]


def test_pieces_become_the_same_files_again(pod, bundle) -> None:
    write(bundle, {"data/a b.bin": os.urandom(2_300_000), "ünï.txt": "grüße".encode(), "no": b""})
    found = pod(job(params={"lr": 0.1}, arguments=("more",)))
    assert len(list(found.mounted.glob("piece-*"))) == 3
    code, log, told = found.run()
    assert code == 0, log
    assert log.splitlines()[0] == "['more', '--lr', '0.1']"
    assert names_in(log.replace("a b", "a_b")) == ["data/a_b.bin", "no", "train.py", "ünï.txt"]
    for name in ("data/a b.bin", "ünï.txt", "no", "train.py"):
        assert (found.home / "work" / name).read_bytes() == (bundle / name).read_bytes()
    assert told[0] == {"hello": {"lane": "stdout", "rank": 0}}
    # Nothing was written, so nothing is told but what Python the job saw.
    assert {name for one in told[1:] for name in one if name != "data"} == {"file"}


def test_each_object_fits_into_the_api(bundle) -> None:
    write(bundle, {"data.bin": os.urandom(5_000_000)})
    made = deliver(job(), bundle, install=(), shared=None, fetch=None)
    sizes = [sum(map(len, piece.values())) for piece in made.pieces]
    assert max(sizes) <= 1_000_000
    assert made.way == "pieces"


def test_the_same_code_gives_the_same_pieces(bundle) -> None:
    first = deliver(job(), bundle, install=(), shared=None, fetch=None)
    os.utime(bundle / "train.py", (1, 1))
    assert deliver(job(), bundle, install=(), shared=None, fetch=None) == first


def test_doors_for_people_do_not_travel(pod) -> None:
    found = pod()
    found.run()
    library = found.home / "lib" / "trackside"
    assert (library / "_logging" / "__init__.py").exists()
    for name in ("_magics", "_cli", "_capture", "_display", "static"):
        assert not (library / name).exists()


def test_folders_of_the_user_travel_whatever_they_are_called(pod, bundle) -> None:
    names = ["_capture/a.txt", "_cli/b.txt", "deep/static/c.css", "static/d.css"]
    write(bundle, dict.fromkeys(names, b"x"))
    code, log, _ = pod().run()
    assert (code, names_in(log)) == (0, [*names, "train.py"])


def test_on_a_shared_volume_only_what_starts_it_is_handed_over(pod, bundle) -> None:
    write(bundle, {"data.bin": os.urandom(3_000_000)})
    found = pod(shared=str(bundle))
    assert len(list(found.mounted.glob("piece-*"))) == 1
    code, log, _ = found.run()
    assert (code, names_in(log)) == (0, ["data.bin", "train.py"])
    # The job works on a copy.
    assert (found.home / "work" / "data.bin").read_bytes() == (bundle / "data.bin").read_bytes()
    assert not (found.home / "work").is_symlink()


@pytest.fixture
def code_server(bundle):
    """A server that gives the code to whoever has the token."""

    class Give(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            known = self.headers["Authorization"] == "Bearer tsj_right"
            self.send_response(200 if known else 403)
            self.end_headers()
            if known:
                self.wfile.write(archive_of(bundle))

        def log_message(self, *_):
            """Print nothing into the output of the tests."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Give) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/code"
        server.shutdown()
        thread.join()


@pytest.fixture
def small_cluster(monkeypatch):
    monkeypatch.setattr(delivery, "MAX_PIECES", 2)


def test_what_is_too_large_is_fetched_with_the_token(
    pod, bundle, code_server, small_cluster
) -> None:
    write(bundle, {"data.bin": os.urandom(3_000_000)})
    found = pod(fetch=code_server)
    assert len(list(found.mounted.glob("piece-*"))) == 1
    code, log, _ = found.run(TRACKSIDE_TOKEN="tsj_right")
    assert (code, names_in(log)) == (0, ["data.bin", "train.py"])
    assert (found.home / "work" / "data.bin").read_bytes() == (bundle / "data.bin").read_bytes()


def test_what_is_too_large_for_every_way_is_refused_with_the_way_out(bundle, small_cluster) -> None:
    write(bundle, {"data.bin": os.urandom(3_000_000)})
    with pytest.raises(
        InvalidInput, match=r"is [23](\.\d)? MiB packed, and a cluster takes"
    ) as raised:
        deliver(job(), bundle, install=(), shared=None, fetch=None)
    assert "Trackside.cluster_url" in raised.value.hint


def test_files_of_a_command_keep_their_places(bundle) -> None:
    write(bundle, {"deep/er/conf.txt": b"x", "run.sh": b"#!/bin/sh\n"})
    data, items = files_of(bundle)
    assert {item["path"]: data[item["key"]] for item in items} == {
        "deep/er/conf.txt": b"x",
        "run.sh": b"#!/bin/sh\n",
        "train.py": LISTS.encode(),
    }
    write(bundle, {"large.bin": bytes(1_100_000)})
    with pytest.raises(InvalidInput, match="The files of the command are"):
        files_of(bundle)


def code_of(bundle, source):
    (bundle / "train.py").write_text(source)


def files(told, kind):
    import base64

    return {one[kind]: base64.b64decode(one["data"]).decode() for one in told if kind in one}


def test_what_the_code_writes_is_told_and_what_is_too_large_is_named(pod, bundle) -> None:
    code_of(
        bundle,
        "import os, pathlib\n"
        "pathlib.Path('deep').mkdir()\n"
        "pathlib.Path('deep/a.txt').write_text('new')\n"
        "pathlib.Path('large.bin').write_bytes(os.urandom(1_100_000))\n"
        "pathlib.Path('__pycache__').mkdir()\n"
        "pathlib.Path('__pycache__/x.pyc').write_text('x')\n"
        "pathlib.Path('way').symlink_to('/etc/passwd')\n",
    )
    code, log, told = pod().run()
    assert code == 0
    assert log.startswith("[trackside] Not kept: large.bin (too large for the output of a pod")
    assert files(told, "output") == {"deep/a.txt": "new"}
    assert [one for one in told if "lost" in one] == [{"lost": ["large.bin"], "count": 1}]


def test_an_exception_is_told_and_ends_the_container(pod, bundle) -> None:
    code_of(bundle, "print('begun')\nraise ValueError('no such column')\n")
    code, log, told = pod().run()
    assert code == 1
    assert log.startswith("begun\n")
    failure = json.loads(files(told, "file")["failure.json"])
    assert (failure["type"], failure["message"]) == ("ValueError", "no such column")


def test_an_exit_code_and_a_signal_are_those_of_the_code(pod, bundle) -> None:
    code_of(bundle, "raise SystemExit(7)")
    assert pod(name="exits").run()[0] == 7
    code_of(bundle, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    assert pod(name="killed").run()[0] == 137


def test_a_signal_reaches_the_code_and_its_last_words_are_told(pod, bundle) -> None:
    code_of(
        bundle,
        "import signal, sys, time\n"
        "def save(*_):\n"
        "    open('checkpoint', 'w').write('3')\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, save)\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)\n",
    )
    with pod().start() as process:
        output = b""
        while b"ready\n" not in output:
            output += process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
    _, told = read(output + rest)
    assert (process.returncode, files(told, "output")) == (0, {"checkpoint": "3"})


def test_a_cancel_ends_an_installation(pod) -> None:
    with socket.create_server(("127.0.0.1", 0)) as index:
        index.settimeout(60)
        found = pod(install=("some-package",))
        env = {
            "PIP_INDEX_URL": f"http://127.0.0.1:{index.getsockname()[1]}/",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_CONFIG_FILE": os.devnull,
        }
        with found.start(**env) as process:
            # It asks for the package, and waits for an answer that does not come.
            connection, _ = index.accept()
            with connection:
                assert connection.recv(4096)
                process.send_signal(signal.SIGTERM)
                output, _ = process.communicate(timeout=60)
                # Nobody holds the other end any more.
                while connection.recv(4096):
                    pass
    log, told = read(output)
    assert process.returncode == 128 + signal.SIGTERM
    assert log == "Installing some-package\n"
    assert [next(iter(one)) for one in told] == ["hello"]


def test_what_is_logged_comes_over_the_output_in_order_and_once(pod, bundle) -> None:
    code_of(
        bundle,
        "import trackside\n"
        "for step in range(3000):\n"
        "    trackside.log({'loss': step}, step=step)\n"
        "    if step % 100 == 0: print('step', step, end='\\n' if step else '')\n",
    )
    code, log, told = pod().run(TRACKSIDE_RUN_ID="f" * 32)
    assert code == 0, log
    assert log == "step 0" + "".join(f"step {step}\n" for step in range(100, 3000, 100))
    spools = {}
    for one in told:
        if "spool" in one:
            text = spools.get(one["spool"], "")
            assert len(text) == one["at"]
            spools[one["spool"]] = text + one["data"]
    records = [json.loads(line) for text in spools.values() for line in text.splitlines()]
    points = [(key, step) for record in records for key, _, _, step in record["m"]]
    assert points == [("loss", step) for step in range(3000)]


def test_artifacts_that_are_logged_come_before_the_records_that_name_them(pod, bundle) -> None:
    code_of(
        bundle,
        "import trackside\n"
        "open('note.txt', 'w').write('as named')\n"
        "open('large.bin', 'wb').write(bytes(1_100_000))\n"
        "trackside.log_artifact('note.txt', 'notes/first.txt')\n"
        "open('note.txt', 'w').write('later')\n"
        "trackside.log_artifact('large.bin', 'large/kept.bin')\n",
    )
    code, log, told = pod().run(TRACKSIDE_RUN_ID="f" * 32)
    assert code == 0, log
    ((name, content),) = files(told, "kept").items()
    assert content == "as named"
    order = [next(iter(one)) for one in told if "kept" in one or "spool" in one]
    assert order[0] == "kept"
    spool = "".join(one["data"] for one in told if "spool" in one)
    records = [json.loads(line)["a"] for line in spool.splitlines()]
    assert records[0] == {"file": name, "path": "notes/first.txt"}
    assert files(told, "output") == {"note.txt": "later"}
    (lost,) = [one["lost"] for one in told if "lost" in one]
    assert lost == ["large.bin", "large/kept.bin"]
    assert log.startswith("[trackside] Not kept: large.bin, large/kept.bin (too large")


@pytest.mark.parametrize("variable", ["PET_NODE_RANK", "JOB_COMPLETION_INDEX"])
def test_only_rank_0_tells_results(pod, bundle, variable) -> None:
    code_of(
        bundle,
        "import os\n"
        "open('out.txt', 'w').write('x')\n"
        "print([os.environ.get(n) for n in ('RANK', 'WORLD_SIZE', 'LOCAL_RANK', 'MASTER_ADDR')])\n",
    )
    of = job(resources={"nodes": 2})
    env = {"PET_MASTER_ADDR": "first.here"}
    _, log, told = pod(of, name="zero").run(**env, **{variable: "0"})
    assert log == "['0', '2', '0', 'first.here']\n"
    assert files(told, "output") == {"out.txt": "x"}
    _, log, told = pod(of, name="one").run(**env, **{variable: "1"})
    assert log == "['1', '2', '0', 'first.here']\n"
    assert told == [{"hello": {"lane": "stdout", "rank": 1}}]


def test_the_way_to_a_server_that_does_not_answer_is_taken_from_the_code(pod, bundle) -> None:
    names = ["TRACKSIDE_URL", "TRACKSIDE_TOKEN", "MLFLOW_TRACKING_TOKEN", "MLFLOW_RUN_ID"]
    code_of(
        bundle,
        "import os\n"
        f"print([os.environ.get(name) for name in {names}])\n"
        "print(os.environ['TRACKSIDE_LANE'], os.environ['MLFLOW_TRACKING_URI'])\n",
    )
    ours = {"TRACKSIDE_MLFLOW": "ours", "MLFLOW_TRACKING_URI": "http://127.0.0.1:9/trackside"}
    url = {"TRACKSIDE_URL": "http://127.0.0.1:9/trackside"}
    secrets = dict.fromkeys(names[1:], "x")
    code, log, _ = pod().run(**ours, **url, **secrets)
    assert (code, log) == (
        0,
        "[None, None, None, None]\nstdout sqlite:////tmp/trackside-mlflow.db\n",
    )


def test_packages_that_cannot_be_installed_are_said(pod, bundle) -> None:
    # No index of packages can be reached from here.
    found = pod(install=("no-such-package-at-all==1",))
    code, log, told = found.run(PIP_NO_INDEX="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    assert code == 1
    assert log.startswith("Installing no-such-package-at-all==1\n")
    failure = json.loads(files(told, "file")["failure.json"])
    assert failure["message"].startswith("The packages that the notebook has on top of its image")
