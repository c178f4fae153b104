"""Reading a job's log while it grows: metrics, progress and the last line, without a client."""

from __future__ import annotations

from trackside_server.jobs.capture.activity import NOTHING, Activity
from trackside_server.jobs.capture.patterns import check_pattern
from trackside_server.jobs.capture.reader import Source
from trackside_server.jobs.capture.service import Capture

__all__ = ["NOTHING", "Activity", "Capture", "Source", "check_pattern"]
