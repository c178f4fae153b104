"""Reads what somebody wants to be run: once, or again and again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from trackside_server.errors import AlreadyExists, InvalidInput, NotFound
from trackside_server.jobs.pythons import is_usable

from .entities import Origin
from .executor.whereabouts import PLACES
from .fields import object_of, text_of
from .ir.parsing import parse
from .ir.reading import of_json
from .service import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside_server.tracking.entities import Experiment

    from .catalog.service import Catalog
    from .executor.whereabouts import On
    from .experiments import Experiments
    from .ir.model import Pipeline
    from .ir.reading import Documents

DEFAULT_EXPERIMENT: Final = "Default"
_MOST_NAME: Final = 500


class Source(Struct, frozen=True):
    """What is run: documents of the request, or a version of the catalog.

    Parameters
    ----------
    documents
        The documents that are run.
    pipeline_id, version_id
        The version that they were taken from.
    """

    documents: Documents
    pipeline_id: str | None = None
    version_id: str | None = None


class Submissions:
    """Makes wishes of requests.

    Parameters
    ----------
    catalog, experiments
        Collaborators.
    """

    def __init__(self, catalog: Catalog, experiments: Experiments) -> None:
        self._catalog = catalog
        self._experiments = experiments

    async def wanted(self, body: Mapping[str, Any], user: str, origin: Origin) -> Wanted:
        """Read the run that a request describes.

        Raises
        ------
        InvalidInput
            It cannot be run.
        NotFound
            It names an experiment or a version that is not there.
        """
        source = await self.source(body)
        config = object_of(body, "runtime_config", "runtimeConfig")
        return Wanted(
            pipeline=await self.compiled(source),
            experiment=await self.experiment(body),
            name=read_name(body),
            user=user,
            given=object_of(config, "parameters"),
            description=text_of(body, "description"),
            # A look at a disk that may hang.
            python=await asyncio.to_thread(read_python, body),
            on=read_on(body),
            cached=read_cached(body),
            origin=Origin(
                source.pipeline_id, source.version_id, origin.recurring_id, origin.scheduled
            ),
            pipeline_root=text_of(config, "pipeline_root", "pipelineRoot"),
        )

    async def compiled(self, source: Source) -> Pipeline:
        """Read what is run; a large pipeline takes its time."""
        return await asyncio.to_thread(parse, source.documents)

    async def source(self, body: Mapping[str, Any]) -> Source:
        """Find what is to be run."""
        spec = body.get("pipeline_spec", body.get("pipelineSpec"))
        reference = object_of(body, "pipeline_version_reference", "pipelineVersionReference")
        pipeline_id = text_of(reference, "pipeline_id", "pipelineId")
        version_id = text_of(reference, "pipeline_version_id", "pipelineVersionId") or text_of(
            body, "pipeline_version_id", "pipelineVersionId"
        )
        if (spec is None) == (not pipeline_id and not version_id):
            raise InvalidInput(
                "A run needs either pipeline_spec or pipeline_version_reference.",
                hint="Send the compiled pipeline, or the ids of a pipeline and its version.",
            )
        if spec is not None:
            return Source(await asyncio.to_thread(of_json, spec))
        found = await self._catalog.version(pipeline_id, version_id)
        return Source(found.documents, found.pipeline_id, found.version_id)

    async def experiment(self, body: Mapping[str, Any]) -> Experiment:
        """Find the experiment of a run; without one it is the default."""
        identifier = text_of(body, "experiment_id", "experimentId")
        if identifier:
            found = await self._experiments.get(identifier)
        else:
            found = await self._default()
        if found.deleted:
            raise InvalidInput(
                f"The experiment {found.name[:80]!r} is archived.",
                hint="Restore it, or take another one.",
            )
        return found

    async def _default(self) -> Experiment:
        found = await self._experiments.of_name(DEFAULT_EXPERIMENT)
        if found is not None:
            return found
        try:
            return await self._experiments.create(DEFAULT_EXPERIMENT, "")
        except AlreadyExists:
            # Another run that came at the same moment has made it.
            found = await self._experiments.of_name(DEFAULT_EXPERIMENT)
            if found is None:
                raise
            return found


def read_name(body: Mapping[str, Any]) -> str:
    """Read the name of a run.

    Raises
    ------
    InvalidInput
        It has none that can be taken.
    """
    name = text_of(body, "display_name", "displayName").strip()
    if not name or len(name) > _MOST_NAME:
        raise InvalidInput(f"A run needs a display_name of at most {_MOST_NAME} characters.")
    return name


def read_python(body: Mapping[str, Any]) -> str | None:
    """Read which interpreter runs Python components: that of the kernel that asks.

    KFP's clients do not say any.

    Raises
    ------
    NotFound
        It is not on this machine.
    """
    python = text_of(object_of(body, "trackside"), "python")
    if python and not is_usable(python):
        raise NotFound(f"There is no Python at {python[:200]!r} on this machine.")
    return python or None


def read_on(body: Mapping[str, Any]) -> On:
    """Read where the tasks of a run are carried out.

    Raises
    ------
    InvalidInput
        It is no place.
    """
    on = text_of(object_of(body, "trackside"), "on") or "auto"
    for place in PLACES:
        if on == place:
            return place
    raise InvalidInput(
        f"There is no place {on[:80]!r} for the tasks of a run.",
        hint="Leave trackside.on out, or write auto, local or cluster.",
    )


def read_cached(body: Mapping[str, Any]) -> bool | None:
    """Read whether outputs may be taken from the cache at all; else each task says for itself.

    Raises
    ------
    InvalidInput
        It is neither true nor false.
    """
    cached = object_of(body, "trackside").get("cached")
    if cached is not None and not isinstance(cached, bool):
        raise InvalidInput("trackside.cached has to be true or false.")
    return cached
