"""Reads out of a request that was passed on what it did to the registry."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from trackside_server.registry.entities import Step

_ROUTE: Final = re.compile(
    r"/(?:api|ajax-api)/2\.0/mlflow/(registered-models|model-versions)/([\w-]+)"
)
_READS: Final = frozenset({"get-latest-versions", "search", "get"})
_MOST_BODY: Final = 1024 * 1024


class Done(Struct, frozen=True):
    """What a client did.

    Attributes
    ----------
    name, new_name
        The model, and the name that it got if it was renamed.
    operation
        The last two parts of the route.
    subject
        The alias or version that it was about.
    """

    name: str
    operation: str
    subject: str = ""
    new_name: str = ""

    @property
    def reason(self) -> str:
        """Why, where that goes without saying."""
        if self.operation == "registered-models/delete":
            return "The model was deleted."
        return "The version was deleted." if self.operation == "model-versions/delete" else ""

    def moved(self, step: Step) -> bool:
        """Say of something that moved meanwhile whether this did it."""
        if self.operation == "registered-models/alias":
            return (step.kind, step.subject) == ("alias", self.subject)
        if self.operation == "model-versions/transition-stage":
            return step.kind == "stage"
        if self.operation == "model-versions/delete":
            return self.subject == (step.old if step.kind == "alias" else step.subject)
        return self.operation == "registered-models/delete"


def read(method: str, path: str, body: bytes) -> Done | None:
    """Say what a request did to the registry, None when it was none that changes it."""
    found = _ROUTE.fullmatch(path)
    if found is None or method == "GET" or found[2] in _READS or len(body) > _MOST_BODY:
        return None
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or not _text(fields, "name"):
        return None
    subject = _text(fields, "alias" if found[2] == "alias" else "version")
    return Done(_text(fields, "name"), f"{found[1]}/{found[2]}", subject, _text(fields, "new_name"))


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return str(value) if isinstance(value, (str, int)) else ""
