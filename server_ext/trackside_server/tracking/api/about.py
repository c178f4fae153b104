"""The routes by which clients learn what this server can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.protocol.call import Plain

if TYPE_CHECKING:
    from trackside_server.protocol.call import Call, Reply

MLFLOW_VERSION = "3.3.0"
"""What ``/version`` says: the newest MLflow whose features are all here.

From 3.4 on clients send spans by OTLP, to a route that this server does not have yet.
"""


async def health(call: Call) -> Reply:
    """GET /health."""
    del call
    return Plain("OK")


async def version(call: Call) -> Reply:
    """GET /version."""
    del call
    return Plain(MLFLOW_VERSION)


async def server_info(call: Call) -> Reply:
    """GET server-info."""
    del call
    return {
        "store_type": "SqlStore",
        "workspaces_enabled": False,
        "trace_archival_enabled": False,
        "multipart_uploads_enabled": False,
        "multipart_downloads_enabled": False,
        "artifact_serving_enabled": True,
        "artifacts_presigned_only": False,
        "features_enabled": {},
    }
