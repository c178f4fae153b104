"""All routes of the KFP server: those of the local API, below another address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .handlers import (
    ROOT,
    ContentHandler,
    LinkHandler,
    LogHandler,
    SendHandler,
    StatusHandler,
    TaskHandler,
    TasksHandler,
    UnknownHandler,
    passing,
)

if TYPE_CHECKING:
    from trackside_server.web import Core

    from .desk import RemoteDesk

STATUS: Final = r"/trackside/api/v1/kfp"
_ONE: Final = r"[^/:]+"
# What is passed on as it is, with which methods.
_PASSED: Final = (
    (r"/healthz", "GET"),
    (r"/experiments", "GET", "POST"),
    (rf"/experiments/{_ONE}:(?:archive|unarchive)", "POST"),
    (rf"/experiments/{_ONE}", "GET", "DELETE"),
    (r"/pipelines", "GET", "POST"),
    (r"/pipelines/(?:create|upload|upload_version)", "POST"),
    (r"/pipelines/names/[^/]+", "GET"),
    (rf"/pipelines/{_ONE}", "GET", "PATCH", "DELETE"),
    (rf"/pipelines/{_ONE}/versions", "GET", "POST"),
    (rf"/pipelines/{_ONE}/versions/{_ONE}", "GET", "PATCH", "DELETE"),
    (r"/runs", "GET", "POST"),
    (rf"/runs/{_ONE}:(?:terminate|retry|archive|unarchive)", "POST"),
    (rf"/runs/{_ONE}", "GET", "DELETE"),
    (r"/artifacts", "GET"),
    (rf"/artifacts/{_ONE}", "GET"),
    (rf"/artifacts/{_ONE}/files", "GET"),
    (r"/recurringruns", "GET", "POST"),
    (rf"/recurringruns/{_ONE}:(?:enable|disable)", "POST"),
    (rf"/recurringruns/{_ONE}", "GET", "DELETE"),
)


def routes(core: Core, there: RemoteDesk | None) -> list[tuple[str, type, dict[str, Any]]]:
    """Return the routes, each handler with its collaborators.

    Parameters
    ----------
    core
        Who may ask.
    there
        The server; None where none is set.
    """
    given = {"core": core, "there": there}
    return [
        (STATUS, StatusHandler, given),
        (rf"{STATUS}/send", SendHandler, given),
        *((ROOT + path, passing(*methods), given) for path, *methods in _PASSED),
        (rf"{ROOT}/artifacts/{_ONE}/content", ContentHandler, given),
        (rf"{ROOT}/runs/({_ONE})/tasks", TasksHandler, given),
        (rf"{ROOT}/runs/({_ONE})/tasks/({_ONE})", TaskHandler, given),
        (rf"{ROOT}/runs/({_ONE})/tasks/({_ONE})/log", LogHandler, given),
        (r"/trackside/kfp/?", LinkHandler, given),
        (r"/trackside/kfp/.*", UnknownHandler, given),
    ]
