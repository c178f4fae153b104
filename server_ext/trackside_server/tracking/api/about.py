"""The routes by which clients learn what this server can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.protocol.call import Plain
from trackside_server.protocol.fields import entity, flag, text

if TYPE_CHECKING:
    from trackside_server.protocol.call import Call, Reply

MLFLOW_VERSION = "3.18.0"
"""What ``/version`` says: the newest MLflow whose tracking, registry and traces are all here.

From 3.4 on clients send spans by OTLP, and this is all that they decide by it.
"""

FEATURES = (
    text("store_type"),
    flag("workspaces_enabled"),
    flag("trace_archival_enabled"),
    flag("multipart_uploads_enabled"),
    flag("multipart_downloads_enabled"),
    flag("artifact_serving_enabled"),
    flag("artifacts_presigned_only"),
    entity("features_enabled"),
)


async def health(call: Call) -> Reply:
    """Say that the server is up."""
    del call
    return Plain("OK")


async def version(call: Call) -> Reply:
    """Say whose protocol, of which version, is spoken."""
    del call
    return Plain(MLFLOW_VERSION)


async def server_info(call: Call) -> Reply:
    """Say what this server can do."""
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
