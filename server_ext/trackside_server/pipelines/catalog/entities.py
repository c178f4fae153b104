"""What the catalog knows: small immutable records. Times are seconds since the epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.pipelines.ir.reading import Documents


class Names(Struct, frozen=True):
    """What people call a pipeline or a version, and say about it.

    Parameters
    ----------
    name
        What it is known by: unique among the pipelines, or among the versions of one.
    display_name
        What is shown.
    description
        A text of the author.
    tags
        Words of the author, by key.
    """

    name: str
    display_name: str
    description: str
    tags: Mapping[str, str]


class PipelineEntry(Struct, frozen=True):
    """A pipeline of the catalog."""

    pipeline_id: str
    names: Names
    created: float


class VersionEntry(Struct, frozen=True):
    """A version of a pipeline, with what it was compiled to."""

    pipeline_id: str
    version_id: str
    names: Names
    code_source_url: str
    documents: Documents
    created: float
