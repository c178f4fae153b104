r"""The user's own pattern for metrics: a regular expression whose groups name them.

``step (?P<step>\d+) loss (?P<loss>\S+)`` names the metric in the pattern;
``(?P<name>\w+) is (?P<value>[\d.]+)`` reads the name from the line.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import lru_cache

from trackside_server.errors import InvalidInput
from trackside_server.jobs.capture import probe

MAX_PATTERN = 1_000
_PROBE_SECONDS = 15.0
_EXAMPLE = r"An example: step (?P<step>\d+) loss (?P<loss>\S+)"


def check_pattern(pattern: str) -> None:
    """Refuse a pattern that cannot be used. May take a moment: not for the event loop.

    Raises
    ------
    InvalidInput
        It is no regular expression, names nothing, or would take for ever on some lines.
    """
    compile_pattern(pattern)
    if not _ends_in_time(pattern):
        raise InvalidInput(
            "The metric pattern can take for ever on a line that almost matches.",
            hint=r"Avoid repeats inside repeats such as (\w+)*, and use \S+ rather than .*",
        )


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return a pattern ready for use.

    Raises
    ------
    InvalidInput
        It is no regular expression, or names nothing.
    """
    if len(pattern) > MAX_PATTERN:
        raise InvalidInput(f"The metric pattern is longer than {MAX_PATTERN} characters.")
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise InvalidInput(
            f"The metric pattern is not a regular expression: {error}.", hint=_EXAMPLE
        ) from error
    names = set(compiled.groupindex)
    if ("name" in names) != ("value" in names):
        raise InvalidInput(
            "The metric pattern has only one of the groups 'name' and 'value'; they go together.",
            hint=r"An example: (?P<name>\w+) is (?P<value>[\d.]+)",
        )
    if not names:
        raise InvalidInput(
            "The metric pattern has no named group, so there is no name for a metric.",
            hint=_EXAMPLE,
        )
    return compiled


def _ends_in_time(pattern: str) -> bool:
    """Try the pattern on hostile lines in another process: a match cannot be stopped."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", probe.__file__],
            input=json.dumps(pattern).encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
