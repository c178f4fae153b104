"""All routes of the KFP server: those of the local API, below another address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .handlers import (
    ROOT,
    ActHandler,
    ContentHandler,
    ItemHandler,
    LinkHandler,
    ListHandler,
    LogHandler,
    NamedHandler,
    ReadHandler,
    SendHandler,
    StatusHandler,
    TaskHandler,
    TasksHandler,
    UnknownHandler,
)

if TYPE_CHECKING:
    from trackside_server.web import Core

    from .desk import RemoteDesk

STATUS: Final = r"/trackside/api/v1/kfp"


def routes(core: Core, there: RemoteDesk | None) -> list[tuple[str, type, dict[str, Any]]]:
    """Return the routes, each handler with its collaborators.

    Parameters
    ----------
    core
        Who may ask.
    there
        The server; None where none is set.
    """
    one = r"[^/:]+"
    passed: list[tuple[str, type]] = [
        (r"/healthz", ReadHandler),
        (r"/experiments", ListHandler),
        (rf"/experiments/{one}:(?:archive|unarchive)", ActHandler),
        (rf"/experiments/{one}", ItemHandler),
        (r"/pipelines", ListHandler),
        (r"/pipelines/(?:create|upload|upload_version)", ActHandler),
        (r"/pipelines/names/[^/]+", ReadHandler),
        (rf"/pipelines/{one}", NamedHandler),
        (rf"/pipelines/{one}/versions", ListHandler),
        (rf"/pipelines/{one}/versions/{one}", NamedHandler),
        (r"/runs", ListHandler),
        (rf"/runs/{one}:(?:terminate|retry|archive|unarchive)", ActHandler),
        (rf"/runs/{one}", ItemHandler),
        (r"/artifacts", ReadHandler),
        (rf"/artifacts/{one}", ReadHandler),
        (rf"/artifacts/{one}/content", ContentHandler),
        (rf"/artifacts/{one}/files", ReadHandler),
        (r"/recurringruns", ListHandler),
        (rf"/recurringruns/{one}:(?:enable|disable)", ActHandler),
        (rf"/recurringruns/{one}", ItemHandler),
    ]
    given = {"core": core, "there": there}
    return [
        (STATUS, StatusHandler, given),
        (rf"{STATUS}/send", SendHandler, given),
        *((ROOT + path, handler, given) for path, handler in passed),
        (rf"{ROOT}/runs/({one})/tasks", TasksHandler, given),
        (rf"{ROOT}/runs/({one})/tasks/({one})", TaskHandler, given),
        (rf"{ROOT}/runs/({one})/tasks/({one})/log", LogHandler, given),
        (r"/trackside/kfp/?", LinkHandler, given),
        (r"/trackside/kfp/.*", UnknownHandler, given),
    ]
