"""The magics of IPython: ``%%train``, ``%%step``, and questions such as ``%runs`` and ``%jobs``."""

from __future__ import annotations

from typing import Any

_NAMES = {
    "cell": ("train", "step"),
    "line": (
        *("train", "runs", "experiments", "models", "compare", "jobs", "logs", "cancel"),
        *("schedule", "schedules", "pipeline"),
    ),
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
    _no_longer_after_cells(shell)
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
    from trackside._magics.schedules import ScheduleMagics
    from trackside._magics.steps import StepMagics

    shell.register_magics(TracksideMagics, ScheduleMagics, StepMagics)
    _no_longer_after_cells(shell)
    shell.events.register("post_run_cell", _after_cell)
    if not any(_ours(found) for found in _matchers(shell)):
        _matchers(shell).append(matcher())


def _after_cell(result: Any) -> None:
    """Look whether the cell that has run is a step by its tags."""
    from trackside._display.frontend import shell
    from trackside._magics import steps

    session, source = shell(), getattr(result.info, "raw_cell", None)
    if result.success and source and not source.startswith("%%") and steps.is_tagged(session):
        steps.take_tagged(session, source)


def _no_longer_after_cells(shell: Any) -> None:
    if _after_cell in shell.events.callbacks["post_run_cell"]:
        shell.events.unregister("post_run_cell", _after_cell)


def _matchers(shell: Any) -> list[Any]:
    # IPython before 8.6 has no such list, and then no completions of ours.
    found: list[Any] = getattr(shell.Completer, "custom_matchers", [])
    return found


def _ours(matcher: Any) -> bool:
    return getattr(matcher, "__name__", "") == "trackside_matcher"
