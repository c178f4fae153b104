"""Whatever ends a job or holds it up is told in one sentence, and under a code that stays."""

from __future__ import annotations

import json

import pytest
from tests.cluster.hermetic import access

import trackside

WAITS = (
    "import os, time\n"
    "print('begun', flush=True)\n"
    "while not os.path.exists('/tmp/go'): time.sleep(0.05)\n"
    "print('done')\n"
)
STAYS = "import time\nprint('on', flush=True)\ntime.sleep(600)\n"
EATS = "eaten = []\nwhile True: eaten.append(bytearray(10**7))\n"
RAISES = "x = [64]\n\nraise ValueError(f'shapes {x} and (10,) not aligned')\n"
# Rank 1 has a fault of its own once both are there; rank 0 would wait for it for ever.
ONE_FAILS = """
import os, socket, time
place = (os.environ["MASTER_ADDR"], 29500)
if os.environ["RANK"] == "0":
    with socket.create_server(("", 29500)) as server:
        server.accept()
        time.sleep(600)
while True:
    try:
        socket.create_connection(place).close()
        break
    except OSError:
        time.sleep(0.1)
raise SystemExit(5)
"""


@pytest.fixture(scope="module")
def begun(jobs):
    """Jobs that fail by themselves, all under way at once."""
    return {
        "image": jobs.script("pass", image="registry.invalid/team/x:1"),
        "gpus": jobs.script("pass", gpus=20),
        "memory": jobs.script("pass", memory="900Gi"),
        "oom": jobs.script(EATS, memory="100Mi"),
        "exit": jobs.script("raise SystemExit(3)"),
        "words": jobs.script("raise SystemExit('no data for today')"),
        "cell": jobs.cell(RAISES),
        "function": jobs.function(
            "def work(n):\n    raise ValueError(f'{n} is too many')\n", params={"n": 7}
        ),
        # It has to print something by then, beside all the others.
        "limit": jobs.script(STAYS, time_limit=30),
        "no-command": jobs.submit(["/bin/nonesuch", "--fast"]),
        "not-found": jobs.submit(["sh", "-c", "nonesuch"]),
        "signal": jobs.script("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"),
        "rank": jobs.script(ONE_FAILS, nodes=2),
    }


def test_an_image_that_no_registry_has(jobs, begun) -> None:
    job = begun["image"]
    message = jobs.says(job, "IMAGE_REGISTRY_UNREACHABLE")
    assert message == (
        "Cannot pull image registry.invalid/team/x:1: there is no registry of this name. Check the "
        "first part of the image's name, or the cluster's DNS."
    )
    assert jobs.get(job)["state"] == "STARTING"
    job.cancel()
    assert jobs.end(job)[:2] == ("CANCELED", "CANCELED")


def test_gpus_that_no_node_has(jobs, begun) -> None:
    job = begun["gpus"]
    message = jobs.says(job, "TOO_BIG")
    assert message.startswith("No node has 20 GPUs")
    job.cancel()
    assert jobs.end(job)[:2] == ("CANCELED", "CANCELED")


def test_memory_that_no_node_has(jobs, begun) -> None:
    job = begun["memory"]
    message = jobs.says(job, "TOO_BIG")
    assert message == (
        "No node has as much memory as asked for, free or not. Ask for less on each node."
    )
    job.cancel()
    assert jobs.end(job)[:2] == ("CANCELED", "CANCELED")


def test_memory_that_runs_out(jobs, begun, cluster) -> None:
    end = jobs.end(begun["oom"])
    message = f"Out of memory: used 100.0 of 100 MiB on {cluster.node}."
    assert end == ("FAILED", "OUT_OF_MEMORY", message)
    (rank,) = begun["oom"].data["cluster"]["ranks"]
    assert rank["state"] == "failed"


def test_an_exit_code(jobs, begun) -> None:
    end = jobs.end(begun["exit"])
    message = "Exited with code 3. The end of the log may say why."
    assert end == ("FAILED", "EXIT_CODE", message)
    assert begun["exit"].data["exit_code"] == 3
    assert jobs.run(begun["exit"])["status"] == "FAILED"


def test_last_words_of_a_program(jobs, begun) -> None:
    end = jobs.end(begun["words"])
    assert end == ("FAILED", "EXIT_CODE", "The program ended itself: no data for today")


def test_an_exception_names_the_line_of_the_cell_as_its_author_sees_it(jobs, begun) -> None:
    end = jobs.end(begun["cell"])
    message = "ValueError in cell line 4: shapes [64] and (10,) not aligned"
    assert end == ("FAILED", "EXCEPTION", message)
    failure = begun["cell"].data["failure"]
    assert (failure["type"], failure["cell_line"]) == ("ValueError", 4)
    assert "Traceback" in failure["traceback"]


def test_an_exception_is_raised_where_its_result_is_wanted(jobs, begun) -> None:
    jobs.ended(begun["function"])
    with pytest.raises(ValueError, match="7 is too many") as raised:
        begun["function"].result()
    assert "in work" in str(raised.value.__cause__)


def test_a_time_limit(jobs, begun) -> None:
    end = jobs.end(begun["limit"])
    assert end == ("FAILED", "TIME_LIMIT", "Stopped at its time limit of 30 s.")
    assert jobs.log(begun["limit"]).startswith("on\n")


