"""What is wrong with an expression."""

from __future__ import annotations

from trackside_server.errors import InvalidInput


class ExpressionError(InvalidInput):
    """An expression that cannot be read, or not be evaluated over these values.

    Parameters
    ----------
    why
        What is wrong, as the first part of a sentence.
    at
        At which character of the expression, counted from 0.
    hint
        What to do about it.
    """

    def __init__(self, why: str, at: int, *, hint: str | None = None) -> None:
        super().__init__(
            f"{why[:1].upper()}{why[1:]}, at character {at + 1}.",
            hint=hint,
            reason="BAD_EXPRESSION",
        )
