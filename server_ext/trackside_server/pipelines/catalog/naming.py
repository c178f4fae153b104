"""Which names and tags the catalog takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from trackside_server.errors import InvalidInput
from trackside_server.pipelines.fields import text_of

from .entities import Names

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_NAME: Final = 255
MOST_DESCRIPTION: Final = 64 * 1024
MOST_TAGS: Final = 20
MOST_TAG: Final = 63
MOST_URL: Final = 2000


def read_names(what: str, sent: Mapping[str, Any], fallback: str = "") -> Names:
    """Check how something is to be called.

    Parameters
    ----------
    what
        What it is, for the message: a pipeline, or a version.
    sent
        ``name``, ``display_name``, ``description`` and ``tags``, as far as they were sent.
    fallback
        The name where none was sent.

    Raises
    ------
    InvalidInput
        One of them cannot be taken.
    """
    shown = text_of(sent, "display_name", most=MOST_NAME).strip()
    name = text_of(sent, "name", most=MOST_NAME) or shown or fallback
    if not name.strip() or len(name) > MOST_NAME or not name.isprintable():
        raise InvalidInput(
            f"A {what} needs a name of at most {MOST_NAME} characters, on one line.",
            hint="Send it as name.",
        )
    description = text_of(sent, "description", most=MOST_DESCRIPTION)
    return Names(name, shown or name, description, read_tags(sent.get("tags")))


def read_tags(tags: Any) -> Mapping[str, str]:
    """Check tags.

    Raises
    ------
    InvalidInput
        They are no texts by key, or too many or too long.
    """
    if tags is None:
        return {}
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise InvalidInput('tags has to be an object of texts, such as {"team":"vision"}.')
    if len(tags) > MOST_TAGS:
        raise InvalidInput(f"There are {len(tags)} tags; {MOST_TAGS} is the most.")
    for key, value in tags.items():
        if not key or len(key) > MOST_TAG or "." in key or len(value) > MOST_TAG:
            raise InvalidInput(
                f"The tag {key[:80]!r} cannot be taken: a key has 1 to {MOST_TAG} characters and "
                f"no dot, a value at most {MOST_TAG} characters."
            )
    return tags
