"""Scalars of TensorBoard's event files as metrics of the current run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trackside._event_files import Damaged, batches, is_event_file
from trackside._event_names import metric_name, prefixes

if TYPE_CHECKING:
    import os


def read_tensorboard(path: str | os.PathLike[str]) -> int:
    """Log the scalars of event files to the current run, with their steps and times.

    TensorBoard need not be installed. Reading the same files again changes nothing.

    Parameters
    ----------
    path
        An event file, or a folder with all that is in it. Where it has several folders with event
        files, their names stand before the tags: ``train/epoch_loss``.

    Returns
    -------
    int
        How many points were read.

    Raises
    ------
    FileNotFoundError
        There is no event file.
    """
    from trackside._logging.pipeline import pipeline
    from trackside._logging.runs import current

    place = Path(path)
    files = {place.name: place} if place.is_file() else _below(place)
    if not files:
        raise FileNotFoundError(f"There are no event files of TensorBoard in {place}.")
    run = current()
    if run is None:
        return 0
    count = 0
    for name, prefix in prefixes({}, files).items():
        with files[name].open("rb") as file:
            try:
                for _, points in batches(file):
                    named = [
                        (metric, point.value, point.time, point.step)
                        for point in points
                        if (metric := metric_name(prefix + point.tag)) is not None
                    ]
                    if named:
                        pipeline().put(run, "m", named)
                    count += len(named)
            except Damaged:
                continue  # what came before is logged
    return count


def _below(folder: Path) -> dict[str, Path]:
    return {
        file.relative_to(folder).as_posix(): file
        for file in sorted(folder.rglob("*"))
        if is_event_file(file.name) and file.is_file()
    }
