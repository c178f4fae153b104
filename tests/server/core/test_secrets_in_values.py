"""What a value that holds a secret shows of itself, in a log or a traceback."""

from __future__ import annotations

import pytest

from trackside_server.cluster.access import Access
from trackside_server.imports.sources import Place
from trackside_server.jobs.runners.base import HandOver, Launch
from trackside_server.jobs.runners.kubernetes.building import Ingredients, Made
from trackside_server.jobs.runners.kubernetes.surroundings import Surroundings
from trackside_server.jobs.runners.kubernetes.tasks.building import TaskIngredients
from trackside_server.jobs.spec import JobRequest, parse_request
from trackside_server.outside.credentials import Credentials
from trackside_server.pipelines.executor.context import Prepared
from trackside_server.pipelines.ir.model import Container
from trackside_server.pipelines.platform.settings import InitContainer
from trackside_server.pipelines.remote.client import KfpClient
from trackside_server.tensorboard.service import Board
from trackside_server.upstream.client import Client

SECRET = "hunter2"
HOLDERS = [
    (Access, ["configuration", "proxy"]),
    (Board, ["key", "shared_key"]),
    (Client, ["_proxy"]),
    (Container, ["env"]),
    (Credentials, ["authorization", "fixed", "_read"]),
    (HandOver, ["secrets"]),
    (Ingredients, ["variables"]),
    (InitContainer, ["env"]),
    (JobRequest, ["secrets"]),
    (KfpClient, ["_proxy"]),
    (Launch, ["env", "token"]),
    (Made, ["support"]),
    (Place, ["secrets"]),
    (Prepared, ["env"]),
    (Surroundings, ["secret_env"]),
    (TaskIngredients, ["variables"]),
]


@pytest.mark.parametrize(
    ("kind", "field"),
    [(kind, field) for kind, fields in HOLDERS for field in fields],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_secret_is_not_shown_with_the_value_that_holds_it(kind, field):
    names = getattr(kind, "__struct_fields__", None) or kind.__match_args__
    value = kind(**{name: SECRET if name == field else f"the {name}" for name in names})
    assert SECRET not in repr(value)
    assert SECRET not in str(getattr(value, "__rich_repr__", list)())
    # It does hold it, and what is no secret is told.
    assert getattr(value, field) == SECRET
    assert any(f"{name}='the {name}'" in repr(value) for name in names)


def test_the_secrets_of_a_request_for_a_job_are_not_shown():
    body = {"kind": "script", "bundle": "0" * 64, "env": {"API_TOKEN": SECRET, "EPOCHS": "3"}}
    request = parse_request(body, lambda name, value: name == "API_TOKEN")
    assert request.secrets == {"API_TOKEN": SECRET}
    assert SECRET not in repr(request)
    assert "EPOCHS" in repr(request)
