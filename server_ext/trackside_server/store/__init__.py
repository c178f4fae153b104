"""The store: one SQLite file, one writer with group commit, many readers."""

from __future__ import annotations

from .store import Store

__all__ = ["Store"]
