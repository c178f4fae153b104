"""What steers tasks on the cluster: branches, loops in loops, limits, failures that are ignored.

Here the pods reach the server, so artifacts go over HTTP.
"""

from __future__ import annotations

import pytest
from tests.cluster.pipelines.conftest import outputs

NAMES = ("limited", "ways", "nests", "goes-on")
IMPORTED = "made by hand"


@pytest.fixture(scope="module")
def jobs(serve, host_address):
    """The jobs of a server that pods reach."""
    return serve(address=host_address)


@pytest.fixture(scope="module")
def begun(pipelines):
    """Runs under way at once."""
    (pipelines.server.notebooks / "data.txt").write_text(IMPORTED)
    uri = (pipelines.server.notebooks / "data.txt").as_uri()
    return {name: pipelines.start(name) for name in NAMES} | {
        "imports": pipelines.start("imports", uri=uri)
    }


def those(tasks, part):
    """Return the tasks whose paths end in a name, in the order of their paths."""
    return [tasks[path] for path in sorted(tasks) if path.rpartition("/")[2] == part]


def test_of_a_loop_as_many_run_at_once_as_may_and_the_next_when_one_is_over(
    pipelines, begun
) -> None:
    run = begun["limited"]
    paths = [f"for-loop-2[{number}]/holds" for number in range(4)]
    for path in paths[:2]:
        pipelines.until_prints(run, path, "holds")
    # Those that may not run yet are not even there.
    assert [path for path in paths if path in pipelines.tasks(run)] == paths[:2]
    for path, following in zip(paths, [*paths[2:], None, None], strict=True):
        pipelines.release(pipelines.until_prints(run, path, "holds"))
        if following is not None:
            pipelines.until_prints(run, following, "holds")
    tasks = pipelines.succeeded(run)
    times = [outputs(tasks[path]) for path in paths]
    at_once = [
        sum(other["began"] <= one["began"] < other["over"] for other in times) for one in times
    ]
    assert max(at_once) == 2
    assert times[0]["over"] < times[2]["began"] < times[1]["over"] < times[3]["began"]


def test_each_repetition_goes_its_own_way_and_gives_the_value_and_the_file_from_there(
    pipelines, begun
) -> None:
    tasks = pipelines.succeeded(begun["ways"])
    assert outputs(tasks[""])["Output"] == {
        "values": ["large", "small", "middle"],
        "others": ["the file of large", "the file of small", "the file of middle"],
    }
    for repetition, taken in enumerate((4, 2, 3)):
        path = f"for-loop-2[{repetition}]/way"
        branches = [f"{path}/condition-branches-1/condition-{number}" for number in (2, 3, 4)]
        states = [tasks[branch]["state"] for branch in branches]
        assert states == ["SUCCEEDED" if number == taken else "SKIPPED" for number in (2, 3, 4)]
        (told,) = (
            task
            for name, task in tasks.items()
            if name.startswith(f"{path}/condition-branches-1/condition-{taken}/")
        )
        assert pipelines.came_after([tasks[f"{path}/shows"]], [told])
    assert pipelines.came_after([tasks["gathers"]], those(tasks, "shows"))


def test_a_loop_in_a_loop_gives_a_list_of_lists_and_its_files_go_through_another_one_by_one(
    pipelines, begun
) -> None:
    tasks = pipelines.succeeded(begun["nests"])
    assert outputs(tasks[""])["Output"] == {
        "values": [[30, 60], [20, 40]],
        "others": ["3 times 10", "3 times 20", "2 times 10", "2 times 20"],
    }
    products, shown = those(tasks, "multiplies"), those(tasks, "shows")
    assert [outputs(task)["out"] for task in products] == [30, 60, 20, 40]
    assert len(shown) == 4
    assert pipelines.came_after(shown, products)
    assert pipelines.came_after([tasks["gathers"]], shown)


def test_what_ignores_a_failure_runs_with_its_defaults_and_the_run_has_failed(
    pipelines, begun
) -> None:
    state, tasks = pipelines.ended(begun["goes-on"])
    assert state == "FAILED"
    states = {path: task["state"] for path, task in tasks.items()}
    assert states == {
        "": "FAILED",
        "breaks": "FAILED",
        "says": "SUCCEEDED",
        "adds": "SUCCEEDED",
        "tells": "SKIPPED",
    }
    assert outputs(tasks["says"]) == {"out": "went on"}
    assert outputs(tasks["adds"]) == {"out": "a default, and more"}
    # What a task wrote before it failed is no output.
    assert outputs(tasks["breaks"]) == {}
    assert pipelines.came_after([tasks["says"], tasks["adds"]], [tasks["breaks"]])


def test_an_imported_file_is_read_by_a_container_there(pipelines, begun) -> None:
    tasks = pipelines.succeeded(begun["imports"])
    (imported,) = tasks["importer"]["outputs"]["artifacts"]
    (artifact,) = imported["artifacts"]
    assert (artifact["type"], artifact["metadata"]) == ("system.Dataset", {"made": "by hand"})
    assert outputs(tasks[""])["Output"] == IMPORTED
