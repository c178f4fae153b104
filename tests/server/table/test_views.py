"""Views are saved here, whoever keeps the runs."""

from __future__ import annotations

import pytest


def create(place, status=201, **view):
    return place.ask("table-views", view, status=status)


def listed(place, experiments):
    path = f"table-views?experiment_ids={','.join(experiments)}"
    return place.ask(path, method="GET")["views"]


def test_a_view_is_saved_changed_and_deleted(place):
    # Enough of them that the order of texts is not that of numbers.
    experiments = [place.experiment() for _ in range(12)]
    first, second = experiments[0], experiments[-1]
    definition = {"columns": ["metrics.lös"], "order_by": ["metrics.loss ASC"], "deep": {"a": [1]}}
    made = create(place, name=" Best ", experiment_ids=[second, first], definition=definition)
    assert (made["name"], made["definition"]) == ("Best", definition)
    create(place, name="another", experiment_ids=[first])
    assert [view["name"] for view in listed(place, [first])] == ["another", "Best"]
    assert listed(place, [second]) == [made]
    assert listed(place, [second, "4711"]) == [made]

    changed = place.ask(f"table-views/{made['id']}", {"name": "Worst"}, method="PUT")
    assert (changed["name"], changed["definition"]) == ("Worst", definition)
    moved = {"experiment_ids": [first], "definition": {}}
    place.ask(f"table-views/{made['id']}", moved, method="PUT")
    assert listed(place, [second]) == []

    place.ask(f"table-views/{made['id']}", method="DELETE", status=204)
    assert [view["name"] for view in listed(place, [first])] == ["another"]
    for method, body in (("PUT", {"name": "x"}), ("DELETE", None)):
        place.ask(f"table-views/{made['id']}", body, method=method, status=404)


def test_views_come_page_by_page_by_name(embedded):
    experiment = embedded.experiment()
    names = ["a", "B", "b", "c", "C"]
    for name in names:
        create(embedded, name=name, experiment_ids=[experiment])
    path = f"table-views?experiment_ids={experiment}&max_results=2"
    found, token = [], ""
    while token is not None:
        page = embedded.ask(f"{path}&page_token={token}", method="GET")
        found += [view["name"] for view in page["views"]]
        token = page["next_page_token"]
    assert sorted(found) == sorted(names)
    assert [name.lower() for name in found] == ["a", "b", "b", "c", "c"]
    for wrong in ("page_token=x", "max_results=101", "max_results=0"):
        embedded.ask(f"table-views?experiment_ids={experiment}&{wrong}", method="GET", status=400)


@pytest.mark.parametrize(
    ("view", "status"),
    [
        ({"experiment_ids": ["0"]}, 400),
        ({"name": " ", "experiment_ids": ["0"]}, 400),
        ({"name": "x" * 201, "experiment_ids": ["0"]}, 400),
        ({"name": "x"}, 400),
        ({"name": "x", "experiment_ids": ["0"], "definition": []}, 400),
        ({"name": "x", "experiment_ids": ["0"], "definition": {"a": "ü" * 40_000}}, 413),
    ],
)
def test_what_is_no_view_is_refused(embedded, view, status):
    assert create(embedded, status, **view)["message"].endswith(".")


def test_views_of_no_experiment_are_not_listed(embedded):
    embedded.ask("table-views", method="GET", status=400)
