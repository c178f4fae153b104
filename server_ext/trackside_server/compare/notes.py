"""What a comparison leaves out or does not know: facts for the page, sentences for consoles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .words import short

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMED = 5

_TEXTS = {
    "LONG_VALUES": "{count} {what} are longer than {limit} characters; their beginning is shown.",
    "MANY_ROWS": "There are {count} {what}; {limit} are shown, those that differ first.",
    "MANY_FILES": "{count} files travelled with the runs; {limit} are compared.",
    "MUCH_CODE": "There is more code that differs than is compared at once; compare two runs.",
    "DELETED": "In the trash: {named}.",
    "NO_CODE": "No code was kept of {named}; it is kept of what runs as a job.",
    "NO_PACKAGES": "No packages were noted of {named}; a job notes them.",
}


class Notes:
    """Collects what has to be said about a comparison."""

    def __init__(self) -> None:
        self._told: list[dict[str, Any]] = []

    def bounded(self, code: str, count: int, limit: int, what: str = "") -> None:
        """Say that less is shown than there is.

        Parameters
        ----------
        code
            ``LONG_VALUES``, ``MANY_ROWS`` or ``MANY_FILES``.
        count
            How many there are.
        limit
            How much is shown.
        what
            The table that it is about.
        """
        text = _TEXTS[code].format(count=count, limit=limit, what=what)
        table = {"what": what} if what else {}
        self._told.append({"code": code, "count": count, "limit": limit, **table, "text": text})

    def exhausted(self) -> None:
        """Say that not all code was compared."""
        self._told.append({"code": "MUCH_CODE", "text": _TEXTS["MUCH_CODE"]})

    def lacking(self, code: str, names: Sequence[str]) -> None:
        """Say of which runs something is not as it should be.

        Parameters
        ----------
        code
            ``DELETED``, ``NO_CODE`` or ``NO_PACKAGES``.
        names
            The names of the runs; without any there is nothing to say.
        """
        if not names:
            return
        many = len(names) > _NAMED
        named = f"{len(names)} runs" if many else ", ".join(map(short, names))
        self._told.append(
            {
                "code": code,
                "count": len(names),
                "names": [] if many else list(names),
                "text": _TEXTS[code].format(named=named),
            }
        )

    def told(self) -> list[dict[str, Any]]:
        """Give the notes, in the order in which they were made."""
        return self._told
