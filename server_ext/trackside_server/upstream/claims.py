"""A request of a job to the MLflow server, and what a guard may ask of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from trackside_server.errors import Forbidden, InvalidInput
from trackside_server.traces import validation
from trackside_server.tracking.entities import PARENT_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trackside_server.doors import TokenDoor

    from .runs import UpstreamRuns

Guard = Callable[["Claim"], Awaitable[None]]
"""Refuses what a job may not ask for."""


class Claim(Struct):
    """A request of a job.

    Attributes
    ----------
    door
        Knows whose job it is.
    runs
        Knows what belongs to whom.
    fields
        The body or the query; a guard may add to it.
    parts
        The variable parts of the path.
    narrow
        Leaves of an answer only what the job may see.
    """

    door: TokenDoor
    runs: UpstreamRuns
    fields: dict[str, Any]
    parts: Mapping[str, str] = field(default_factory=dict)
    narrow: Callable[[dict[str, Any]], Awaitable[None]] | None = None

    @property
    def own_run(self) -> str:
        """The run of the job."""
        principal = self.door.principal
        if principal is None or principal.run_id is None:
            raise Forbidden("This job has no run of its own.")
        return principal.run_id

    @property
    def own_experiment(self) -> str:
        """The experiment of the job's run."""
        principal = self.door.principal
        return principal.experiment_id or "" if principal is not None else ""

    def texts(self, name: str, fields: Mapping[str, Any] | None = None) -> list[str]:
        """Give every value of a field, in whatever spelling and number it came."""
        found: list[str] = []
        for spelling in {name, camel_case(name)}:
            value = (self.fields if fields is None else fields).get(spelling)
            if value is None or value == "":
                continue
            values = value if isinstance(value, list) else [value]
            if not all(isinstance(item, str) for item in values):
                raise InvalidInput(f"{name} has to be a string.")
            found.extend(values)
        return found

    def objects(self, name: str) -> Iterator[dict[str, Any]]:
        """Give the objects of a list."""
        for spelling in {name, camel_case(name)}:
            value = self.fields.get(spelling)
            if value is None:
                continue
            if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
                raise InvalidInput(f"{name} has to be a list of objects.")
            yield from value

    async def run(self) -> None:
        """Refuse every run outside of the job's tree, by its name of today or its old one."""
        named = [*self.texts("run_id"), *self.texts("run_uuid")]
        if not named:
            raise InvalidInput("Missing value for required parameter 'run_id'.")
        for run_id in named:
            await self.door.require_run(run_id)

    def experiment(self) -> None:
        """Refuse every experiment but the job's own."""
        named = self.texts("experiment_id")
        if not named:
            raise InvalidInput("Missing value for required parameter 'experiment_id'.")
        for experiment_id in named:
            self.door.require_experiment(experiment_id)

    async def model(self, model_id: str) -> None:
        """Refuse a model that no run of the job's tree made."""
        source = await self.runs.source_of_model(model_id)
        if source is None:
            raise Forbidden("This job may only use models that its own run logged.")
        await self.door.require_run(source)

    async def trace(self, trace_id: str) -> None:
        """Refuse a trace that no run of the job's tree made."""
        found = await self.runs.trace(trace_id)
        if found is None or found.run_id is None:
            raise Forbidden("This job may only use traces of its own run.")
        await self.door.require_run(found.run_id)

    async def known_trace(self, trace_id: str) -> None:
        """Refuse a foreign trace; there need not be one."""
        # An id that could be read otherwise there than here names a trace that nobody may know.
        if await self.runs.trace(validation.trace_id(trace_id)) is not None:
            await self.trace(trace_id)

    async def tag(self, tag: Mapping[str, Any]) -> None:
        """Refuse a tag that would hang a run of the job below a foreign one."""
        if PARENT_TAG in self.texts("key", tag):
            for parent in self.texts("value", tag) or [""]:
                await self.door.require_run(parent)


async def keep_reached(
    claim: Claim,
    answer: dict[str, Any],
    name: str,
    run_of: Callable[[dict[str, Any]], object],
) -> None:
    """Leave of a list in an answer what belongs to the runs that the job may see."""
    reached: set[str] = set()
    for run_id in {run_of(item) for item in _items(answer, name)}:
        if not isinstance(run_id, str):
            continue
        try:
            await claim.door.require_run(run_id)
        except Forbidden:
            continue
        reached.add(run_id)
    keep(answer, name, lambda item: run_of(item) in reached)


def keep(answer: dict[str, Any], name: str, is_kept: Callable[[dict[str, Any]], bool]) -> None:
    """Leave of a list in an answer what a condition holds for."""
    if name in answer:
        answer[name] = [item for item in _items(answer, name) if is_kept(item)]


def _items(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = answer.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def camel_case(name: str) -> str:
    """Give the other spelling of a field."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
