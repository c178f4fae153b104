"""Which paths of the MLflow server are passed on."""

from __future__ import annotations

import re
from typing import Final

from trackside_server.errors import InvalidInput
from trackside_server.outside.address import climbs

# What belongs to MLflow's protocol; its pages and whatever else the host serves are not passed on.
_SERVED: Final = re.compile(
    r"/(?:api|ajax-api)/\d+\.\d+/mlflow(?:-artifacts)?/.+|/v1/traces|/version|/health"
)


def check_path(path: str) -> str | None:
    """Give a path below the server's address, as a client sent it, if it may be passed on.

    Parameters
    ----------
    path
        Still encoded, as it stood in the request.

    Returns
    -------
    str or None
        None when the path is no part of MLflow's protocol.

    Raises
    ------
    InvalidInput
        In one of its decodings it climbs, so that it could leave the server's prefix.
    """
    if climbs(path):
        raise InvalidInput(f"Invalid path {path[:80]!r}: '.' and '..' are not allowed in it.")
    return path if _SERVED.fullmatch(path) else None
