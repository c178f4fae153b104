"""Where a run that is started without a job comes from."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

MAX_CELL = 100_000


def origin() -> dict[str, Any]:
    """Return what is known at once: notebook and cell as executed, or the script."""
    from trackside import _context

    found: dict[str, Any] = {"cwd": str(Path.cwd()), **_context.kernel_facts()}
    notebook = _context.session_notebook()
    cell = _cell()
    if notebook:
        found["notebook"] = notebook
    if cell is not None:
        found["cell"] = cell
        count = found.get("execution_count")
        label = f"cell [{count}]" if count else "cell"
        found["label"] = f"{label} of {Path(notebook).name}" if notebook else label
    elif sys.argv and sys.argv[0] and Path(sys.argv[0]).is_file():
        found["path"] = str(Path(sys.argv[0]).resolve())
        found["label"] = Path(sys.argv[0]).name
        found["command"] = shlex.join([Path(sys.executable).name, *sys.argv])
    return found


def default_experiment(found: dict[str, Any]) -> str:
    """Return the experiment that code belongs to when none is named."""
    path = found.get("notebook") or found.get("path")
    return Path(path).stem if path else "Default"


def environment() -> dict[str, Any]:
    """Return Python, machine and packages."""
    from trackside._runtime.environment import describe

    return describe()


def _cell() -> str | None:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return None
    history = getattr(shell.history_manager, "input_hist_raw", None)
    return str(history[-1])[:MAX_CELL] if history else None
