"""The description of the REST API and the routes agree, both ways."""

from __future__ import annotations

import re

import pytest
from openapi_spec_validator import validate
from tornado.routing import PathMatches

from trackside_server import openapi
from trackside_server.protocol.routes import FILE_ROUTES, ROUTES
from trackside_server.protocol.table import Table

from .conftest import VERBS

BASE = "/trackside"
OWN = (f"{BASE}/api/v1/", f"{BASE}/apis/v2beta1/", f"{BASE}/kfp/apis/v2beta1/")
FILES = {route.url.removeprefix(BASE) for route in FILE_ROUTES}


@pytest.fixture
def described():
    document = openapi.document()
    return {
        (verb.upper(), path)
        for path, operations in document["paths"].items()
        for verb in operations
        if verb.upper() in VERBS
    }


def test_the_description_is_valid():
    validate(openapi.document())


async def test_every_described_operation_is_served(described, endpoints):
    served = [(endpoint.verb, PathMatches(endpoint.pattern).regex) for endpoint in endpoints]
    patterns = Table(ROUTES)
    for verb, path in described:
        if not f"{BASE}{path}".startswith(OWN) and path not in FILES:
            patterns.find(verb, path)
            continue
        sample = BASE + re.sub(r"\{(\w*digest)\}", "0" * 64, path)
        sample = re.sub(r"\{\w+\}", "0" * 32, sample)
        assert any(verb == known and regex.match(sample) for known, regex in served), (verb, path)


async def test_every_served_operation_is_described(described, endpoints):
    for endpoint in endpoints:
        path = "/trackside/" + endpoint.path
        if not path.startswith(OWN) or endpoint.pattern.endswith(".*"):
            continue
        fitting = [
            template
            for verb, template in described
            if verb == endpoint.verb
            and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", BASE + template), path)
        ]
        assert fitting, f"{endpoint} is missing in openapi/*.yaml"


def test_every_route_of_the_table_is_described(described):
    for route in (*ROUTES, *FILE_ROUTES):
        assert (route.method, route.url.removeprefix(BASE)) in described


async def test_every_operation_says_how_it_is_refused(trackside):
    for path, operations in openapi.document()["paths"].items():
        for verb, operation in operations.items():
            if verb.upper() in VERBS:
                assert operation["summary"].endswith("."), (verb, path)
                assert "403" in operation["responses"], (verb, path)
                assert operation["operationId"], (verb, path)


async def test_the_server_gives_its_description(trackside_fetch):
    answer = await trackside_fetch("GET", "api/v1/openapi.json")
    assert answer.json == openapi.document()
