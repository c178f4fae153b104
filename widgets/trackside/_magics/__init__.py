"""The magics of IPython: ``%%train``, and the questions ``%runs``, ``%jobs`` and so on."""

from __future__ import annotations

from typing import Any

_NAMES = {
    "cell": ("train",),
    "line": ("train", "runs", "experiments", "models", "compare", "jobs", "logs", "cancel"),
}


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
    matchers = _matchers(shell)
    matchers[:] = [found for found in matchers if not _ours(found)]


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
    from trackside._magics.completions import matcher
    from trackside._magics.magics import TracksideMagics

    shell.register_magics(TracksideMagics)
    if not any(_ours(found) for found in _matchers(shell)):
        _matchers(shell).append(matcher())


def _matchers(shell: Any) -> list[Any]:
    # IPython before 8.6 has no such list, and then no completions of ours.
    found: list[Any] = getattr(shell.Completer, "custom_matchers", [])
    return found


def _ours(matcher: Any) -> bool:
    return getattr(matcher, "__name__", "") == "trackside_matcher"
