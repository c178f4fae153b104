"""Puts runs side by side."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from trackside_server.errors import InvalidInput
from trackside_server.structs import asdict

from . import code, objective, tables, words
from .entities import FEWEST, MOST, Candidate
from .gathering import gather
from .notes import Notes
from .ranking import rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .entities import Evidence, Goal, Objective
    from .reading import Bundles, Reader


class Question(Struct, frozen=True):
    """What is to be compared.

    Attributes
    ----------
    run_ids
        The runs, in the order of the columns.
    metric, goal
        What is better; chosen where it is not said.
    base
        The run that code is compared with; the oldest where it is not said.
    """

    run_ids: Sequence[str]
    metric: str | None = None
    goal: Goal | None = None
    base: str | None = None


class Comparison:
    """Compares runs.

    Parameters
    ----------
    reader
        Reads the runs.
    bundles
        Reads the code that travelled with them.
    """

    def __init__(self, reader: Reader, bundles: Bundles) -> None:
        self._reader = reader
        self._bundles = bundles

    async def compare(self, question: Question) -> dict[str, Any]:
        """Give all that differs between runs, and what goes with the better result.

        Raises
        ------
        InvalidInput
            Too few or too many runs are named.
        NotFound
            Some of them are not there.
        """
        _check(question)
        found = await gather(question.run_ids, self._reader, self._bundles)
        # Differences and permutations take a while.
        return await asyncio.to_thread(_told, found, question, self._bundles)


def _check(question: Question) -> None:
    ids = question.run_ids
    if len(ids) < FEWEST:
        raise InvalidInput(
            f"{len(ids) or 'No'} {'run' if len(ids) == 1 else 'runs'} cannot be compared.",
            hint=f"Name {FEWEST} to {MOST} runs in run_ids.",
        )
    if len(ids) > MOST:
        raise InvalidInput(
            f"{len(ids)} runs are too many to be read side by side.",
            hint=f"Choose {MOST} of them at most.",
        )
    if question.base is not None and question.base not in ids:
        raise InvalidInput(
            "base is none of the runs that are compared.", hint="Name one of run_ids."
        )


def _told(found: Sequence[Evidence], question: Question, bundles: Bundles) -> dict[str, Any]:
    runs = [one.run for one in found]
    base = _base(found, question.base)
    notes = Notes()
    metrics = [{point.key: point.value for point in run.metrics} for run in runs]
    if question.metric is not None:
        chosen: Objective | None = objective.given(question.metric, question.goal)
    else:
        chosen = objective.choose(metrics)
    noted = [one.environment is not None for one in found]
    shown = {
        "params": tables.texts([dict(run.params) for run in runs], notes, "params"),
        "metrics": tables.metrics(runs, chosen, notes),
        "tags": tables.texts(tables.tags(runs), notes, "tags"),
        "datasets": tables.texts(tables.datasets(runs), notes, "datasets"),
        "packages": tables.texts(tables.packages(found), notes, "packages", noted),
        "environment": tables.texts(tables.environments(found), notes, "environment", noted),
    }
    compared = code.compare(found, base, bundles, notes)
    _tell_missing(found, notes)
    results = [values.get(chosen.metric) if chosen else None for values in metrics]
    ranking = rank(_candidates(found, compared.candidates), results, chosen) if chosen else []
    told = {
        "base": runs[base].info.run_id,
        "runs": [_summary(one) for one in found],
        **shown,
        "code": compared.told,
        "objective": asdict(chosen) if chosen else None,
        "ranking": [asdict(one) for one in ranking],
        "notes": notes.told(),
    }
    counts = {
        "settings": len(shown["params"]),
        "differing": sum(row["differs"] for row in shown["params"]),
    }
    others = [
        name
        for name, differs in (
            ("code", compared.told["differs"]),
            ("packages", any(row["differs"] for row in shown["packages"])),
        )
        if differs
    ]
    told["counts"] = {**counts, "others": others}
    told["sentence"] = words.sentence(
        **counts,
        others=others,
        ranking=ranking,
        objective=chosen,
        results=sum(tables.is_finite(value) for value in results),
    )
    return told


def _base(found: Sequence[Evidence], wanted: str | None) -> int:
    ids = [one.run.info.run_id for one in found]
    if wanted is not None:
        return ids.index(wanted)
    # The oldest: differences then read as what was changed since.
    return min(range(len(found)), key=lambda at: found[at].run.info.start_time)


def _summary(one: Evidence) -> dict[str, Any]:
    info = one.run.info
    return {
        "run_id": info.run_id,
        "run_name": info.run_name,
        "experiment_id": info.experiment_id,
        "experiment_name": one.experiment_name,
        "status": info.status,
        "start_time": info.start_time,
        "end_time": info.end_time,
        "user_id": info.user_id,
        "lifecycle_stage": "deleted" if info.deleted else "active",
        "has_code": one.cell is not None or bool(one.files),
        "has_environment": one.environment is not None,
    }


def _candidates(found: Sequence[Evidence], codes: Sequence[Candidate]) -> list[Candidate]:
    runs = [one.run for one in found]
    columns = {
        "param": [dict(run.params) for run in runs],
        "dataset": tables.datasets(runs),
        "package": tables.packages(found),
        "environment": tables.environments(found),
    }
    made = []
    for kind, texts in columns.items():
        # What is not known of a run is no difference of it.
        known = kind in ("param", "dataset") or all(one.environment for one in found)
        for key in sorted({key for column in texts for key in column}) if known else ():
            values = [column.get(key) for column in texts]
            if len(set(values)) > 1 and key not in _NO_CAUSE:
                made.append(Candidate(kind, key, values))
    return made + [one for one in codes if len(set(one.values)) > 1]


# They differ with what differs already, or for reasons that have nothing to do with it.
_NO_CAUSE = frozenset({"command", "source", "executable"})


def _tell_missing(found: Sequence[Evidence], notes: Notes) -> None:
    """Say of which runs something is not known."""
    notes.lacking("DELETED", _names(one for one in found if one.run.info.deleted))
    without = (one for one in found if one.cell is None and not one.files)
    notes.lacking("NO_CODE", _names(without))
    notes.lacking("NO_PACKAGES", _names(one for one in found if one.environment is None))


def _names(found: Iterable[Evidence]) -> list[str]:
    return [one.run.info.run_name or one.run.info.run_id for one in found]
