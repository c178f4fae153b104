"""The cluster goes away, hangs, forgets, refuses and restarts: jobs go on, and none is cut."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import ssl
import statistics
import threading
import time
from urllib.parse import urlsplit

import pytest
from tests.cluster.hermetic.access import CommandFailed

from trackside import _job

# Ticks until it is let go.
TICKS = """
import itertools, os, time
for number in itertools.count():
    print("line", number, flush=True)
    if os.path.exists("/tmp/go"): break
    time.sleep(0.05)
print("end")
"""
# Ends by itself some seconds after it began.
BRIEF = """
import time
for number in range(100):
    print("line", number, flush=True)
    time.sleep(0.04)
print("end")
"""


OUTAGE = float(os.environ.get("TRACKSIDE_OUTAGE", "12"))


@pytest.fixture(scope="module", autouse=True)
def ours(cluster):
    if not hasattr(cluster, "stop_api_server"):
        pytest.skip("Another cluster's servers are its owner's.")


def go(jobs, job) -> None:
    """Let a job go on that waits."""
    pod = jobs.pod(job)["metadata"]["name"]

    def touch():
        try:
            jobs.namespace.admin("exec", pod, "--", "touch", "/tmp/go")
        except CommandFailed:
            # A kubelet that has just come does not know its pods yet.
            return False
        return True

    jobs.until_true(touch, "a way into the pod")


def assert_whole(jobs, job) -> None:
    """Look whether each line is in the log, once and in its place."""
    log = jobs.log(job)
    count = log.count("\n") - 1
    assert count > 10
    assert log == "".join(f"line {number}\n" for number in range(count)) + "end\n"


class Neighbour:
    """Uses Jupyter while something else goes on, and measures how long it takes."""

    def __init__(self, server) -> None:
        self.server = server
        self.times: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            for path in ("api/kernelspecs", "api/contents"):
                began = time.perf_counter()
                assert self.server.request("GET", path).status == 200
                self.times.append(time.perf_counter() - began)
            self._stop.wait(0.05)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.times, n=20)[-1]


def usual(jobs) -> float:
    """Return how long Jupyter takes at this moment, with a cluster that answers."""
    with Neighbour(jobs.server) as neighbour:
        jobs.until_true(lambda: len(neighbour.times) > 60, "usual answers")
    return neighbour.p95


def test_jobs_outlive_an_api_server_that_is_away_and_others_follow_when_it_is_back(
    cluster, jobs
) -> None:
    runs, ends, unwanted = jobs.script(TICKS), jobs.script(BRIEF), jobs.script(TICKS)
    for job in (runs, ends, unwanted):
        jobs.prints(job, "line 3\n")
    before = usual(jobs)
    cluster.stop_api_server()
    gone_at = time.monotonic()
    try:
        with Neighbour(jobs.server) as neighbour:
            late = jobs.script("print('late')")
            said = jobs.says(late, "CLUSTER_UNREACHABLE")
            unwanted.cancel()
            never = jobs.script("print('never')")
            never.cancel()
            # What ran is not said to have ended because nobody can be asked.
            jobs.until_true(lambda: time.monotonic() > gone_at + OUTAGE, "a long time")
            assert jobs.get(runs)["state"] == "RUNNING"
            assert jobs.get(late)["state"] == "QUEUED"
    finally:
        cluster.start_api_server()
    assert said.startswith("The cluster does not answer (")
    assert said.endswith("the job goes there as soon as it does.")
    assert neighbour.p95 < 0.5 + 2 * before
    jobs.succeeded(late)
    jobs.succeeded(ends)
    assert_whole(jobs, ends)
    for job in (unwanted, never):
        assert jobs.end(job)[:2] == ("CANCELED", "CANCELED")
    assert jobs.objects(never, "jobs") == []
    go(jobs, runs)
    assert jobs.succeeded(runs)["attempt"] == 1
    assert_whole(jobs, runs)


def test_jupyter_answers_while_the_cluster_hangs_and_jobs_go_on_after(cluster, jobs) -> None:
    runs, ends = jobs.script(TICKS), jobs.script(BRIEF)
    for job in (runs, ends):
        jobs.prints(job, "line 3\n")
    before = usual(jobs)
    cluster.pause_api_server()
    try:
        with Neighbour(jobs.server) as neighbour:
            late = jobs.script("print('late')")
            said = jobs.says(late, "CLUSTER_UNREACHABLE")
            assert jobs.get(runs)["state"] == "RUNNING"
    finally:
        cluster.resume_api_server()
    assert "it did not answer in time" in said
    assert neighbour.p95 < 0.5 + 2 * before
    jobs.succeeded(late)
    assert len(jobs.objects(late, "jobs")) == 1
    jobs.succeeded(ends)
    assert_whole(jobs, ends)
    go(jobs, runs)
    jobs.succeeded(runs)
    assert_whole(jobs, runs)


def test_nothing_is_missed_when_the_cluster_has_forgotten_what_was_seen_last(cluster, jobs) -> None:
    runs, ends, removed = jobs.script(TICKS), jobs.script(BRIEF), jobs.script(TICKS)
    for job in (runs, ends, removed):
        jobs.prints(job, "line 3\n")
    path = f"/apis/batch/v1/namespaces/{jobs.namespace.name}/jobs"
    seen = json.loads(jobs.namespace.kubectl("get", "--raw", path))["metadata"]["resourceVersion"]
    os.kill(jobs.server.pid, signal.SIGSTOP)
    try:
        jobs.until_true(lambda: jobs.object(ends, "jobs")["status"].get("succeeded"), "an end")
        name = jobs.object(removed, "jobs")["metadata"]["name"]
        jobs.namespace.admin("delete", "job", name, "--cascade=foreground")
        cluster.compact()
    finally:
        os.kill(jobs.server.pid, signal.SIGCONT)
    watch = f"{path}?watch=true&timeoutSeconds=1&resourceVersion={seen}"
    assert '"code":410' in jobs.namespace.kubectl("get", "--raw", watch)
    jobs.succeeded(ends)
    assert_whole(jobs, ends)
    state, code, message = jobs.end(removed)
    assert (state, code) == ("CANCELED", "DELETED"), message
    go(jobs, runs)
    jobs.succeeded(runs)
    assert_whole(jobs, runs)


def test_jobs_wait_while_the_cluster_has_too_much_to_do_for_them(cluster, jobs) -> None:
    runs = jobs.script(TICKS)
    jobs.prints(runs, "line 3\n")
    name = jobs.namespace.name
    user = {"kind": "ServiceAccount", "serviceAccount": {"name": "notebook", "namespace": name}}
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]}
    flow = "flowcontrol.apiserver.k8s.io/v1"
    level = {
        "type": "Limited",
        "limited": {
            "nominalConcurrencyShares": 0,
            "lendablePercent": 0,
            "borrowingLimitPercent": 0,
            "limitResponse": {"type": "Reject"},
        },
    }
    rules = {
        "priorityLevelConfiguration": {"name": name},
        "matchingPrecedence": 2,
        "rules": [
            {"subjects": [user], "resourceRules": [{**everything, "clusterScope": True}]},
        ],
    }
    for kind, spec in (("PriorityLevelConfiguration", level), ("FlowSchema", rules)):
        made = {"apiVersion": flow, "kind": kind, "metadata": {"name": name}, "spec": spec}
        cluster.kubectl("create", "-f", "-", input=json.dumps(made))
    with contextlib.ExitStack() as hogs:
        hogs.callback(cluster.kubectl, "delete", "flowschema,prioritylevelconfiguration", name)
        # The one request that has a place does not end.
        jobs.until_true(lambda: refused(cluster, jobs, hogs), "a cluster with too much to do")
        late = jobs.script("print('late')")
        said = jobs.says(late, "CLUSTER_UNREACHABLE")
        assert jobs.get(runs)["state"] == "RUNNING"
    assert "too many requests" in said.lower()
    jobs.succeeded(late)
    go(jobs, runs)
    jobs.succeeded(runs)
    assert_whole(jobs, runs)


def refused(cluster, jobs, hogs) -> bool:
    """Begin a request that does not end, and tell whether another one is refused."""
    namespace = jobs.namespace
    place = urlsplit(cluster.server)
    context = ssl.create_default_context(cafile=str(cluster.ca_file))
    path = f"/api/v1/namespaces/{namespace.name}/configmaps"

    def begin(method, length):
        found = http.client.HTTPSConnection(place.hostname, place.port, context=context)
        hogs.callback(found.close)
        found.putrequest(method, path)
        found.putheader("Authorization", f"Bearer {namespace.token}")
        found.putheader("Content-Type", "application/json")
        found.putheader("Content-Length", str(length))
        found.endheaders()
        return found

    begin("POST", 1000)
    return begin("DELETE", 0).getresponse().status == 429


@pytest.fixture(scope="module")
def rotating(cluster, serve, room, tmp_path_factory):
    """Servers whose token is in a file, and comes from a plug-in; it can be replaced."""
    folder = tmp_path_factory.mktemp("tokens")
    token = folder / "token"
    script = folder / "plugin"
    script.write_text(
        "#!/bin/sh\n"
        'echo \'{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",'
        f""" "status": {{"token": "'$(cat {token})'"}}}}'\n"""
    )
    script.chmod(0o755)
    numbers = iter(range(100))

    def rotate():
        """Give out a new token, and make the old one invalid."""
        number = next(numbers)
        room.admin("create", "secret", "generic", f"session-{number}")
        bound = ("--bound-object-kind=Secret", f"--bound-object-name=session-{number}")
        token.write_text(room.admin("create", "token", "notebook", *bound).strip())
        if number:
            room.admin("delete", "secret", f"session-{number - 1}")

    rotate()
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": str(script),
        "interactiveMode": "Never",
    }
    servers = {}
    for kind, user in (("file", {"tokenFile": str(token)}), ("plugin", {"exec": plugin})):
        config = json.loads(room.kubeconfig.read_text())
        config["users"][0]["user"] = user
        path = folder / f"{kind}.kubeconfig"
        path.write_text(json.dumps(config))
        servers[kind] = serve(kubeconfig=path)
    return rotate, servers


