"""Collects the evidence about runs: what was logged, and where each came from."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from trackside._bundle import CELL as BUNDLED_CELL
from trackside_server.errors import NotFound, TracksideError
from trackside_server.provenance.redact import redact
from trackside_server.provenance.service import CELL, DIFF, ENVIRONMENT, FOLDER

from .entities import Evidence, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.tracking.entities import Run

    from .entities import File
    from .reading import Bundles, Reader

_MOST_TEXT = 256 * 1024
_MOST_ENVIRONMENT = 1024 * 1024
_AT_ONCE = 8


async def gather(run_ids: Sequence[str], reader: Reader, bundles: Bundles) -> list[Evidence]:
    """Collect all that is known about runs.

    Raises
    ------
    NotFound
        Some are not there; all of them are named.
    """
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(run_id: str) -> Run | None:
        async with turn:
            try:
                return await reader.get_run(run_id)
            except NotFound:
                return None

    found = await asyncio.gather(*map(one, run_ids))
    missing = [run_id for run_id, run in zip(run_ids, found, strict=True) if run is None]
    if missing:
        named = ", ".join(run_id[:80] for run_id in missing)
        raise NotFound(
            f"There {'is no run' if len(missing) == 1 else 'are no runs'} {named}.",
            hint="Leave out what is not there any more, and compare the others.",
            reason=",".join(missing),
        )
    runs = [run for run in found if run is not None]
    names = await _experiment_names({run.info.experiment_id for run in runs}, reader)
    files = await bundles.of_runs(run_ids)

    async def evidence(run: Run) -> Evidence:
        async with turn:
            return await _evidence(run, names, files.get(run.info.run_id), reader, bundles)

    return list(await asyncio.gather(*map(evidence, runs)))


async def _evidence(
    run: Run,
    names: Mapping[str, str],
    files: Mapping[str, File] | None,
    reader: Reader,
    bundles: Bundles,
) -> Evidence:
    texts: dict[str, Text | None] = {}
    # Only Trackside puts them there, and it says so in tags: others are not asked in vain.
    if any(tag.key.startswith("trackside.") for tag in run.tags):
        limits = {CELL: _MOST_TEXT, DIFF: _MOST_TEXT, ENVIRONMENT: _MOST_ENVIRONMENT}
        for path in set(await reader.names_in(run.info, FOLDER)) & limits.keys():
            texts[path] = await reader.read_text(run.info, path, limits[path])
    cell = texts.get(CELL)
    if cell is None and files is not None and BUNDLED_CELL in files:
        content = await asyncio.to_thread(bundles.read, files[BUNDLED_CELL], _MOST_TEXT)
        told = None if content is None else as_text(content, _MOST_TEXT)
        cell = None if told is None else Text(await asyncio.to_thread(redact, told.text))
    return Evidence(
        run,
        names.get(run.info.experiment_id, ""),
        cell,
        texts.get(DIFF),
        _object(texts.get(ENVIRONMENT)),
        files,
    )


async def _experiment_names(ids: set[str], reader: Reader) -> dict[str, str]:
    async def name(experiment_id: str) -> str:
        try:
            return await reader.experiment_name(experiment_id)
        except TracksideError:
            # One that is deleted for ever in this moment: the comparison does not depend on it.
            return ""

    ordered = sorted(ids)
    return dict(zip(ordered, await asyncio.gather(*map(name, ordered)), strict=True))


def as_text(content: bytes, most: int) -> Text | None:
    """Read what was read of a file as text; None when it is none."""
    if b"\0" in content[:8192]:
        return None
    return Text(content[:most].decode("utf-8", "replace"), len(content) <= most)


def _object(text: Text | None) -> dict[str, Any] | None:
    if text is None or not text.whole:
        return None
    try:
        found = json.loads(text.text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
