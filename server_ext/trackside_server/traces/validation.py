"""What a trace, a tag and an assessment may be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from trackside_server.errors import InvalidInput, TooLarge
from trackside_server.tracking.validation import key

from .entities import KEPT_TAGS

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TRACE_ID: Final = 128
MAX_TAG_VALUE: Final = 4096
MAX_METADATA_VALUE: Final = 8000
MAX_PREVIEW: Final = 10_000
MAX_PAIRS: Final = 1000
MAX_LINKS: Final = 100
MAX_BATCH: Final = 500
MAX_BATCH_BYTES: Final = 64 * 1024 * 1024
"""What the spans of several traces in one answer may take; a single trace is never refused."""
MAX_NAME: Final = 250
MAX_ASSESSMENT_TEXT: Final = 1_000_000

_TRACE_ID: Final = re.compile(r"[A-Za-z0-9][\w-]*", re.ASCII)


def batch_bytes(size: int) -> None:
    """Refuse an answer of several traces that would be too large.

    Raises
    ------
    TooLarge
        Their spans take more bytes than that.
    """
    if size > MAX_BATCH_BYTES:
        raise TooLarge(
            f"The spans of these traces take more than {MAX_BATCH_BYTES // 2**20} MiB.",
            hint="Ask for fewer traces at a time, or for their infos only.",
        )


def trace_id(value: str) -> str:
    """Check the id of a trace: it names a folder, too."""
    if not value:
        raise InvalidInput("A trace needs a trace_id.")
    if len(value) > MAX_TRACE_ID or not _TRACE_ID.fullmatch(value):
        raise InvalidInput(
            f"Invalid trace_id {value[:80]!r}: it has letters, digits, '_' and '-' only, at most "
            f"{MAX_TRACE_ID}."
        )
    return value


def tags(pairs: Mapping[str, str]) -> dict[str, str]:
    """Check the tags of a trace: long values are cut, what only the server writes is left out."""
    _count("tags", pairs)
    return {
        key(name, "tag"): value[:MAX_TAG_VALUE]
        for name, value in pairs.items()
        if name not in KEPT_TAGS
    }


def tag_change(name: str) -> str:
    """Check the name of a tag that shall change."""
    if name in KEPT_TAGS:
        raise InvalidInput(f"Tag {name!r} of a trace says where its data is; it never changes.")
    return key(name, "tag")


def metadata(pairs: Mapping[str, str]) -> dict[str, str]:
    """Check the metadata of a trace; long values are cut."""
    _count("metadata", pairs)
    for name in pairs:
        if not name or len(name) > MAX_NAME:
            raise InvalidInput(f"A name in a trace's metadata has 1 to {MAX_NAME} characters.")
    return {name: value[:MAX_METADATA_VALUE] for name, value in pairs.items()}


def preview(text: str | None) -> str | None:
    """Cut the preview of a request or response."""
    return None if text is None else text[:MAX_PREVIEW]


def assessment_name(value: str) -> str:
    """Check the name of an assessment."""
    if not value.strip():
        raise InvalidInput("An assessment needs an assessment_name.")
    if len(value) > MAX_NAME:
        raise InvalidInput(f"An assessment's name has at most {MAX_NAME} characters.")
    return value


def assessment_text(what: str, value: str) -> str:
    """Check a text of an assessment."""
    if len(value) > MAX_ASSESSMENT_TEXT:
        raise InvalidInput(
            f"The {what} of an assessment has at most {MAX_ASSESSMENT_TEXT} characters."
        )
    return value


def _count(what: str, pairs: Mapping[str, str]) -> None:
    if len(pairs) > MAX_PAIRS:
        raise InvalidInput(f"A trace has at most {MAX_PAIRS} {what}; this one has {len(pairs)}.")
