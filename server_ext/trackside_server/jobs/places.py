"""Reads where a job shall run, and what only a cluster has: image, queue, runtime."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .fields import Fields

AUTO = "auto"
PLACES = (AUTO, "local", "cluster")
MAX_IMAGE = 512
MAX_IMAGE_NAME = 255
# A queue's name becomes the value of a label, a runtime's stays the name of an object.
MAX_QUEUE = 63
MAX_RUNTIME = 253

# The grammar of references to images, as registries and the runtimes of containers have it.
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])"
_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?P<name>(?:{_HOST}(?::[0-9]{{1,5}})?/)?{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,128})?"
)
_DNS_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")


def read_on(fields: Fields) -> str:
    """Return the runner that was asked for; ``auto`` leaves it to the server."""
    value = fields.text("on", 100) or AUTO
    if value not in PLACES:
        raise fields.wrong(
            "on",
            f"one of {', '.join(PLACES)}",
            "Leave it out to run on this machine where that can be, else on the cluster.",
        )
    return value


def read_image(fields: Fields) -> str | None:
    """Return the reference of the container image."""
    value = fields.text("image", MAX_IMAGE)
    if value is None:
        return None
    found = _IMAGE.fullmatch(value)
    if found is None:
        must = "the name of an image, such as ghcr.io/team/train:1.2"
        raise fields.wrong("image", must, _image_hint(value))
    if len(found["name"]) > MAX_IMAGE_NAME:
        raise fields.wrong("image", f"at most {MAX_IMAGE_NAME} characters before its tag")
    return value


def read_queue(fields: Fields) -> str | None:
    """Return the name of the queue."""
    return _dns_name(fields, "queue", MAX_QUEUE)


def read_runtime(fields: Fields) -> str | None:
    """Return the name of the training runtime."""
    return _dns_name(fields, "runtime", MAX_RUNTIME)


def _dns_name(fields: Fields, name: str, limit: int) -> str | None:
    value = fields.text(name, limit)
    if value is not None and not _DNS_NAME.fullmatch(value):
        raise fields.wrong(
            name,
            f"the name of a {name} of the cluster",
            "Such a name has small letters, digits and -, and begins and ends with none of the -.",
        )
    return value


def _image_hint(value: str) -> str:
    """Say what is wrong with the name of an image, as far as that can be told."""
    if "://" in value:
        return f"Leave {value.partition('://')[0][:20]}:// out."
    if any(letter.isspace() for letter in value):
        return "Leave the blanks out."
    path = value.partition("@")[0].rpartition("/")[2].partition(":")[0]
    if path != path.lower():
        return "Before its tag it has small letters only."
    return "Write it as `docker pull` takes it."
