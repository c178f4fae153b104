"""The magics of IPython: ``%%train``, ``%runs``, ``%jobs``, ``%logs``, ``%cancel``."""

from __future__ import annotations

from typing import Any

_NAMES = {"cell": ("train",), "line": ("runs", "jobs", "logs", "cancel")}


def load_ipython_extension(shell: Any) -> None:
    """Add the magics and say where jobs run (``%load_ext trackside``)."""
    register(shell)
    from trackside._magics.banner import show_banner

    show_banner()


def unload_ipython_extension(shell: Any) -> None:
    """Take the magics away."""
    for kind, names in _NAMES.items():
        for name in names:
            shell.magics_manager.magics[kind].pop(name, None)


def attach() -> None:
    """Add the magics when the package is imported in a session of IPython."""
    from trackside._display.frontend import shell

    found = shell()
    if found is not None:
        register(found)


def register(shell: Any) -> None:
    """Add the magics and their completions to a session, once."""
    if all(name in shell.magics_manager.magics[kind] for kind in _NAMES for name in _NAMES[kind]):
        return
    from trackside._magics.completions import complete
    from trackside._magics.magics import TracksideMagics

    shell.register_magics(TracksideMagics)
    for names, prefix in ((_NAMES["cell"], "%%"), (_NAMES["line"], "%")):
        for name in names:
            shell.set_hook("complete_command", complete, str_key=prefix + name)
