"""What the cluster starts by itself: the whole CronJob, and what is known of its Jobs."""

from __future__ import annotations

import json

import pytest

from trackside_server.jobs.runners.base import Recurrence
from trackside_server.jobs.runners.kubernetes import manifests, names
from trackside_server.jobs.runners.kubernetes.building import Ingredients, Standing, build
from trackside_server.jobs.runners.kubernetes.delivery import Delivery
from trackside_server.jobs.runners.kubernetes.introducing import introduce
from trackside_server.jobs.runners.kubernetes.objects import JobView, PodView
from trackside_server.jobs.runners.kubernetes.reporting import status_of
from trackside_server.jobs.runners.kubernetes.situation import Situation
from trackside_server.jobs.runners.kubernetes.surroundings import Surroundings
from trackside_server.jobs.runners.kubernetes.tracked import track
from trackside_server.jobs.verdict import Verdict
from trackside_server.structs import replace

from .made import job

IMAGE = "registry.example/team/train:1"
ID = "6f1c2a52-9a0e-4c11-b1d5-0b3a3f1f2e11"
NAME = names.recurring_name("Every night", ID, "a")
BESIDE = f"{NAME}-a1b2c3"
UID = "0d7b5f0e-7c3c-4b57-8b4b-1f3f0a6f1c9e"
BY_HAND = 1_763_616_243_000 + names.fraction_of(UID)
LABELS = {
    "app.kubernetes.io/managed-by": "trackside",
    "app.kubernetes.io/name": "trackside-recurring",
    "trackside.dev/recurring": ID,
    "trackside.dev/user": "ana-example.org",
}
REMARKS = {
    "trackside.dev/name": "Every night",
    "trackside.dev/experiment": "digits",
    "trackside.dev/source": "train.py",
}
ALONE = {"sidecar.istio.io/inject": "false"}


def cron_job(home=None, variables=None, **spec):
    """Build a CronJob, and what is made beside it."""
    of = job(name="Every night", **spec)
    made = build(
        Ingredients(
            "team-a",
            of,
            IMAGE,
            home=home or Surroundings(),
            variables=variables or {},
            delivery=Delivery("pieces", ({"launch.json": b"{}", "start.py": b""},)),
            standing=Standing(NAME, BESIDE, names.recurring_labels(ID, of.user)),
        )
    )
    timing = manifests.Timing(
        "0 6 * * *",
        "Europe/Berlin",
        one_at_a_time=True,
        suspended=False,
        keep=604800,
        retries=of.spec.retries,
    )
    return made, manifests.cron_job(NAME, made.main, timing, annotations=names.remarks(of))


def test_the_cluster_starts_the_same_job_that_a_server_would_send() -> None:
    _, found = cron_job(retries=2)
    template = found["spec"]["jobTemplate"]
    asked = json.loads(template["metadata"]["annotations"].pop(names.SPEC))
    assert (asked["bundle"], asked["retries"]) == ("b" * 64, 2)
    assert found == {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {
            "name": NAME,
            "namespace": "team-a",
            "labels": LABELS,
            "annotations": REMARKS,
        },
        "spec": {
            "schedule": "0 6 * * *",
            "timeZone": "Europe/Berlin",
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 86400,
            "suspend": False,
            "successfulJobsHistoryLimit": 100,
            "failedJobsHistoryLimit": 100,
            "jobTemplate": {
                "metadata": {"labels": LABELS, "annotations": REMARKS},
                "spec": {
                    "parallelism": 1,
                    "completions": 1,
                    "backoffLimit": 2,
                    "ttlSecondsAfterFinished": 604800,
                    "podFailurePolicy": {
                        "rules": [
                            {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}
                        ]
                    },
                    "template": {
                        "metadata": {"labels": LABELS | ALONE, "annotations": REMARKS | ALONE},
                        "spec": {
                            "restartPolicy": "Never",
                            "enableServiceLinks": False,
                            "terminationGracePeriodSeconds": 10,
                            "containers": [
                                {
                                    "name": "trackside",
                                    "image": IMAGE,
                                    "imagePullPolicy": "IfNotPresent",
                                    "command": ["python3", "-u", "/etc/trackside/start.py"],
                                    "env": [
                                        {"name": "PYTHONUNBUFFERED", "value": "1"},
                                        {"name": "TRACKSIDE_MLFLOW", "value": "ours"},
                                        {"name": "TRACKSIDE_RUN_ID", "value": "own"},
                                    ],
                                    "resources": {},
                                    "volumeMounts": [
                                        {"name": "trackside-home", "mountPath": "/trackside"},
                                        {
                                            "name": "trackside-code",
                                            "mountPath": "/etc/trackside",
                                            "readOnly": True,
                                        },
                                    ],
                                    "terminationMessagePolicy": "FallbackToLogsOnError",
                                }
                            ],
                            "volumes": [
                                {"name": "trackside-home", "emptyDir": {}},
                                {
                                    "name": "trackside-code",
                                    "projected": {
                                        "sources": [{"configMap": {"name": f"{BESIDE}-code-0"}}],
                                        "defaultMode": 0o444,
                                    },
                                },
                            ],
                        },
                    },
                },
            },
        },
    }


