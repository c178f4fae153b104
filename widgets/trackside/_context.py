"""Where code comes from: notebook, cell, kernel, folder."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from trackside._client import segment
from trackside._errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside._capture import Capture
    from trackside._client import Client

_CONNECTION = re.compile(r"kernel-([0-9a-f-]{8,})\.json", re.IGNORECASE)
_SESSIONS_TIMEOUT = 2.0
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


def source(captured: Capture, client: Client) -> dict[str, Any]:
    """Return the facts about the origin of captured code that a job remembers."""
    found: dict[str, Any] = {"cwd": str(Path.cwd()), "took": captured.took}
    if captured.notes:
        found["notes"] = captured.notes
    if captured.summary:
        found["summary"] = captured.summary
    found.update(kernel_facts())
    notebook = notebook_path(client, found.get("kernel_id"))
    if notebook:
        found["notebook"] = notebook
    if captured.path is not None:
        found["path"] = str(captured.path)
    if captured.kind == "cell":
        found["cell"] = captured.source
        found["first_line"] = captured.first_line
    found["label"] = label(captured, found)
    if own := python(client):
        found["python"] = own
    return found


def label(captured: Capture, found: Mapping[str, Any]) -> str:
    """Return what people call the code: ``cell [7] of digits.ipynb``, ``train.py``."""
    if captured.kind in ("script", "notebook", "command"):
        return captured.label
    name = f"{captured.label}()" if captured.kind == "function" else "cell"
    count = found.get("execution_count")
    if captured.kind == "cell" and count:
        name = f"cell [{count}]"
    notebook = found.get("notebook")
    return f"{name} of {Path(notebook).name}" if notebook else name


def experiment(found: Mapping[str, Any]) -> str | None:
    """Return the experiment that code belongs to when none is named."""
    path = found.get("notebook") or found.get("path")
    return Path(path).stem if path else None


def python(client: Client) -> str | None:
    """Return the Python of this process for a server on this machine: its packages are meant.

    Behind a tunnel, this machine only looks like the server's: the server takes it where it is one.
    """
    return sys.executable if urlsplit(client.url).hostname in _THIS_MACHINE else None


def notebook_path(client: Client, kernel_id: str | None) -> str | None:
    """Return the path of the notebook that this kernel belongs to.

    The server knows it even after the notebook was renamed; for a kernel that another program
    started, the name that it was started with has to do.
    """
    if kernel_id:
        path = f"kernels/{segment(kernel_id)}"
        try:
            return str(client.api("GET", path, timeout=_SESSIONS_TIMEOUT)["notebook"])
        except (TracksideError, KeyError):
            pass
    return session_notebook()


def session_notebook() -> str | None:
    """Return the path of the notebook that this kernel was started with."""
    started = os.environ.get("JPY_SESSION_NAME", "")
    return started if started.endswith(".ipynb") else None


def kernel_facts() -> dict[str, Any]:
    """Return kernel id, cell id and execution count when this process is a Jupyter kernel."""
    facts: dict[str, Any] = {}
    kernelapp = sys.modules.get("ipykernel.kernelapp")
    if kernelapp is not None and kernelapp.IPKernelApp.initialized():
        file = str(kernelapp.IPKernelApp.instance().connection_file or "")
        match = _CONNECTION.search(file)
        if match:
            facts["kernel_id"] = match.group(1)
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return facts
    # IPython counts on before the cell runs or after it, by version; the history tells its own.
    facts["execution_count"] = len(shell.history_manager.input_hist_parsed) - 1
    parent = getattr(shell, "parent_header", None) or {}
    cell_id = (parent.get("metadata") or {}).get("cellId")
    if cell_id:
        facts["cell_id"] = cell_id
    return facts
