"""A pipeline's task on the cluster: whole manifests, what is delivered, and what comes back."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
from types import SimpleNamespace

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.jobs.directory import JobDirectory
from trackside_server.jobs.podparts import PodParts
from trackside_server.jobs.runners.kubernetes.manifests import Shared
from trackside_server.jobs.runners.kubernetes.podside import courier, parcels
from trackside_server.jobs.runners.kubernetes.podside.framing import MARK
from trackside_server.jobs.runners.kubernetes.surroundings import Surroundings
from trackside_server.jobs.runners.kubernetes.tasks import arrival, planning, sending
from trackside_server.jobs.runners.kubernetes.tasks.building import TaskIngredients, build_task
from trackside_server.jobs.runners.kubernetes.tasks.cargo import Cargo
from trackside_server.testing import free_port

from .made import job
from .test_manifests import ALONE, LABELS, NAME, REMARKS

IMAGE = "registry.example/team/train:1"
COURIER = "registry.example/notebook@sha256:1"
CODE = {"name": "trackside-code", "mountPath": "/etc/trackside", "readOnly": True}
REACH = [
    {"name": name, "valueFrom": {"secretKeyRef": {"name": f"{NAME}-env", "key": name}}}
    for name in ("TRACKSIDE_URL", "TRACKSIDE_TOKEN")
]

POD = {"name": "TRACKSIDE_POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}


def built(cargo=None, home=None, **more):
    values = {"courier": COURIER, "pieces": [{"launch.json": b"{}"}], "grace": 1800, **more}
    spec = values.pop("spec", {})
    of = job(kind="container", image=IMAGE, **spec)
    cargo = cargo or Cargo("/runs/1/train/1", ("train", "$HOME"), ("--lr", "$(LR)"))
    return build_task(TaskIngredients("team-a", of, cargo, home or Surroundings(), **values))


def pod_of(found):
    return found.main["spec"]["template"]["spec"]


def test_the_container_is_the_components_own_and_what_travels_lies_beside_it() -> None:
    found = built(
        fetches=True,
        variables={
            "TRACKSIDE_URL": "u",
            "TRACKSIDE_TOKEN": "t",
            "MLFLOW_RUN_ID": "r",
            "API_KEY": "k",
        },
        spec={"env": {"A": "$(B)"}, "secret_env": ("API_KEY",), "time_limit": 100},
        lateness=60,
    )
    template = found.main["spec"]["template"]
    assert template["metadata"] == {"labels": LABELS | ALONE, "annotations": REMARKS | ALONE}
    around = {
        "image": COURIER,
        "imagePullPolicy": "IfNotPresent",
        "env": [*REACH, POD],
        "resources": {
            "requests": {"cpu": "10m", "memory": "64Mi"},
            "limits": {"cpu": "1", "memory": "512Mi"},
        },
        "volumeMounts": [{"name": "trackside-home", "mountPath": "/trackside"}, CODE],
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    start = ["python3", "-u", "/etc/trackside/start.py"]
    listens = {"exec": {"command": ["python3", "/etc/trackside/start.py", "listens"]}}
    secret = [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": f"{NAME}-env", "key": name}}}
        for name in ("API_KEY", "MLFLOW_RUN_ID")
    ]
    sources = [{"configMap": {"name": f"{NAME}-code-0"}}]
    assert template["spec"] == {
        "restartPolicy": "Never",
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 1800,
        "activeDeadlineSeconds": 160,
        "initContainers": [
            {"name": "trackside-inputs", "command": [*start, "trackside-inputs"], **around},
            {
                "name": "trackside-outputs",
                "command": [*start, "trackside-outputs"],
                "restartPolicy": "Always",
                "lifecycle": {"postStart": listens},
                **around,
            },
        ],
        "containers": [
            {
                "name": "trackside",
                "image": IMAGE,
                # The cluster puts no variable into a value.
                "command": ["train", "$$HOME"],
                "args": ["--lr", "$$(LR)"],
                "env": [{"name": "A", "value": "$$(B)"}, *secret],
                "resources": {},
                "volumeMounts": [
                    {
                        "name": "trackside-home",
                        "mountPath": "/trackside/inputs",
                        "subPath": "inputs",
                        "readOnly": True,
                    },
                    {
                        "name": "trackside-home",
                        "mountPath": "/trackside/outputs",
                        "subPath": "outputs",
                    },
                    {
                        "name": "trackside-home",
                        "mountPath": "/trackside/parameters",
                        "subPath": "parameters",
                    },
                ],
                "terminationMessagePolicy": "FallbackToLogsOnError",
            }
        ],
        "volumes": [
            {"name": "trackside-home", "emptyDir": {}},
            {"name": "trackside-code", "projected": {"sources": sources, "defaultMode": 0o444}},
        ],
    }
    made = {manifest["kind"]: manifest for _, manifest in found.support}
    assert sorted(made["Secret"]["data"]) == sorted(
        ["API_KEY", "MLFLOW_RUN_ID", "TRACKSIDE_TOKEN", "TRACKSIDE_URL"]
    )
    assert found.main["spec"]["backoffLimit"] == 0


def test_what_lies_on_a_volume_that_both_share_is_mounted_and_nothing_travels() -> None:
    shared = [
        Shared("data", "/trackside/inputs/a-0/a.csv", "runs/a.csv"),
        Shared("data", "/trackside/outputs", "runs/1/outputs", writable=True),
    ]
    volumes = (
        {"name": "data", "persistentVolumeClaim": {"claimName": "team"}},
        {"name": "other", "nfs": {}},
    )
    found = built(home=Surroundings(volumes=volumes), shared=shared, sends=False, pieces=())
    spec = pod_of(found)
    assert (found.shared, found.support) == (True, ())
    assert spec["volumes"] == [volumes[0]]
    assert spec["containers"][0]["volumeMounts"] == [
        {
            "name": "data",
            "mountPath": "/trackside/inputs/a-0/a.csv",
            "subPath": "runs/a.csv",
            "readOnly": True,
        },
        {"name": "data", "mountPath": "/trackside/outputs", "subPath": "runs/1/outputs"},
    ]
    assert "initContainers" not in spec


def test_of_the_notebooks_pod_goes_along_what_says_where_and_as_whom_it_runs() -> None:
    home = Surroundings(
        env=({"name": "HOME", "value": "/home/ana"},),
        tolerations=({"key": "gpu"},),
        node_selector={"pool": "cpu"},
        pull_secrets=({"name": "registry"},),
        service_account="editor",
        security={"runAsUser": 1000, "fsGroup": 100},
    )
    spec = pod_of(built(home=home))
    assert (spec["serviceAccountName"], spec["nodeSelector"]) == ("editor", {"pool": "cpu"})
    assert (spec["imagePullSecrets"], spec["tolerations"]) == (
        [{"name": "registry"}],
        [{"key": "gpu"}],
    )
    # The image of a component is none of the notebook's.
    assert (spec["containers"][0]["env"], "securityContext" in spec) == ([], False)
    assert spec["initContainers"][0]["securityContext"] == {"runAsUser": 1000}
    cargo = Cargo("/o", limits={"nvidia.com/gpu": "2"}, requests={"cpu": "1"})
    spec = pod_of(built(cargo, home, spec={"resources": {"gpus": 2}}))
    assert "nodeSelector" not in spec
    assert spec["containers"][0]["resources"] == {
        "requests": {"cpu": "1"},
        "limits": {"nvidia.com/gpu": "2"},
    }
    assert "command" not in spec["containers"][0]


def test_a_task_is_read_from_its_bundle_as_it_was_written(tmp_path) -> None:
    parts = PodParts(env=[{"name": "A", "value": "b"}], node_selector={"pool": "gpu"})
    cargo = Cargo("/o", ("a",), ("b",), {"x-0/x": "/x"}, {"cpu": "1"}, {"cpu": "2"}, parts)
    for name, content in cargo.contents().items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(content)
    assert Cargo.read(tmp_path) == cargo
    env = pod_of(built(cargo))["containers"][0]["env"]
    assert env == [{"name": "A", "value": "b"}]


class TestDelivery:
    """Small inputs travel with the code, large ones are fetched."""

    def launch(self, pieces):
        return json.loads(pieces[0]["launch.json"])

    def test_small_inputs_lie_beside_the_code(self, tmp_path) -> None:
        (tmp_path / "a").write_text("content")
        made = sending.pieces({"inputs/a-0/a": str(tmp_path / "a")}, "https://here/jobs/1")
        assert (len(made), self.launch(made)["download"]) == (1, False)
        content = b"".join(made[0][name] for name in sorted(made[0]) if name.startswith("cargo-"))
        parcels.unpack(io.BytesIO(gzip.decompress(content)), tmp_path)
        assert (tmp_path / "inputs/a-0/a").read_text() == "content"

    def test_large_ones_are_fetched_where_that_can_be(self, tmp_path) -> None:
        (tmp_path / "a").write_bytes(_noise(3_000_000))
        inputs = {"inputs/a-0/a": str(tmp_path / "a")}
        made = sending.pieces(inputs, "https://here/jobs/1")
        assert (len(made), self.launch(made)["download"]) == (1, True)
        made = sending.pieces(inputs, None)
        assert (len(made) > 3, self.launch(made)["download"]) == (True, False)
        assert all(sum(map(len, one.values())) <= 1_000_000 for one in made)

    def test_what_is_too_large_for_every_way_is_named(self, tmp_path) -> None:
        with (tmp_path / "a").open("wb") as file:
            file.truncate(100_000_000)
        with pytest.raises(InvalidInput, match=r"The input inputs/a-0/a is 95\.4 MiB") as refused:
            sending.pieces({"inputs/a-0/a": str(tmp_path / "a")}, None)
        assert "cluster_url" in refused.value.hint


class TestArrival:
    """What comes back is put in its place, whole or not at all."""

    @pytest.fixture
    def cargo(self, tmp_path):
        (tmp_path / "task" / "outputs").mkdir(parents=True)
        (tmp_path / "task" / "outputs" / "stale").write_text("of an earlier try")
        return Cargo(str(tmp_path / "task"))

    @pytest.fixture
    def directory(self, tmp_path):
        found = JobDirectory(tmp_path, "job")
        found.make()
        return found

    @pytest.fixture
    def left(self, tmp_path):
        (tmp_path / "left").mkdir()
        (tmp_path / "left" / "data").write_text("content")
        return {"outputs": str(tmp_path / "left")}

    def test_what_came_takes_the_place_of_what_was_there(
        self, cargo, directory, left, tmp_path
    ) -> None:
        assert arrival.reason_of(directory).code == "OUTPUTS_NOT_SENT"
        arrival.take(io.BytesIO(b"".join(parcels.pieces(left))), cargo, directory)
        assert arrival.reason_of(directory) is None
        there = tmp_path / "task"
        assert sorted(one.name for one in there.iterdir()) == ["outputs", "parameters"]
        assert [one.name for one in (there / "outputs").iterdir()] == ["data"]

    def test_what_breaks_off_changes_nothing(self, cargo, directory, left, tmp_path) -> None:
        content = b"".join(parcels.pieces(left))[:600]
        with pytest.raises(ValueError, match="cut off"):
            arrival.take(io.BytesIO(content), cargo, directory)
        assert arrival.reason_of(directory).code == "OUTPUTS_NOT_SENT"
        assert (tmp_path / "task" / "outputs" / "stale").exists()

    def test_frames_are_put_together(self, cargo, directory, left, tmp_path) -> None:
        content = gzip.compress(b"".join(parcels.pieces(left)))
        half = len(content) // 2
        lines = [
            *frame(1, {"at": 0, "data": base64.b64encode(content[:half]).decode()}),
            b"a line of somebody else\n",
            *frame(2, {"at": half, "data": base64.b64encode(content[half:]).decode()}),
            *frame(3, {"size": len(content), "digest": hashlib.sha256(content).hexdigest()}),
        ]
        assert not arrival.take_told(lines[:-1], cargo, directory, "pod")
        assert arrival.reason_of(directory).code == "OUTPUTS_NOT_SENT"
        assert arrival.take_told(lines, cargo, directory, "pod")
        assert arrival.reason_of(directory) is None
        assert (tmp_path / "task" / "outputs" / "data").read_text() == "content"

    def test_why_it_was_not_sent_is_kept(self, cargo, directory) -> None:
        told = {"code": "OUTPUTS_TOO_LARGE", "message": "Its output data is 5 GiB."}
        assert arrival.take_told(frame(1, told), cargo, directory, "pod")
        reason = arrival.reason_of(directory)
        assert (reason.code, reason.message) == tuple(told.values())


def test_the_largest_output_is_named_that_does_not_go_over_the_output(tmp_path) -> None:
    for name, size in (("small", 10), ("model", 7_000_000)):
        (tmp_path / name).write_bytes(_noise(size))
    left = {"outputs": str(tmp_path)}
    assert courier._packed(left) is None
    assert courier._too_large(left).startswith("Its output model is 6.7 MiB, and the Jupyter")
    (tmp_path / "model").unlink()
    assert courier._packed(left) is not None


class TestSending:
    """Where the server does not answer, what is small goes another way; what is not is told."""

    @pytest.fixture
    def sent(self, monkeypatch):
        found = []
        frames = SimpleNamespace(send=lambda message: found.append(message["cargo"]))
        for patience in ("_SEND_PATIENCE", "_SMALL_PATIENCE", "_UNKNOWN_PATIENCE"):
            monkeypatch.setattr(courier, patience, 0.0)
        url = f"http://127.0.0.1:{free_port()}/trackside/api/v1/jobs/1"

        def send(left, *, known):
            courier._send_somehow({"outputs": str(left)}, url, frames, known=known)
            return found

        return send

    @pytest.mark.parametrize("known", [True, False])
    def test_small_outputs_go_over_the_output(self, known, sent, tmp_path) -> None:
        (tmp_path / "data").write_text("content")
        *pieces, end = sent(tmp_path, known=known)
        content = b"".join(base64.b64decode(one["data"]) for one in pieces)
        assert end == {"size": len(content), "digest": hashlib.sha256(content).hexdigest()}

    def test_of_large_ones_it_is_said_what_to_set_or_who_did_not_answer(
        self, sent, tmp_path
    ) -> None:
        (tmp_path / "model").write_bytes(_noise(5_000_000))
        (told,) = sent(tmp_path, known=False)
        assert (told["code"], "cluster_url" in told["message"]) == ("OUTPUTS_TOO_LARGE", True)
        with pytest.raises(ConnectionRefusedError):
            sent(tmp_path, known=True)


def frame(number, told):
    text = json.dumps({"cargo": told})
    pieces = [text[at : at + 3000] for at in range(0, len(text), 3000)]
    return [
        f"{MARK} {number} {index} {len(pieces)} {piece}\n".encode()
        for index, piece in enumerate(pieces)
    ]


def _noise(size):
    """Bytes that do not become fewer when they are packed."""
    blocks = (hashlib.sha256(str(n).encode()).digest() for n in range(size // 32 + 1))
    return b"".join(blocks)[:size]


def ground(version="v1.29.0"):
    """A cluster that says which one it is."""

    async def served():
        return SimpleNamespace(version=version)

    return SimpleNamespace(discovery=SimpleNamespace(served=served))


async def test_a_cluster_needs_to_let_containers_end_one_after_the_other() -> None:
    for version in ("v1.29.0", "v1.36.3+k3s1", "v2.0", "", "of somebody else"):
        await planning.check_ground(ground(version), COURIER)
    for version in ("v1.28.9-gke.1", "v1.9.0"):
        with pytest.raises(InvalidInput, match=f"1.29 or newer, and this cluster is {version}"):
            await planning.check_ground(ground(version), COURIER)
    with pytest.raises(InvalidInput, match="needs an image with Python") as refused:
        await planning.check_ground(ground(), "")
    assert "c.Trackside.job_image" in refused.value.hint


def test_what_both_sides_see_is_found_on_its_volume() -> None:
    claim = {"persistentVolumeClaim": {"claimName": "team"}}
    home = Surroundings(
        volumes=(
            {"name": "team", **claim},
            {"name": "own", **claim},
            {"name": "node", "hostPath": {"path": "/x"}},
        ),
        mounts=(
            {"name": "team", "mountPath": "/home/team/", "subPath": "ana"},
            {"name": "own", "mountPath": "/home/by-name", "subPathExpr": "$(POD)"},
            {"name": "node", "mountPath": "/node"},
        ),
        unseen=("/home/team/private",),
    )
    places = {
        "/home/team/runs/1": ("team", "ana/runs/1"),
        "/home/team": ("team", "ana"),
        "/home/team/private/1": None,
        "/home/teams/1": None,
        "/home/by-name/1": None,
        "/node/1": None,
    }
    assert {path: home.place(path) for path in places} == places
    cargo = Cargo("/home/team/t/1", inputs={"a-0/a": "/home/team/a", "b-1/b": "/tmp/b"})
    assert planning._shared(cargo, home) == [
        Shared("team", "/trackside/inputs/a-0/a", "ana/a"),
        Shared("team", "/trackside/outputs", "ana/t/1/outputs", writable=True),
        Shared("team", "/trackside/parameters", "ana/t/1/parameters", writable=True),
    ]


def test_a_command_that_no_container_could_take_is_refused() -> None:
    planning._check_words(Cargo("/o", ("a" * 100_000, "b" * 100_000)))
    for words in (("ä" * 70_000,), ("a" * 100_000,) * 11):
        with pytest.raises(InvalidInput, match="too long for a container"):
            planning._check_words(Cargo("/o", words))