def test_a_cronjob_is_nobodys_so_that_it_outlives_the_pod_of_the_notebook() -> None:
    made, found = cron_job(variables={"API_KEY": "sk-secret"})
    for manifest in (found, *(one for _, one in made.support)):
        assert "ownerReferences" not in manifest["metadata"]
        assert manifest["metadata"]["labels"] == LABELS
    # And is named so that with the cluster's number it still is a host name.
    assert len(f"{names.recurring_name('n' * 90, ID, 'a')}-1763616243000-abcde") <= 63
    assert [one["metadata"]["name"] for _, one in made.support] == [
        f"{BESIDE}-env",
        f"{BESIDE}-code-0",
    ]


def test_an_outside_mlflow_server_that_the_notebook_names_is_written_to() -> None:
    def variables(found):
        (only,) = found["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        return {one["name"]: one.get("value") for one in only["env"]}

    uri = {"MLFLOW_TRACKING_URI": "https://mlflow.example"}
    _, found = cron_job(env=uri)
    assert variables(found) == {"PYTHONUNBUFFERED": "1", "TRACKSIDE_RUN_ID": "own", **uri}
    home = Surroundings(env=({"name": "MLFLOW_TRACKING_URI", "value": "https://mlflow.example"},))
    _, found = cron_job(home)
    assert "TRACKSIDE_MLFLOW" not in variables(found)


def of_the_cluster(name=f"{NAME}-29394024", **annotations):
    """A Job as the cluster makes it of the template."""
    _, cron = cron_job()
    cron["metadata"]["uid"] = "c" * 36
    made = manifests.job_of(cron, name, annotations)
    made["metadata"] |= {"uid": UID, "creationTimestamp": "2025-11-20T05:24:03Z"}
    return made


def test_each_run_is_a_job_of_its_own_though_no_server_gave_it_an_id() -> None:
    view = JobView.of(of_the_cluster())
    pod = PodView.of(
        {
            "metadata": {
                "uid": "p",
                "name": f"{view.name}-x",
                "labels": {
                    **LABELS,
                    "batch.kubernetes.io/controller-uid": UID,
                    "batch.kubernetes.io/job-name": view.name,
                },
            }
        }
    )
    assert (view.job_id, view.attempt) == (pod.job_id, pod.attempt) == (names.job_id_of(UID), 1)
    assert len(view.job_id) == 16
    # A label that says which job it is counts more than one that says why it is there.
    named = {**LABELS, names.JOB_ID: "0123456789abcdef", names.ATTEMPT: "3"}
    named = JobView.of({"metadata": {"uid": UID, "labels": named}})
    assert (named.job_id, named.attempt) == ("0123456789abcdef", 3)


@pytest.mark.parametrize(
    ("name", "annotations", "due", "by_hand"),
    [
        (
            f"{NAME}-29394024",
            {names.SCHEDULED: "2025-11-20T06:24:00+01:00"},
            1763616240000,
            False,
        ),
        # Before Kubernetes 1.28 only the name tells.
        (f"{NAME}-29394024", {}, 29394024 * 60_000, False),
        # Its second may be one for which the cluster has started another one.
        (f"{NAME}-1763616243042", {names.INSTANTIATE: names.BY_HAND}, BY_HAND, True),
    ],
)
def test_the_moment_for_which_the_cluster_started_it_is_known(
    name, annotations, due, by_hand
) -> None:
    found = introduce(of_the_cluster(name, **annotations), "ana@example.org")
    assert found is not None
    assert found.recurrence == Recurrence(ID, due, NAME, by_hand=by_hand)
    assert (found.job_id, found.attempt, found.name) == (names.job_id_of(UID), 1, "Every night")
    assert BY_HAND % 1000 > 0
    assert introduce(of_the_cluster(), "bob@example.org") is None
    # It is found under the name that the cluster gave it.
    mine = {key: value for key, value in found.cluster.items() if key != "foreign"}
    followed = track(job_with({**mine, "recurring": ID}), "team-a")
    assert (followed.name, followed.foreign) == (name, False)


def job_with(cluster):
    return replace(job(), cluster=cluster)


def test_what_a_change_leaves_out_is_taken_out_of_the_object() -> None:
    old = {"a": 1, "gone": 2, "deep": {"b": 1, "gone": 2}, "list": [1, 2]}
    new = {"a": 2, "deep": {"b": 1, "c": {}}, "list": [3]}
    assert manifests.change(old, new) == {
        "a": 2,
        "gone": None,
        "deep": {"b": 1, "c": {}, "gone": None},
        "list": [3],
    }


def test_of_one_whose_pod_is_gone_it_is_said_that_there_is_no_log() -> None:
    followed = track(job_with({"name": "nightly-29394024", "uid": UID, "recurring": ID}), "team-a")
    ended = Situation("ended", verdict=Verdict("succeeded", "COMPLETED", "Completed."))
    told = status_of(followed, ended).verdict
    assert told is not None
    assert told.message.startswith("Completed. Its pod was removed before")
    followed.pods["p"] = PodView("p", "nightly-29394024-x")
    assert status_of(followed, ended).verdict == ended.verdict
