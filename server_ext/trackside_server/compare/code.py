"""The code of runs against that of one of them: the cell first, then what travelled with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from trackside._bundle import CELL, META, PREAMBLE
from trackside_server.provenance import facts
from trackside_server.provenance.redact import is_secret_file, redact
from trackside_server.structs import asdict

from .differences import Differ, Difference, digest
from .entities import Candidate, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .entities import Evidence, File
    from .notes import Notes
    from .reading import Bundles

CELL_NAME = "cell"
HELPERS_NAME = "helpers"
CHANGES_NAME = "uncommitted changes"
MOST_FILES = 200
_MOST_BYTES = 256 * 1024


class Code(Struct, frozen=True):
    """What a comparison says about code, and how the runs are divided by it."""

    told: Mapping[str, Any]
    candidates: Sequence[Candidate]


def compare(found: Sequence[Evidence], base: int, bundles: Bundles, notes: Notes) -> Code:
    """Compare the code of runs; to be called on a thread.

    Parameters
    ----------
    found
        The runs.
    base
        The place of the run that the others are compared with.
    bundles
        Reads what travelled with jobs.
    notes
        Takes what has to be said about it.
    """
    differ = Differ()
    files: list[dict[str, Any]] = []
    candidates: list[Candidate] = []

    def add(kind: str, name: str, texts: Sequence[Text | None], known: Sequence[bool]) -> None:
        rows = [
            Difference("base" if text is not None else "absent")
            if at == base
            else (differ.compare(texts[base], text) if here and known[base] else _UNKNOWN)
            for at, (text, here) in enumerate(zip(texts, known, strict=True))
        ]
        whole = all(text is None or text.whole for text in texts)
        files.append(_file(kind, name, rows, whole=whole))
        weigh(name, [digest(text.text) if text is not None else None for text in texts], known)

    def weigh(name: str, values: Sequence[str | None], known: Sequence[bool]) -> None:
        # What is not known of a run is no difference of it.
        if all(known):
            candidates.append(Candidate("code", name, values, readable=False))

    travelled = [one.files is not None for one in found]
    cells = [one.cell for one in found]
    if any(cells):
        add("cell", CELL_NAME, cells, [one.cell is not None for one in found])
    for kind, name, path in _paths(found, notes):
        listed = [(one.files or {}).get(path) for one in found]
        texts = _read(listed, bundles)
        if texts is None:
            files.append(_file(kind, name, _unread(listed, found, base), whole=True))
            weigh(name, [file.digest if file else None for file in listed], travelled)
        else:
            add(kind, name, texts, travelled)
    changes = [one.changes for one in found]
    if any(changes):
        known = [_commit(one) is not None for one in found]
        add("changes", CHANGES_NAME, changes, known)
    if differ.exhausted:
        notes.exhausted()
    commits = [_commit(one) for one in found]
    hashes = [None if one is None else str(one["commit"]) for one in commits]
    weigh("commit", hashes, [one is not None for one in commits])
    told = {"files": files, "commits": commits, "differs": any(one["differs"] for one in files)}
    return Code(told, candidates)


_UNKNOWN = Difference("unknown")


def _file(kind: str, name: str, rows: Sequence[Difference], *, whole: bool) -> dict[str, Any]:
    differs = any(row.state in ("changed", "added", "removed", "unread") for row in rows)
    return {
        "kind": kind,
        "path": name,
        "differs": differs,
        "whole": whole,
        "runs": [asdict(row) for row in rows],
    }


def _paths(found: Sequence[Evidence], notes: Notes) -> list[tuple[str, str, str]]:
    """Name what travelled: kind, name and path of each file that may be shown."""
    paths = sorted({path for one in found for path in one.files or ()})
    shown: list[tuple[str, str, str]] = []
    for path in paths:
        if path == PREAMBLE:
            shown.insert(0, ("helpers", HELPERS_NAME, path))
        elif path != CELL and not path.startswith(f"{META}/") and not is_secret_file(path):
            shown.append(("file", path, path))
    if len(shown) > MOST_FILES:
        notes.bounded("MANY_FILES", len(shown), MOST_FILES)
        # What differs is what is looked for.
        shown.sort(key=lambda item: len(_digests(found, item[2])) < 2)
    return shown[:MOST_FILES]


def _digests(found: Sequence[Evidence], path: str) -> set[str | None]:
    listed = [(one.files or {}).get(path) for one in found if one.files is not None]
    return {file.digest if file else None for file in listed}


def _read(listed: Sequence[File | None], bundles: Bundles) -> list[Text | None] | None:
    """Read a file of each run; None when one of them is no text that could be compared.

    Nothing is read where all are the same: their digest stands for them.
    """
    if len({file.digest for file in listed if file}) == 1 and None not in listed:
        return [Text(file.digest) for file in listed if file]
    texts: dict[str, Text] = {}
    for file in listed:
        if file is None or file.digest in texts:
            continue
        content = bundles.read(file, _MOST_BYTES) if file.size <= _MOST_BYTES else None
        if content is None or b"\0" in content[:8192]:
            return None
        texts[file.digest] = Text(redact(content.decode("utf-8", "replace")))
    return [texts[file.digest] if file else None for file in listed]


def _unread(
    listed: Sequence[File | None], found: Sequence[Evidence], base: int
) -> list[Difference]:
    """Tell by the digests alone what is the same."""
    old = listed[base]
    rows = []
    for at, (file, one) in enumerate(zip(listed, found, strict=True)):
        if at == base:
            rows.append(Difference("base" if file else "absent"))
        elif one.files is None or found[base].files is None:
            rows.append(_UNKNOWN)
        elif file is None:
            rows.append(Difference("removed" if old else "absent"))
        elif old is None:
            rows.append(Difference("added"))
        else:
            rows.append(Difference("same" if file.digest == old.digest else "unread"))
    return rows


def _commit(one: Evidence) -> dict[str, Any] | None:
    tags = one.run.tag_map
    commit = tags.get(facts.GIT_COMMIT)
    if not commit:
        return None
    return {
        "commit": commit,
        "branch": tags.get(facts.GIT_BRANCH),
        "remote": tags.get(facts.GIT_REMOTE),
        "changed": int(changed) if (changed := tags.get(facts.CHANGED, "")).isdecimal() else None,
    }
