"""The magics of what recurs: ``%schedule`` and ``%schedules``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic import Magics, line_magic, magics_class

from trackside import _schedules
from trackside._magics.parsing import parse, told, with_options
from trackside._option import given
from trackside._schedule_options import SCHEDULE, SCHEDULES

if TYPE_CHECKING:
    from trackside._schedules import Schedule, ScheduleList


@magics_class
class ScheduleMagics(Magics):
    """The magics of what recurs."""

    @line_magic
    @told
    @with_options(SCHEDULE)
    def schedule(self, line: str) -> Schedule | None:
        """Let the Jupyter server run a script or notebook again and again.

        The answer is the schedule: to disable, to run now, or to delete.
        """
        found = parse(self.schedule, SCHEDULE, line)
        return None if found is None else _schedules.schedule(**given(SCHEDULE.options, found))

    @line_magic
    @told
    @with_options(SCHEDULES)
    def schedules(self, line: str) -> ScheduleList | None:
        """List what recurs, or enable, disable, run or delete some of it by name."""
        found = parse(self.schedules, SCHEDULES, line)
        if found is None:
            return None
        action = found.action or "list"
        meant = _schedules.chosen(action, found.names, leave=found.leave)
        if action == "list":
            return meant
        for one in meant:
            done = _schedules.carry_out(action, one, leave=found.leave)
            print(done)  # noqa: T201  (the answer of the magic)
        return None
