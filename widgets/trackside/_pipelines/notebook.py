"""The saved notebook of this kernel: the order of its cells, and which were edited since."""

from __future__ import annotations

import json
import os
import shlex
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside import _context
from trackside._client import get_client
from trackside._errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside._pipelines.model import StepCell


@dataclass(frozen=True)
class NotebookFile:
    """A notebook as it lies on the disk.

    Attributes
    ----------
    path
        The file.
    sources
        The code of each cell, by its id.
    steps
        By what each cell that is a step says so, by its id: its first line, or its tag.
    """

    path: Path
    sources: dict[str, str]
    steps: dict[str, str]

    def in_order(self, cells: Sequence[StepCell]) -> list[StepCell]:
        """Return steps in the order of their cells; those that are not saved yet stand last."""
        places = {cell_id: place for place, cell_id in enumerate(self.sources)}
        last = len(places)
        return sorted(cells, key=lambda cell: places.get(cell.cell_id or "", last))

    def edited(self, cells: Sequence[StepCell]) -> list[str]:
        """Return a sentence for each step whose cell is saved with other code than ran."""
        return [
            f"The cell of {cell.name} was changed since it ran; run it again to have that in the"
            " pipeline."
            for cell in cells
            if cell.cell_id in self.sources
            and not self.sources[cell.cell_id].strip().endswith(cell.source.strip())
        ]

    def unknown(self, cells: Sequence[StepCell]) -> list[str]:
        """Return sentences about cells that are steps here, and none of this kernel."""
        by_id = {cell.cell_id for cell in cells}
        if by_id == {None}:
            return []  # A front end that does not tell the cells apart.
        places = {cell.name: cell.place for cell in cells}
        others = [said for cell_id, said in self.steps.items() if cell_id not in by_id]
        missing = [said for said in others if _name(said) not in places]
        sentences = [
            f"Two cells are called {name}, and the step is {places[name]}, which ran last. Give one"
            " of them another name."
            for name in dict.fromkeys(map(_name, others))
            if name in places
        ]
        if missing:
            noun, have, them = (
                ("cell", "has", "it") if len(missing) == 1 else ("cells", "have", "them")
            )
            sentences.append(
                f"The {noun} {', '.join(missing)} {have} not run in this kernel, so the pipeline is"
                f" without {them}. Run {them}."
            )
        return sentences


def find(name: str | None) -> NotebookFile | None:
    """Return the notebook of a name out of the folder of this kernel, where it can be read."""
    if name is None:
        return None
    # Kernels run in the folder of their notebook.
    path = Path.cwd() / Path(name).name
    try:
        cells = json.loads(path.read_bytes())["cells"]
        code = [cell for cell in cells if cell.get("id") and cell.get("cell_type") == "code"]
        sources = {str(cell["id"]): _text(cell) for cell in code}
        steps = {str(cell["id"]): said for cell in code if (said := _said(cell))}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return NotebookFile(path, sources, steps)


def name_here() -> str | None:
    """Return the name of this kernel's notebook, also after it was renamed."""
    if not os.environ.get("TRACKSIDE_URL"):
        return _context.session_notebook()
    try:
        return _context.notebook_path(get_client(), _context.kernel_facts().get("kernel_id"))
    except TracksideError:
        return _context.session_notebook()


def _said(cell: dict[str, Any]) -> str:
    """Return what makes a step of a cell, empty when nothing does."""
    first = _text(cell).lstrip().partition("\n")[0].rstrip()
    if first.split(" ")[0] == "%%step":
        return first
    tags = (cell.get("metadata") or {}).get("tags") or ()
    return next((str(tag) for tag in tags if str(tag).startswith("step:")), "")


def _name(said: str) -> str:
    """Return the name of a step out of what makes a cell one, as far as that can be told."""
    if said.startswith("step:"):
        return said.partition(":")[2].strip()
    with suppress(ValueError):
        return next(iter(shlex.split(said)[1:]), "")
    return ""


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)
