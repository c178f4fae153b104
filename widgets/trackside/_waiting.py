"""How long a wait may take, as people write it."""

from __future__ import annotations

import math
from numbers import Real

from trackside._errors import TracksideError


def limit_of(timeout: object) -> float | None:
    """Return the seconds that a ``timeout`` gives, None for as long as it takes.

    Raises
    ------
    TracksideError
        When it is no number.
    """
    if timeout is None:
        return None
    # True is a number to Python, and nobody means a second by it.
    if not isinstance(timeout, bool) and isinstance(timeout, Real) and not math.isnan(timeout):
        return float(timeout)
    raise TracksideError(
        f"timeout must be a number of seconds, not {timeout!r}.", "Write timeout=60."
    )
