"""The routes of a KFP server behind this one: those of KFP's API here, below another address."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE: Final = "/apis/v2beta1/"
_THERE: Final = "/kfp/apis/v2beta1/"
_TROUBLE: Final = {
    "404": "KfpServerMissing",
    "424": "KfpServerRefused",
    "502": "KfpServerFailed",
    "503": "KfpServerAway",
}


def paths(described: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the routes of the server behind this one.

    Parameters
    ----------
    described
        The routes here.
    """
    return {
        _THERE + path.removeprefix(_HERE): _operations(operations)
        for path, operations in described.items()
        if path.startswith(_HERE)
    }


def _operations(here: Mapping[str, Any]) -> dict[str, Any]:
    there = copy.deepcopy(dict(here))
    for verb, operation in there.items():
        if verb == "parameters":
            continue
        name = operation["operationId"]
        operation["operationId"] = f"kfpServer{name.removeprefix('kfp')}"
        operation["description"] = (
            f"Asked of the server of Kubeflow Pipelines behind this one, as {name} is here."
        )
        for status, response in _TROUBLE.items():
            operation["responses"][status] = {"$ref": f"#/components/responses/{response}"}
    return there
