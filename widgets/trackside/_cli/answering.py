"""Where the commands print."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def aside(*, as_json: bool) -> AbstractContextManager[object]:
    """Have what is printed meanwhile go where it does no harm.

    With ``--json``, standard output is for the answer alone.
    """
    return contextlib.redirect_stdout(sys.stderr if as_json else sys.stdout)
