"""The table of routes says what each route takes, and each route takes what the table says."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import pytest

from trackside_server.protocol.routes import ROUTES

GOOD = {
    "text": "1",
    "integer": 1,
    "double": 0.5,
    "flag": True,
    "object": {},
    "anything": "1",
}
WRONG = {
    "text": {"no": "text"},
    "integer": "no number",
    "double": "no number",
    "flag": "no flag",
    "object": 1,
}


def good(field):
    value = field.names[-1] if field.names else GOOD[field.kind]
    if field.kind == "object":
        value = {inner.name: good(inner) for inner in field.fields if inner.required}
    return [value] if field.many else value


def mistakes():
    for route in ROUTES:
        for field in route.takes:
            asked = route.method == "GET"
            if field.kind == "anything" or (asked and field.kind in ("text", "object")):
                continue  # all that a query holds is text
            if not asked or not field.many:
                yield pytest.param(route, field, id=f"{route.method} {route.path} {field.name}")


@pytest.mark.parametrize(("route", "field"), list(mistakes()))
async def test_a_declared_field_of_the_wrong_kind_is_refused_by_its_name(
    trackside_fetch, route, field
):
    path = re.sub(r"\{\w+\}", "1", route.path.replace("{api}", "api"))
    fields = {
        other.name: good(other)
        for other in route.takes
        if other is not field
        and (other.required or (other.name == "run_id" and field.name != "run_uuid"))
    }
    fields[field.name] = WRONG[field.kind]
    if route.method == "GET":
        answer = await trackside_fetch("GET", f"{path}?{urlencode(fields, doseq=True)}")
    else:
        answer = await trackside_fetch(route.method, path, fields)
    assert answer.status == 400, answer.text
    assert answer.json["error_code"] == "INVALID_PARAMETER_VALUE"
    assert field.name in answer.json["message"]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_says_what_it_does_in_a_sentence(route):
    assert route.summary.endswith("."), route.summary
    assert route.method not in route.summary


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_fields_are_declared_once(route):
    for fields in (route.takes, route.gives or ()):
        names = [field.name for field in fields]
        assert len(names) == len(set(names)), json.dumps(names)
