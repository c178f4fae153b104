"""How long the cluster is waited for where an attempt is looked after."""

from __future__ import annotations

from typing import Final

FIRST_DELAY: Final = 0.5
"""The seconds before it is asked again; doubled each time."""
MAX_DELAY: Final = 15.0
"""The most of these."""
RIGHTS: Final = 30.0
"""How long after it was away a cluster may not know yet who may do what; longer than a delay."""
SYNC: Final = 60.0
"""How long the first look at all pods may take."""
SETTLE: Final = 5.0
"""How long what belongs to an end may come after it: the ends of pods, and what they printed."""