def test_a_command_that_is_not_in_the_image(jobs, begun) -> None:
    end = jobs.end(begun["no-command"])
    message = "Could not start: /bin/nonesuch is not in the image."
    assert end == ("FAILED", "LAUNCH_FAILED", message)


def test_a_command_that_calls_what_is_not_in_the_image(jobs, begun) -> None:
    end = jobs.end(begun["not-found"])
    message = "Exited with code 127: a command that it calls is not in the image."
    assert end == ("FAILED", "EXIT_CODE", message)


def test_a_crash(jobs, begun) -> None:
    state, code, message = jobs.end(begun["signal"])
    assert (state, code) == ("FAILED", "SIGNAL")
    assert "SIGSEGV" in message
    assert begun["signal"].data["signal"] == "SIGSEGV"


def test_the_rank_that_failed_first_is_named(jobs, begun) -> None:
    end = jobs.end(begun["rank"])
    message = "Rank 1 failed first: exited with code 5. The end of the log may say why."
    assert end == ("FAILED", "EXIT_CODE", message)


def go(jobs, job) -> None:
    """Let a job go on that waits."""
    jobs.namespace.admin("exec", jobs.pod(job)["metadata"]["name"], "--", "touch", "/tmp/go")


def test_a_job_on_a_node_that_is_drained_starts_again_and_its_log_says_so(jobs, cluster) -> None:
    job = jobs.script(WAITS)
    jobs.prints(job, "begun\n")
    name = jobs.pod(job)["metadata"]["name"]
    space = jobs.namespace.name
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": space},
    }
    path = f"/api/v1/namespaces/{space}/pods/{name}/eviction"
    cluster.kubectl("create", "--raw", path, "-f", "-", input=json.dumps(eviction))
    again = f"begun\n── started again on {cluster.node} ──\nbegun\n"
    jobs.prints(job, again)
    # A server that comes anew reads neither of its pods twice.
    jobs.server.kill()
    jobs.server.restart()
    now = jobs.running(job)
    assert now["attempt"] == 1
    go(jobs, job)
    jobs.succeeded(job)
    assert jobs.log(job) == f"{again}done\n"


def test_a_pod_that_somebody_deletes(jobs) -> None:
    job = jobs.script(WAITS)
    jobs.prints(job, "begun\n")
    jobs.namespace.admin("delete", "pod", jobs.pod(job)["metadata"]["name"], "--wait=false")
    end = jobs.end(job)
    message = "Its pod was deleted in the cluster, not by Trackside."
    assert end == ("FAILED", "POD_DELETED", message)


def test_a_job_that_somebody_deletes(jobs) -> None:
    job = jobs.script(WAITS)
    jobs.prints(job, "begun\n")
    made = jobs.object(job, "jobs")["metadata"]["name"]
    jobs.namespace.admin("delete", "job", made, "--wait=false")
    end = jobs.end(job)
    message = "Canceled: it was deleted in the cluster, by somebody else than Trackside."
    assert end == ("CANCELED", "DELETED", message)
    assert jobs.log(job) == "begun\n"
    assert jobs.run(job)["status"] == "KILLED"


def test_a_job_waits_for_the_quota_of_its_namespace(jobs) -> None:
    quota = "--hard=requests.nvidia.com/gpu=2"
    jobs.namespace.admin("create", "quota", "gpus", quota)
    try:
        with pytest.raises(trackside.TracksideError, match="gpus") as raised:
            jobs.script("pass", gpus=3)
        assert raised.value.status == 400
        first = jobs.script(WAITS, gpus=2)
        jobs.prints(first, "begun\n")
        second = jobs.script("pass", gpus=1)
        message = jobs.says(second, "QUOTA_EXCEEDED")
        assert message == (
            "Waiting for quota gpus of the namespace: 2 of 2 GPUs are taken, and the job needs 1 "
            "more."
        )
        assert second.data["state"] == "QUEUED"
        go(jobs, first)
        jobs.succeeded(first)
        second.cancel()
        jobs.ended(second)
    finally:
        jobs.namespace.admin("delete", "quota", "gpus")


def test_a_user_without_rights_is_told_which_are_missing(serve, room, cluster) -> None:
    room.admin("create", "serviceaccount", "stranger")
    token = room.admin("create", "token", "stranger").strip()
    path = room.kubeconfig.with_name("stranger.kubeconfig")
    access.with_token(path, cluster.server, cluster.ca_file.read_bytes(), token, room.name)
    theirs = serve(kubeconfig=path)
    with pytest.raises(trackside.TracksideError) as raised:
        theirs.script("pass")
    assert raised.value.status == 400
    assert str(raised.value) == (
        "Jobs cannot be run in this namespace: Trackside may not create, follow and end them. The "
        "panel's Cluster section shows the Role to ask for."
    )


def test_an_image_has_to_be_known(serve) -> None:
    theirs = serve(job_image="")
    with pytest.raises(trackside.TracksideError, match="needs an image") as raised:
        theirs.script("pass")
    assert raised.value.status == 400
    assert "Trackside.job_image" in str(raised.value)