def test_jobs_are_followed_and_sent_with_the_new_token_when_the_old_one_is_taken_away(
    cluster, rotating
) -> None:
    rotate, servers = rotating
    runs = {kind: jobs.script(TICKS) for kind, jobs in servers.items()}
    for kind, jobs in servers.items():
        jobs.prints(runs[kind], "line 3\n")
    rotate()
    # Which also takes away what was open, and what the API server remembered of tokens.
    cluster.stop_api_server()
    cluster.start_api_server()
    late = {kind: jobs.script("print('late')") for kind, jobs in servers.items()}
    for kind, jobs in servers.items():
        jobs.succeeded(late[kind])
        go(jobs, runs[kind])
        jobs.succeeded(runs[kind])
        assert_whole(jobs, runs[kind])


def test_a_kubelet_that_is_restarted_costs_no_line(cluster, jobs) -> None:
    runs, ends = jobs.script(TICKS), jobs.script(BRIEF)
    for job in (runs, ends):
        jobs.prints(job, "line 3\n")
    cluster.stop_kubelet()
    cluster.start_kubelet()
    jobs.succeeded(ends)
    assert_whole(jobs, ends)
    go(jobs, runs)
    assert jobs.succeeded(runs)["attempt"] == 1
    assert_whole(jobs, runs)


