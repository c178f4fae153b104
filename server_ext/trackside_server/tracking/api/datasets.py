"""The route of the data sets of experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server.errors import InvalidInput
from trackside_server.protocol.fields import entities, text

if TYPE_CHECKING:
    from trackside_server.protocol.call import Call, Reply

MOST_EXPERIMENTS: Final = 20
SUMMARIES: Final = entities(
    "dataset_summaries",
    text("experiment_id").needed,
    text("name").needed,
    text("digest").needed,
    text("context"),
)


async def search(call: Call) -> Reply:
    """List the data sets that the runs of experiments used, and for what."""
    experiments = call.message.texts("experiment_ids")
    if not 0 < len(experiments) <= MOST_EXPERIMENTS:
        raise InvalidInput(
            f"Invalid value for parameter 'experiment_ids': give 1 to {MOST_EXPERIMENTS} ids."
        )
    found = await call.tracking.dataset_summaries(experiments)
    return {"dataset_summaries": found} if found else {}
