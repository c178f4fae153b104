"""What a program prints of what it was told is no result of it."""

from __future__ import annotations

_EXECUTOR = "[KFP Executor "
_INPUTS = ": Got executor_input:"


class Quotes:
    """Knows the inputs that KFP's executor prints, as indented JSON, before it runs a component.

    Parameters
    ----------
    inside
        Whether an earlier reader stopped within them.
    """

    def __init__(self, *, inside: bool = False) -> None:
        self.inside = inside

    def hold(self, line: str) -> bool:
        """Tell whether a line, which comes after those asked for before, belongs to them."""
        if self.inside:
            ends = line.startswith("}")
            # Whatever else comes between is the component's own.
            self.inside = not ends and line.startswith((" ", "{"))
            return ends or self.inside
        self.inside = line.startswith(_EXECUTOR) and line.rstrip().endswith(_INPUTS)
        return self.inside

    def may_hold(self, block: str) -> bool:
        """Tell whether any of several lines may belong to them."""
        return self.inside or _INPUTS in block
