"""What a task left comes over the output of its pod: whole, its own, and as soon as that can be."""

from __future__ import annotations

import asyncio
import io
import logging
from types import SimpleNamespace

import pytest

from trackside_server.cluster.errors import ApiError, Unreachable
from trackside_server.jobs.directory import JobDirectory
from trackside_server.jobs.runners.kubernetes.objects import PodView
from trackside_server.jobs.runners.kubernetes.objects.pods import ContainerView, Termination
from trackside_server.jobs.runners.kubernetes.podside import courier, parcels
from trackside_server.jobs.runners.kubernetes.podside.framing import Frames
from trackside_server.jobs.runners.kubernetes.runner import ClusterRunner
from trackside_server.jobs.runners.kubernetes.tasks import receiving
from trackside_server.jobs.runners.kubernetes.tasks.arrival import reason_of, take
from trackside_server.jobs.runners.kubernetes.tasks.cargo import Cargo
from trackside_server.jobs.runners.kubernetes.tracked import track

from .made import job

pytestmark = pytest.mark.asyncio


def ended(name, code=0, created=1):
    main = ContainerView("trackside", ended=Termination(code, started_at=1))
    return PodView(name, name, main=main, phase="Succeeded", created_at=created)


class Server:
    """A task whose pods have ended, and a cluster that gives of their output what it is told to."""

    namespace = "team-a"

    def __init__(self, folder):
        self.folder = folder / "task"
        self.directory = JobDirectory(folder, job().job_id)
        self.directory.make()
        self.cargo = Cargo(outputs=str(self.folder))
        self.bundle = folder / "bundle"
        for name, content in self.cargo.contents().items():
            (self.bundle / name).parent.mkdir(parents=True)
            (self.bundle / name).write_bytes(content)
        self.answers = []
        self.asked = []
        self.away = False

    async def read(self, path, *, container):
        self.asked.append(path.split("/")[-2])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def receive(self, *pods):
        tracked = track(job(), "team-a")
        tracked.pods = {one.uid: one for one in pods}
        log = logging.getLogger(__name__)
        receive = receiving.receive(
            self, tracked, self.bundle, self.directory, log, lambda: self.away
        )
        await asyncio.wait_for(receive, 20)

    @property
    def left(self):
        return (self.folder / "outputs" / "model").read_text()


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setattr(receiving, "_FIRST_DELAY", 0.001)
    monkeypatch.setattr(receiving, "_MAX_DELAY", 0.001)
    return Server(tmp_path)


def leave(tmp_path, text):
    """Name the folders of a task that left this."""
    folder = tmp_path / "left" / text
    (folder / "outputs").mkdir(parents=True)
    (folder / "outputs" / "model").write_text(text)
    return {"outputs": str(folder / "outputs"), "parameters": str(folder / "parameters")}


def printed(tmp_path, text):
    """What the sidecar of a task prints that left this."""
    with (tmp_path / f"printed-{text}").open("w+b") as file:
        courier._send_somehow(leave(tmp_path, text), None, Frames(file.fileno()), known=False)
        file.seek(0)
        return file.read()


async def test_what_breaks_off_on_its_way_from_the_node_is_asked_for_anew(tmp_path, server) -> None:
    whole = printed(tmp_path, "x" * 50)
    server.answers = [b"", whole[: len(whole) // 2], whole]
    await server.receive(ended("pod-a"))
    assert server.left == "x" * 50
    assert reason_of(server.directory) is None


async def test_a_cluster_that_is_away_for_longer_than_a_minute_loses_no_outputs(
    tmp_path, server, monkeypatch
) -> None:
    monkeypatch.setattr(receiving, "_PATIENCE", -1.0)
    server.away = True
    server.answers = [*[Unreachable("no answer")] * 20, printed(tmp_path, "x")]
    await server.receive(ended("pod-a"))
    assert server.left == "x"


async def test_a_pod_that_said_nothing_more_is_waited_for_no_longer(server) -> None:
    server.answers = [b"killed\n"]
    await server.receive(ended("pod-a"))
    assert reason_of(server.directory).code == "OUTPUTS_NOT_SENT"
    assert len(server.asked) == 2


async def test_output_that_is_no_archive_ends_the_task_with_a_reason(tmp_path, server) -> None:
    with (tmp_path / "printed").open("w+b") as file:
        frames = Frames(file.fileno())
        frames.send({"cargo": {"at": 0, "data": "a"}})
        file.seek(0)
        server.answers = [file.read()]
    await server.receive(ended("pod-a"))
    assert reason_of(server.directory).code == "OUTPUTS_NOT_SENT"


async def test_what_a_pod_left_that_was_taken_away_is_not_taken_for_what_the_next_one_left(
    tmp_path, server
) -> None:
    archive = io.BytesIO(b"".join(parcels.pieces(leave(tmp_path, "half"))))
    take(archive, server.cargo, server.directory, "pod-a")
    pods = ended("pod-a", code=143), ended("pod-b", created=2)
    # Nothing of the second one comes: its task has failed, and does not end with half of a model.
    server.answers = [ApiError(404, "NotFound", "gone")]
    await server.receive(*pods)
    assert reason_of(server.directory).code == "OUTPUTS_NOT_SENT"
    server.answers = [printed(tmp_path, "whole")]
    await server.receive(*pods)
    assert (server.left, reason_of(server.directory)) == ("whole", None)
    await server.receive(*pods)
    assert server.asked == ["pod-b", "pod-b"]


async def test_what_was_arriving_when_a_server_was_killed_goes_with_the_end_of_its_task(
    tmp_path, server, monkeypatch
) -> None:
    half = server.folder / ".arriving-x1" / "outputs"
    half.mkdir(parents=True)
    (half / "model").write_text("half of it")
    (server.folder / "outputs").mkdir()
    runner = ClusterRunner(
        tmp_path,
        *(None, None, None),
        relay=None,
        artifacts=None,
        keep=0,
        log=logging.getLogger(__name__),
    )
    monkeypatch.setattr(runner, "_bundles", SimpleNamespace(files=lambda _: server.bundle))
    monkeypatch.setattr(runner, "_spawn", lambda work: work.close())
    ended = job(kind="container")
    runner._tracked[ended.job_id, 1] = track(ended, "team-a")
    await runner.closed(ended)
    assert [one.name for one in server.folder.iterdir()] == ["outputs"]
