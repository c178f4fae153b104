"""What can be done with assessments."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from trackside_server.errors import NotFound
from trackside_server.structs import replace
from trackside_server.tracking.base import now_ms

from .spans import Spans
from .storage import assessments as table
from .storage import traces as traces_table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from trackside_server.tracking.base import Write

    from .entities import Assessment


class Assessments(Spans):
    """The part of the service about assessments."""

    async def create_assessment(self, item: Assessment) -> Assessment:
        """Store an assessment; one that it overrides counts no longer."""
        created = replace(item, assessment_id=f"a-{uuid.uuid4().hex}")

        def work(write: Write) -> Assessment:
            trace = traces_table.require(write.connection, item.trace_id)["id"]
            if item.overrides is not None and not table.set_valid(
                write.connection, trace, item.overrides, valid=False
            ):
                raise _missing(item.trace_id, item.overrides)
            table.save(write.connection, trace, created)
            return created

        return await self.write(work)

    async def get_assessment(self, trace_id: str, assessment_id: str) -> Assessment:
        """Give an assessment."""
        return await self.read(lambda connection: _require(connection, trace_id, assessment_id)[1])

    async def update_assessment(
        self, trace_id: str, assessment_id: str, change: Callable[[Assessment], dict[str, Any]]
    ) -> Assessment:
        """Change an assessment.

        Parameters
        ----------
        trace_id, assessment_id
            Which.
        change
            Gives the fields that change, for the assessment as it is.
        """

        def work(write: Write) -> Assessment:
            trace, found = _require(write.connection, trace_id, assessment_id)
            changes = change(found)
            metadata = {**found.metadata, **changes.pop("metadata", {})}
            changed = replace(found, **changes, metadata=metadata, updated_at=now_ms())
            table.save(write.connection, trace, changed)
            return changed

        return await self.write(work)

    async def delete_assessment(self, trace_id: str, assessment_id: str) -> None:
        """Delete an assessment, if it is there; the one that it overrode counts again."""

        def work(write: Write) -> None:
            row = traces_table.find(write.connection, trace_id)
            found = row and table.get(write.connection, row["id"], trace_id, assessment_id)
            if not row or not found:
                return
            if found.overrides is not None:
                table.set_valid(write.connection, row["id"], found.overrides, valid=True)
            table.delete(write.connection, row["id"], assessment_id)

        await self.write(work)


def _require(
    connection: sqlite3.Connection, trace_id: str, assessment_id: str
) -> tuple[int, Assessment]:
    trace = traces_table.require(connection, trace_id)["id"]
    found = table.get(connection, trace, trace_id, assessment_id)
    if found is None:
        raise _missing(trace_id, assessment_id)
    return trace, found


def _missing(trace_id: str, assessment_id: str) -> NotFound:
    return NotFound(f"Assessment with ID {assessment_id[:80]!r} not found for trace {trace_id!r}.")
