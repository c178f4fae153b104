"""What a capture finds: what travels, what cannot, and what is worth knowing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trackside._bundle import ENTRY, Bundle, BundleError, size_text
from trackside._errors import CannotTravel, TracksideError
from trackside._text import plural

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Refused:
    """Something that the code needs and that cannot be sent with it.

    Attributes
    ----------
    name
        The variable, line or file.
    what
        Its type and size.
    why
        Why it stays and what to do.
    """

    name: str
    what: str
    why: str

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.what} — {self.why}" if self.what else f"{self.name} — {self.why}"
        )


@dataclass(frozen=True)
class Param:
    """A param that a script or notebook takes."""

    name: str
    default: Any = None
    help: str | None = None


@dataclass(frozen=True)
class Parameters:
    """The names of the parameters cell of a notebook, and all words of its code."""

    names: frozenset[str]
    words: frozenset[str]


@dataclass
class Capture:
    """Code with all that it needs.

    Attributes
    ----------
    kind
        ``cell``, ``function``, ``script``, ``notebook`` or ``command``.
    label
        What people call it: ``cell [7] of digits.ipynb``.
    entry
        What the bootstrap reads: the kind, and where in the bundle the code is.
    contents
        The files under their paths in the bundle.
    took
        The names and files that travel, as people know them.
    notes
        What was left behind without harm, in sentences.
    refused
        What cannot travel.
    params
        What it takes, where that is easily seen.
    parameters
        What the parameters cell sets; None where there is none.
    """

    kind: str
    label: str
    source: str | None = None
    function: str | None = None
    first_line: int = 1
    path: Path | None = None
    experiment: str | None = None
    entry: dict[str, Any] = field(default_factory=dict)
    contents: dict[str, Path | bytes] = field(default_factory=dict)
    took: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    params: list[Param] = field(default_factory=list)
    parameters: Parameters | None = None

    def add(self, path: str, content: Path | bytes) -> None:
        """Put a file into the bundle; the same one may come twice, two of one path may not."""
        held = self.contents.setdefault(path, content)
        if held != content:
            self.refuse(path, "two files", "both would have this path in the job; rename one")

    def refuse(self, name: str, what: str, why: str) -> None:
        """Note what cannot travel, once for each name."""
        if all(refused.name != name for refused in self.refused):
            self.refused.append(Refused(name, what, why))

    def note(self, sentence: str) -> None:
        """Note what is worth knowing, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def check(self) -> None:
        """Refuse to go on when something cannot travel.

        Raises
        ------
        CannotTravel
            Naming all of it.
        """
        if not self.refused:
            return
        lines = [str(refused) for refused in sorted(self.refused, key=lambda r: r.name)]
        subject = "1 thing" if len(lines) == 1 else plural(len(lines), "thing")
        needs = f"{subject} that the {self.kind} needs cannot travel with it:"
        raise CannotTravel("\n  ".join([needs, *lines]), lines)

    def bundle(self) -> Bundle:
        """Return the bundle.

        Raises
        ------
        CannotTravel
            When something cannot travel.
        TracksideError
            When it is too much, or a file cannot be read.
        """
        self.check()
        entry = json.dumps(self.entry, sort_keys=True).encode()
        try:
            return Bundle.build({**self.contents, ENTRY: entry})
        except BundleError as error:
            raise TracksideError(f"The files cannot be sent: {error}") from error
        except OSError as error:
            raise TracksideError(f"{error.filename} cannot be read: {error.strerror}.") from error

    @property
    def summary(self) -> str:
        """What travels, in a few words: ``load_split, utils.py (3 files, 14 kB)``."""
        files = [path for path in self.contents if not path.startswith("__trackside__/")]
        size = sum(
            len(content) if isinstance(content, bytes) else content.stat().st_size
            for content in self.contents.values()
        )
        names = ", ".join(self.took)
        return f"{names} ({plural(len(files), 'file')}, {size_text(size)})" if files else names
