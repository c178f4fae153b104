"""``python -m tests.cluster.hermetic image`` or ``down``."""

from __future__ import annotations

import sys

from tests.cluster.hermetic import host, images


def image() -> None:
    """Make the Python image, unless it is there."""
    images.make_python()


def down() -> None:
    """Clear away what crashed clusters left, and tell how those that run are ended."""
    host.clear()
    for place in host.places():
        if guardian := place.holder():
            print(f"A cluster is running; 'kill {guardian}' ends it.")


COMMANDS = {"image": image, "down": down}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]]()
