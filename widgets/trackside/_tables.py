"""Rows of dictionaries as a DataFrame, or as a table of our own where pandas is not installed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from html import escape
from typing import TYPE_CHECKING, Any

from trackside._errors import TracksideError
from trackside._option import read_value
from trackside._text import duration_text

if TYPE_CHECKING:
    from trackside._run import Run

_FIRST = ("name", "status", "started", "duration")
_LAST = ("experiment", "run_id")
_SHOWN = 60


class Table(list[dict[str, Any]]):
    """A list of dictionaries that shows as a table; ``table["name"]`` is a column."""

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(dict.fromkeys(name for row in self for name in row))

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            if key not in self.columns:
                raise KeyError(key)
            return [row.get(key) for row in self]
        found = super().__getitem__(key)
        return Table(found) if isinstance(key, slice) else found

    def head(self, count: int = 5) -> Table:
        """Return the first rows."""
        return Table(self[:count])

    def __repr__(self) -> str:
        from trackside._display import plain

        if not self:
            return "Nothing found."
        return plain.table(self.columns, self._cells()) + self._rest()

    def _repr_html_(self) -> str:
        from trackside._display import page

        if not self:
            return "<div>Nothing found.</div>"
        rows = [[escape(text) for text in row] for row in self._cells()]
        return page.table(self.columns, rows) + escape(self._rest())

    def _cells(self) -> list[list[str]]:
        return [[_text(name, row.get(name)) for name in self.columns] for row in self[:_SHOWN]]

    def _rest(self) -> str:
        left = len(self) - _SHOWN
        return f"\n… and {left} more" if left > 0 else ""


def run_rows(found: Iterable[Run], experiments: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return runs as rows with the same columns in each."""
    rows = []
    for run in found:
        ended = run.end_time if run.end_time is not None else time.time() * 1000
        started = run.start_time
        rows.append(
            {
                "name": run.name,
                "status": run.status,
                "started": None if started is None else moment(started),
                "duration": None if started is None else max(0.0, ended - started) / 1000,
                **{f"metrics.{key}": value for key, value in run.metrics.items()},
                **{f"params.{key}": value for key, value in run.params.items()},
                **{
                    f"tags.{key}": value
                    for key, value in run.tags.items()
                    if not key.startswith(("mlflow.", "trackside."))
                },
                "experiment": experiments.get(run.experiment_id, run.experiment_id),
                "run_id": run.id,
            }
        )
    return _even(_numbers(rows))


def frame(rows: list[dict[str, Any]], columns: Sequence[str] = (*_FIRST, *_LAST)) -> Any:
    """Return rows as a DataFrame if pandas is installed, else as a `Table`.

    Parameters
    ----------
    rows
        Dictionaries with the same keys in each.
    columns
        The columns where there are no rows.
    """
    try:
        import pandas as pd
    except ImportError:
        return Table(rows)
    return pd.DataFrame(rows, columns=None if rows else list(columns))


def indexed(rows: list[dict[str, Any]], index: str, columns: list[str]) -> Any:
    """Return rows as `frame` does, a DataFrame with one of the columns as index."""
    try:
        import pandas as pd
    except ImportError:
        return Table(rows)
    return pd.DataFrame(rows, columns=[index, *columns]).set_index(index)


def distinct(names: Mapping[str, str]) -> list[str]:
    """Return the names of runs, given by their ids, so that none is there twice."""
    return list(_distinct(names).values())


def history(points: Mapping[str, Mapping[int, float]], names: Mapping[str, str]) -> Any:
    """Return the curves of runs with a row for each step and a column for each run."""
    steps = sorted({step for curve in points.values() for step in curve})
    titles = _distinct(names)
    rows = [{titles[run]: curve.get(step) for run, curve in points.items()} for step in steps]
    try:
        import pandas as pd
    except ImportError:
        return Table({"step": step, **row} for step, row in zip(steps, rows, strict=True))
    index = pd.Index(steps, name="step")
    return pd.DataFrame(rows, index=index, columns=list(titles.values()), dtype=float)


def run_names(what: object) -> dict[str, str]:
    """Return the names of runs by their ids, for jobs, runs, ids or a table of runs.

    Raises
    ------
    TracksideError
        When it is something else.
    """
    columns = getattr(what, "columns", None)
    if columns is not None and "run_id" in columns:
        table: Any = what
        return dict(zip(table["run_id"], table["name"], strict=True))
    if isinstance(what, str):
        return {what: what}
    if isinstance(what, Iterable):
        return {run_id: name for item in what for run_id, name in run_names(item).items()}
    run_id = getattr(what, "run_id", None) or getattr(what, "id", None)
    if run_id is None:
        raise TracksideError(
            f"A {type(what).__name__} is not a run.", "Give jobs, runs, or what runs() returned."
        )
    return {str(run_id): str(getattr(what, "name", None) or run_id)}


def _numbers(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn params that are numbers in every row from the protocol's text into numbers."""
    for name in {name for row in rows for name in row if name.startswith("params.")}:
        texts = [row[name] for row in rows if name in row]
        values = [read_value(text) for text in texts]
        if all(isinstance(value, int | float) for value in values):
            for row in rows:
                if name in row:
                    row[name] = read_value(row[name])
    return rows


def _even(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = {name for row in rows for name in row} - {*_FIRST, *_LAST}
    kinds = ("metrics.", "params.", "tags.")
    middle = [name for kind in kinds for name in sorted(names) if name.startswith(kind)]
    return [{name: row.get(name) for name in (*_FIRST, *middle, *_LAST)} for row in rows]


def _distinct(names: Mapping[str, str]) -> dict[str, str]:
    taken = list(names.values())
    return {
        run: name if taken.count(name) == 1 else f"{name} ({run[:8]})"
        for run, name in names.items()
    }


def moment_or_none(milliseconds: object) -> datetime | None:
    """Return the moment of a time stamp that may be absent or text."""
    return None if milliseconds in (None, "") else moment(int(str(milliseconds)))


def moment(milliseconds: int) -> datetime:
    """Return the moment of a time stamp."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)


def _text(column: str, value: object) -> str:
    from trackside._display import words

    if value is None:
        return ""
    if column == "duration" and isinstance(value, float):
        return duration_text(value)
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return words.number(value)
    return words.clean(value, 60)