# More than the node keeps in one file of a log, for longer than it takes to notice.
FLOOD = """
import time
for number in range(110_000):
    print("line", number, "x" * 120)
    if number % 2000 == 1999: time.sleep(0.25)
print("end")
"""
NOTE = "[trackside] The node has removed lines here before they could be read"


def test_a_log_that_the_node_cuts_is_whole_or_says_where_lines_are_missing(jobs) -> None:
    job = jobs.script(FLOOD)
    jobs.until(job, lambda now: now["ended_at"] is not None, timeout=200)
    expected = 0
    noted = False
    torn = []
    before = ""
    with (jobs.folder_of(job) / "output.log").open(encoding="utf-8") as log:
        for line in log:
            if line.startswith(NOTE):
                noted = True
            elif line == "end\n":
                break
            elif found := re.fullmatch(r"line (\d+) x{120}\n", line):
                number = int(found[1])
                assert number == expected or (noted and number > expected), (before, line)
                expected, noted = number + 1, False
            elif noted:
                assert re.fullmatch(r"[line]* ?\d* ?x{0,120}\n", line), (before, line)
            else:
                # containerd writes what it has of a line at the end of the file that is put away,
                # after the new one is there, which the kubelet may be reading already.
                assert f"line {expected} {'x' * 120}\n".endswith(line), (before, line)
                torn.append(expected)
                expected += 1
            before = line
        else:
            pytest.fail("The end is missing.")
    assert expected == 110_000
    # Of 18 MiB, a node begins a new file at each 10.
    assert len(torn) <= 2, torn


def listed(jobs):
    return {job["job_id"]: job for job in jobs.client.api("GET", "jobs")["jobs"]}


def test_two_servers_in_one_namespace_do_not_disturb_each_other(jobs, serve) -> None:
    other = serve()
    ours, theirs = jobs.script(TICKS, name="same"), other.script(TICKS, name="same")
    jobs.prints(ours, "line 3\n")
    other.prints(theirs, "line 3\n")
    # Jobs of the user are seen in each of their notebooks, and looked after by the one they are of.
    there = other.until_true(lambda: listed(other).get(ours.id), "a job of another notebook")
    assert there["cluster"]["foreign"]
    assert not listed(other)[theirs.id]["cluster"].get("foreign")
    other.server.kill()
    other.server.restart()
    ours.cancel()
    assert jobs.end(ours)[:2] == ("CANCELED", "CANCELED")
    other.until_true(lambda: listed(other)[ours.id]["state"] == "CANCELED", "its end there")
    assert other.get(theirs)["state"] == "RUNNING"
    go(other, theirs)
    other.succeeded(theirs)
    assert_whole(other, theirs)


def test_another_server_on_the_same_store_goes_on_where_the_first_was_when_it_died(serve) -> None:
    first = serve()
    fast = first.script(
        "import os, time\n"
        "for number in range(20_000):\n"
        "    print('line', number)\n"
        "    if number == 10_000:\n"
        "        while not os.path.exists('/tmp/go'): time.sleep(0.05)\n"
        "print('end')\n"
    )
    ends = first.script(BRIEF)
    first.prints(ends, "line 3\n")
    first.prints(fast, "line 2000\n")
    first.server.kill()
    go(first, fast)
    second = serve(root_dir=str(first.server.root))
    for job in (fast, ends):
        job = _job.Job(second.client.api("GET", f"jobs/{job.id}"), second.client)
        now = second.succeeded(job)
        assert now["attempt"] == 1
        assert second.run(job)["status"] == "FINISHED"
        assert_whole(second, job)
        if job.id == fast.id:
            assert second.log(job).count("\n") == 20_001
