"""From what was uploaded to the two documents of a compiled pipeline."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from trackside_server import json_text

from .archives import unpacked
from .mistakes import mistake
from .yamltext import load_all

if TYPE_CHECKING:
    from .model import Pipeline

# One of them is in whatever was meant to be a pipeline; their absence is told by what reads it.
_MARKS = frozenset(("pipelineInfo", "pipeline_info", "root", "components"))
_SAVE = "Save it as UTF-8, and send that."
_COMPILE = "Compile the pipeline with the KFP SDK 2 (kfp.compiler.Compiler) and send its file."


class Documents(Struct, frozen=True):
    """A compiled pipeline as it is written: the pipeline, and the settings of platforms."""

    pipeline: Mapping[str, Any]
    platforms: Mapping[str, Any] = field(default_factory=dict)


def documents_of(pipeline: Pipeline) -> Documents:
    """Give the documents that a pipeline was read from."""
    return Documents(pipeline.document, pipeline.platforms)


def read(data: bytes) -> Documents:
    """Read a pipeline's file: YAML or JSON, plain, in a ``.zip`` or in a ``.tar.gz``.

    Raises
    ------
    InvalidInput
        It is none, or too large.
    """
    content = unpacked(data)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse_wide(content)
        raise mistake(
            "NOT_READABLE", "", "The file is neither text nor an archive of text.", _COMPILE
        ) from None
    if "\0" in text:
        message = "The file holds NUL characters, as text in UTF-16 does; it has to be in UTF-8."
        raise mistake("NOT_READABLE", "", message, _SAVE)
    if text.lstrip()[:1] == "{":
        try:
            return of_json(json_text.loads(text))
        except ValueError:
            pass  # YAML may begin so too
    return _sorted([one for one in load_all(text) if one is not None])


def _refuse_wide(content: bytes) -> None:
    """Name the encoding that editors on Windows may save a text in."""
    for name, marks in (
        ("UTF-32", (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)),
        ("UTF-16", (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)),
    ):
        if content.startswith(marks):
            message = f"The file is text in {name}; it has to be in UTF-8."
            raise mistake("NOT_READABLE", "", message, _SAVE)


def of_json(value: Any) -> Documents:
    """Take the documents out of a request: the pipeline itself, or both in one object.

    Raises
    ------
    InvalidInput
        It is no pipeline.
    """
    if isinstance(value, Mapping):
        for pipeline, platforms in (
            ("pipeline_spec", "platform_spec"),
            ("pipelineSpec", "platformSpec"),
        ):
            if pipeline in value:
                parts = (value[pipeline], value.get(platforms))
                return _sorted([part for part in parts if part is not None])
    return _sorted([value])


def _sorted(documents: list[Any]) -> Documents:
    if not documents:
        raise mistake("NO_PIPELINE", "", "The file is empty.", _COMPILE)
    pipelines: list[Mapping[str, Any]] = []
    platforms: list[Mapping[str, Any]] = []
    for document in documents:
        if isinstance(document, Mapping) and document.keys() == {"platforms"}:
            platforms.append(document)
            continue
        _refuse_others(document)
        pipelines.append(document)
    if len(pipelines) != 1 or len(platforms) > 1:
        count = len(pipelines) or "no"
        raise mistake(
            "NO_PIPELINE",
            "",
            f"The file holds {count} pipelines and {len(platforms)} documents of platforms; it "
            "has to hold one pipeline, and at most one document of platforms.",
            _COMPILE,
        )
    return Documents(pipelines[0], platforms[0] if platforms else {})


def _refuse_others(document: Any) -> None:
    if not isinstance(document, Mapping):
        raise mistake("NO_PIPELINE", "", "The file is no compiled pipeline.", _COMPILE)
    version = str(document.get("apiVersion", ""))
    if version.startswith("argoproj.io/"):
        raise mistake(
            "V1_PIPELINE",
            "apiVersion",
            "This is an Argo workflow, as version 1 of the KFP SDK compiles pipelines to.",
            "Compile the pipeline with version 2 of the SDK: pip install 'kfp>=2'.",
        )
    if version and "kind" in document:
        raise mistake(
            "NO_PIPELINE",
            "apiVersion",
            "This is a Kubernetes object, not the pipeline itself.",
            "Compile the pipeline without kubernetes_manifest_format.",
        )
    if _MARKS.isdisjoint(document):
        raise mistake("NO_PIPELINE", "", "The file is no compiled pipeline.", _COMPILE)
