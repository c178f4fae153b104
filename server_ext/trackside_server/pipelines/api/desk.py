"""What the handlers of runs need, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from trackside_server.pipelines.keeping import Kept

if TYPE_CHECKING:
    from collections.abc import Hashable

    from trackside_server.pipelines.catalog.service import Catalog
    from trackside_server.pipelines.service import Pipelines
    from trackside_server.pipelines.submission import Submissions

# Characters.
_ANSWERS: Final = 16 * 2**20


class Desk(Struct, frozen=True):
    """The services of pipelines.

    Parameters
    ----------
    runs
        Pipeline runs.
    catalog
        Pipelines and their versions.
    submissions
        Reads what is to be run.
    answers
        What runs with their tasks were written as, by all that this depends on.
    """

    runs: Pipelines
    catalog: Catalog
    submissions: Submissions
    answers: Kept[Hashable, str] = field(default_factory=lambda: Kept(_ANSWERS))
