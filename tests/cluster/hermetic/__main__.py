"""``python -m tests.cluster.hermetic image`` or ``down``."""

from __future__ import annotations

import os
import signal
import sys

from tests.cluster.hermetic import host, images
from tests.cluster.hermetic.waiting import until


def image() -> None:
    """Make the Python image, unless it is there."""
    images.make_python()


def down() -> None:
    """End the cluster of this machine, or clear away what is left of one."""
    guardian = host.holder()
    if guardian is None:
        with host.hold():
            host.give_back()
        return
    os.kill(guardian, signal.SIGTERM)
    until(lambda: host.holder() is None, "the end of the cluster")


COMMANDS = {"image": image, "down": down}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]]()
