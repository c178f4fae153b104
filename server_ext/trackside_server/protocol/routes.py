"""All routes of MLflow's protocol, and the handlers made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.registry import routes as registry
from trackside_server.traces import routes as traces
from trackside_server.tracking import routes as tracking

from .handlers import LinkHandler, RpcHandler
from .table import Table

if TYPE_CHECKING:
    from trackside_server.web import Core

    from .call import Domains
    from .table import Route, Served

ROUTES: Final[tuple[Route, ...]] = (*tracking.ROUTES, *registry.ROUTES, *traces.ROUTES)
FILE_ROUTES: Final[tuple[Served, ...]] = (*tracking.FILE_ROUTES, *traces.OTLP_ROUTES)

# What MLflow's clients and web pages ask for outside of its API: known, or refused in their way.
_OTHERS: Final = "/health|/version|/v1/.*|/ajax-api/.*|/gateway/.*|/graphql"


def handlers(core: Core, domains: Domains) -> list[tuple[str, type, dict[str, Any]]]:
    """Give the handlers. What they do not know they answer as MLflow's clients need it.

    Parameters
    ----------
    core
        What every handler needs.
    domains
        The services that answer.
    """
    table = {"core": core, "domains": domains, "table": Table(ROUTES)}
    return [
        (r"/trackside/?", LinkHandler, {"core": core}),
        *tracking.file_handlers(core, domains.tracking),
        *traces.otlp_handlers(core, domains),
        (r"/trackside((?:/api|/ajax-api)/\d+\.\d+/.*)", RpcHandler, table),
        (rf"/trackside({_OTHERS})", RpcHandler, table),
    ]
