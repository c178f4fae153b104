"""What ``mlflow`` tells about the runs that it starts: the notebook, and the process that logs.

MLflow loads this class by the entry point ``mlflow.run_context_provider``.
"""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit


class TracksideRunContext:
    """Tags runs that are logged to Trackside from a notebook, a terminal or a script."""

    def in_context(self) -> bool:
        """Whether runs go to Trackside, and no job is there to tell more than we could."""
        if os.environ.get("TRACKSIDE_JOB_ID"):
            return False
        mlflow = sys.modules.get("mlflow")
        uri = str(mlflow.get_tracking_uri()) if mlflow is not None else ""
        known = os.environ.get("TRACKSIDE_URL", "").rstrip("/")
        plain = uri.rstrip("/")
        # A foreign server is told nothing about this machine.
        return bool(plain) and (plain == known or urlsplit(plain).path.endswith("/trackside"))

    def tags(self) -> dict[str, str]:
        """Return where the code comes from, and by what its process is found again."""
        from trackside._logging import origin
        from trackside._process import CLIENT_TAG, client_tag

        source = origin.origin()
        notebook = source.get("notebook")
        tags = {
            CLIENT_TAG: client_tag(source, source["cwd"]),
            "trackside.notebook": notebook,
            "trackside.cell_id": source.get("cell_id"),
            "trackside.execution_count": source.get("execution_count"),
            "trackside.source": source.get("label"),
        }
        if notebook:
            tags["mlflow.source.type"] = "NOTEBOOK"
            tags["mlflow.source.name"] = notebook
        return {key: str(value) for key, value in tags.items() if value}
