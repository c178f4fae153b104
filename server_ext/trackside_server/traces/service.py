"""Traces as the rest of the server sees them."""

from __future__ import annotations

from .assessments import Assessments


class Traces(Assessments):
    """Traces, their spans, and what is thought of them."""
