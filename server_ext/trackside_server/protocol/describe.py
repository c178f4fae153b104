"""Describes the routes of MLflow's protocol for OpenAPI, out of their table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .fields import shape
from .routes import ROUTES
from .table import API

if TYPE_CHECKING:
    from .table import Route

_TAG = "MLflow"


def paths() -> dict[str, Any]:
    """Return the path items of all routes of the table."""
    described: dict[str, Any] = {}
    for route in ROUTES:
        path = route.path.replace(API, "/api")
        described.setdefault(path, {})[route.method.lower()] = _operation(route)
    return described


def _operation(route: Route) -> dict[str, Any]:
    module, name = route.operation.__module__.rpartition(".")[2], route.operation.__name__
    version = re.sub(r"\D", "", route.path.partition("/mlflow")[0]) or "0"
    operation: dict[str, Any] = {
        "operationId": f"mlflow_{module}_{name}_{route.method.lower()}{version}",
        "summary": route.summary,
        "tags": [_TAG],
        "responses": {
            "200": _answer(route),
            "403": {"$ref": "#/components/responses/MLflowForbidden"},
        },
    }
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"\{(\w+)\}", route.path.replace(API, ""))
    ]
    if route.method == "GET":
        parameters += [
            {
                "name": field.name,
                "in": "query",
                "required": field.required,
                "schema": field.schema(),
            }
            for field in route.takes
        ]
    elif route.body:
        content = {"application/json": {"schema": shape(route.takes)}}
        operation["requestBody"] = {"required": True, "content": content}
    if parameters:
        operation["parameters"] = parameters
    if parameters or route.takes:
        for status, name in (("400", "BadRequest"), ("404", "NotFound"), ("413", "TooLarge")):
            operation["responses"][status] = {"$ref": f"#/components/responses/MLflow{name}"}
    return operation


def _answer(route: Route) -> dict[str, Any]:
    if route.gives is None:
        return {"description": "A word.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    content = {"application/json": {"schema": shape(route.gives)}}
    return {"description": "Done.", "content": content}
