"""The saved notebook of this kernel: the order of its cells, and which were edited since."""

from __future__ import annotations

import json
import os
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
    """A notebook as it lies on the disk."""

    path: Path
    sources: dict[str, str]

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


def find(name: str | None) -> NotebookFile | None:
    """Return the notebook of a name out of the folder of this kernel, where it can be read."""
    if name is None:
        return None
    # Kernels run in the folder of their notebook.
    path = Path.cwd() / Path(name).name
    try:
        cells = json.loads(path.read_bytes())["cells"]
        sources = {str(cell["id"]): _text(cell) for cell in cells if cell.get("id")}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return NotebookFile(path, sources)


def name_here() -> str | None:
    """Return the name of this kernel's notebook, also after it was renamed."""
    if not os.environ.get("TRACKSIDE_URL"):
        return _context.session_notebook()
    try:
        return _context.notebook_path(get_client(), _context.kernel_facts().get("kernel_id"))
    except TracksideError:
        return _context.session_notebook()


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)
