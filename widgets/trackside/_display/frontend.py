"""What the kernel knows about the front end that shows its outputs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

WIDGET_CODE = Path(__file__).parent.parent / "static" / "job.js"


def shell() -> Any:
    """Return the IPython shell of this process, None when there is none."""
    # Asking is free: where IPython was never imported there is no shell.
    ipython = sys.modules.get("IPython")
    return (
        ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    )


def notebook() -> Any:
    """Return the shell if it belongs to a kernel, whose outputs can be rich and can be updated."""
    found = shell()
    return found if getattr(found, "kernel", None) is not None else None


def draws_itself() -> bool:
    """Tell whether the front end has Trackside's own renderer.

    Whoever starts kernels from a Jupyter server with Trackside has the labextension of the same
    package. VS Code and Colab never do, wherever their kernel runs.
    """
    found = notebook()
    if found is None or not os.environ.get("TRACKSIDE_URL"):
        return False
    visual_studio = "VSCODE_PID" in os.environ or "__vsc_ipynb_file__" in found.user_ns
    return not visual_studio and "google.colab" not in sys.modules


def takes_widgets() -> bool:
    """Tell whether a job is best shown as a widget: a kernel, no renderer of ours, anywidget."""
    if notebook() is None or draws_itself() or not WIDGET_CODE.exists():
        return False
    from importlib.util import find_spec

    return find_spec("anywidget") is not None
