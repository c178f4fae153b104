"""Tables of routes: a domain has one, and all that serves or describes routes is made of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from .errors import EndpointNotFound, MethodNotAllowed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .call import Operation
    from .fields import Field

API: Final = "/{api}"
"""Stands for either spelling of the API's root."""
V2: Final = f"{API}/2.0/mlflow"
V3: Final = f"{API}/3.0/mlflow"
_APIS: Final = ("api", "ajax-api")


class Served(Struct, frozen=True):
    """One method of one path.

    Attributes
    ----------
    method
        The HTTP method.
    path
        Below ``/trackside``; ``{name}`` stands for one segment, and `API` for either spelling of
        the API's root.
    """

    method: str
    path: str

    @property
    def url(self) -> str:
        """The path below Jupyter's base URL, for people."""
        return "/trackside" + self.path.replace(API, "/api")


class Route(Served, frozen=True):
    """A route of the table that `RpcHandler` answers.

    Attributes
    ----------
    operation
        What it does.
    job
        Whether a job may call it; the operation then checks the job's reach.
    takes
        The fields of the body, or of the query of a GET.
    gives
        The fields of the answer; None for an answer in plain text.
    body
        Whether a JSON body has to come with it.
    fast
        Whether the light lane answers it, too: what is harmless to repeat, with no variable path.
    """

    operation: Operation
    job: bool = False
    takes: tuple[Field, ...] = ()
    gives: tuple[Field, ...] | None = ()
    body: bool = True
    fast: bool = False

    @property
    def lists(self) -> tuple[str, ...]:
        """The fields that may repeat in a query."""
        return tuple(field.name for field in self.takes if field.many)

    def spellings(self) -> tuple[str, ...]:
        """Give the path under each name of the API's root."""
        return tuple(
            self.path.replace("{api}", api)
            for api in (_APIS if self.path.startswith(API) else ("",))
        )

    @property
    def summary(self) -> str:
        """What it does, in a sentence."""
        return (self.operation.__doc__ or "").partition("\n")[0]


class Table:
    """Finds the route of a request.

    Parameters
    ----------
    routes
        Every route; a path without variable parts goes before one with.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._exact: dict[str, dict[str, Route]] = {}
        self._patterns: dict[str, tuple[re.Pattern[str], dict[str, Route]]] = {}
        for route in routes:
            for path in route.spellings():
                if "{" not in path:
                    self._exact.setdefault(path, {})[route.method] = route
                    continue
                pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))
                self._patterns.setdefault(path, (pattern, {}))[1][route.method] = route

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
        """Give the route of a path and its variable parts.

        Raises
        ------
        EndpointNotFound
            There is no such path.
        MethodNotAllowed
            There is, but not for this method.
        """
        methods = self._exact.get(path)
        parts: Mapping[str, str] = {}
        if methods is None:
            for pattern, those in self._patterns.values():
                match = pattern.fullmatch(path)
                if match:
                    methods, parts = those, match.groupdict()
                    break
        if methods is None:
            raise EndpointNotFound(f"Trackside does not know {method} {path[:200]}.")
        if method not in methods:
            raise MethodNotAllowed(
                f"{path[:200]} knows {', '.join(sorted(methods))} only, not {method}."
            )
        return methods[method], parts
