"""Where a run came from: its code, the state of the repository, the environment, the machine."""

from __future__ import annotations

from .service import ENVIRONMENT, Provenance

__all__ = ["ENVIRONMENT", "Provenance"]
