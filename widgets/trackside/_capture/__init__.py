"""Finding all that code needs to run elsewhere, and refusing what cannot travel."""

from __future__ import annotations

from trackside._capture.command import capture_command
from trackside._capture.live import capture_cell, capture_function
from trackside._capture.model import Capture, Param, Refused
from trackside._capture.params import check_names
from trackside._capture.static import capture_path, preview

__all__ = [
    "Capture",
    "Param",
    "Refused",
    "capture_cell",
    "capture_command",
    "capture_function",
    "capture_path",
    "check_names",
    "preview",
]
