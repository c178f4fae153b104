"""``python -m tests.cluster.hermetic image``, ``down``, or ``up`` with names of controllers."""

from __future__ import annotations

import signal
import sys

from tests.cluster.hermetic import host, images, laptop


def image() -> None:
    """Make the Python image, unless it is there."""
    images.make_python()


def up(*controllers: str) -> None:
    """Start a cluster to try things on, with JupyterLab beside it."""
    # Whoever ends it politely ends it as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    laptop.up(list(controllers))


def down() -> None:
    """Clear away what crashed clusters left, and tell how those that run are ended."""
    host.clear()
    for place in host.places():
        if guardian := place.holder():
            print(f"A cluster is running; 'kill {guardian}' ends it.")


COMMANDS = {"image": image, "up": up, "down": down}

if __name__ == "__main__":
    command, *arguments = sys.argv[1:] or [""]
    if command not in COMMANDS:
        sys.exit(__doc__)
    try:
        COMMANDS[command](*arguments)
    except KeyboardInterrupt:
        sys.exit(130)
