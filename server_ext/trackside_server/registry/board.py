"""The board of stages, on aliases: where versions stand, and what a move on it changes.

A version stands in Production or Staging when it has the alias ``production`` or ``staging``, which
every MLflow server and client knows. What MLflow itself calls a stage, and has given up, counts
where no alias says otherwise: for versions that other clients put there, and for Archived. Of both,
a move leaves nothing that contradicts it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from trackside_server.errors import Conflict, InvalidInput

from .entities import ACTIVE_STAGES, ARCHIVED, BOARD_ALIASES, NO_STAGE, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .entities import Promotion


class Standing(Struct, frozen=True):
    """Where the versions of a model stand now.

    Attributes
    ----------
    aliases
        The number of a version for each alias, as text.
    stages
        MLflow's stage of each version that there is.
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)

    def place(self, version: str) -> str:
        """Give the column of the board in which a version stands."""
        for stage in reversed(ACTIVE_STAGES):
            if self.aliases.get(BOARD_ALIASES[stage]) == version:
                return stage
        return self.stages.get(version, NO_STAGE)


def steps_to(standing: Standing, version: str, stage: str, *, archive: bool) -> list[Step]:
    """Give what has to move so that a version stands in a column; nothing when it does already.

    Parameters
    ----------
    archive
        Whether the versions that stand there now move to Archived.

    Raises
    ------
    InvalidInput
        Nothing has to make room in that column.
    """
    if archive and stage not in ACTIVE_STAGES:
        raise InvalidInput(
            f"Versions can be archived when another one enters {' or '.join(ACTIVE_STAGES)}, "
            f"not {stage}.",
            hint="Leave out archive_existing_versions.",
        )
    if standing.place(version) == stage:
        return []
    steps: list[Step] = []
    wanted = BOARD_ALIASES.get(stage)
    if wanted is not None:
        steps.append(Step("alias", wanted, standing.aliases.get(wanted, ""), version))
    if archive:
        for other in sorted(standing.stages, key=int):
            if other != version and standing.place(other) == stage:
                steps += _without(standing, other, but=wanted)
                steps += _to_stage(standing, other, ARCHIVED)
    steps += _without(standing, version, but=wanted)
    steps += _to_stage(standing, version, ARCHIVED if stage == ARCHIVED else NO_STAGE)
    return steps


def steps_back(standing: Standing, lines: Sequence[Promotion]) -> list[Step]:
    """Give what takes a move back.

    Raises
    ------
    Conflict
        Something that it moved was moved again, or is gone.
    """
    steps = [Step(line.kind, line.subject, line.new, line.old) for line in reversed(lines)]
    for step in steps:
        if step.kind == "alias":
            is_there = standing.aliases.get(step.subject, "") == step.old
            needed = step.new
        else:
            is_there = standing.stages.get(step.subject, "") == step.old
            needed = step.subject
        if needed and needed not in standing.stages:
            raise Conflict(f"Version {needed} is deleted, so this cannot be taken back.")
        if not is_there:
            raise Conflict(
                f"{step.subject[:80]!r} was moved again since then.",
                hint="Take the later move back first, or move it by hand.",
            )
    return steps


def holders(lines: Iterable[Promotion]) -> tuple[dict[str, int], dict[str, list[int]]]:
    """Give which version had which alias, and which versions stood in which stage, after all of it.

    Parameters
    ----------
    lines
        The last line of each alias and version, oldest first.
    """
    aliases: dict[str, int] = {}
    stages: dict[str, list[int]] = {}
    for line in lines:
        if line.kind == "alias":
            # Of several models that had the name one after the other the last one counts.
            aliases.pop(line.subject, None)
            if line.new:
                aliases[line.subject] = int(line.new)
        elif line.new not in ("", NO_STAGE):
            stages.setdefault(line.new, []).append(int(line.subject))
    return aliases, {stage: sorted(found) for stage, found in stages.items()}


def _without(standing: Standing, version: str, *, but: str | None) -> list[Step]:
    """Take the other aliases of the board away from a version."""
    return [
        Step("alias", alias, version, "")
        for alias in BOARD_ALIASES.values()
        if alias != but and standing.aliases.get(alias) == version
    ]


def _to_stage(standing: Standing, version: str, stage: str) -> list[Step]:
    now = standing.stages.get(version, NO_STAGE)
    return [] if now == stage else [Step("stage", version, now, stage)]
