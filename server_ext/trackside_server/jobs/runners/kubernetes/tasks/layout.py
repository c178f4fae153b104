"""What a container sees of what travels, and what the containers around it are called."""

from __future__ import annotations

from typing import Final

HOME: Final = "/trackside"
# Folders of the volume, and where the container finds them.
INPUTS: Final = "inputs"
OUTPUTS: Final = "outputs"
PARAMETERS: Final = "parameters"
# Where KFP mounts what the tasks of a run share.
WORKSPACE: Final = "/kfp-workspace"

FETCHES: Final = "trackside-inputs"
SENDS: Final = "trackside-outputs"


def seen(folder: str) -> str:
    """Name one of the folders as the container sees it."""
    return f"{HOME}/{folder}"
