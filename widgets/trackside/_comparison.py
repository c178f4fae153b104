"""Runs side by side, as the server compares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside import _tables
from trackside._client import get_client
from trackside._errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FEWEST = 2
_TIMEOUT = 60.0


def compare(
    runs: object, *, metric: str | None = None, goal: str | None = None, base: str | None = None
) -> Comparison:
    """Compare two to twenty runs: what differs, and what goes with the better result.

    Parameters
    ----------
    runs
        Runs, jobs, their names or ids, or what `trackside.runs` returned.
    metric
        What says which result is better. Default: the main metric that most of the runs have.
    goal
        Whether less (``"min"``) or more (``"max"``) of it is better. Default: as its name says.
    base
        The name or id of the run that code is compared with. Default: the oldest one.

    Returns
    -------
    Comparison
        Shows itself live in JupyterLab, and as a table elsewhere.

    Raises
    ------
    TracksideError
        When there are too few or too many runs, or some are not there.
    """
    from trackside._display.find import run_ids

    ids = list(dict.fromkeys(run_ids(runs)))
    if len(ids) < _FEWEST:
        raise TracksideError(
            f"{len(ids) or 'No'} {'run' if len(ids) == 1 else 'runs'} cannot be compared.",
            'Give two or more, as in ts.compare(ts.runs("digits").head(5)).',
        )
    body: dict[str, Any] = {"run_ids": ids}
    if metric is not None or goal is not None:
        body["objective"] = {"metric": metric, "goal": goal}
    if base is not None:
        (body["base"],) = run_ids(base)
    return Comparison(get_client().api("POST", "compare", body, timeout=_TIMEOUT, repeatable=True))


class Comparison:
    """Runs side by side at the moment they were compared.

    Attributes
    ----------
    data
        All that the server said, as it said it.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    @property
    def run_ids(self) -> list[str]:
        """The ids of the runs, in the order of the columns."""
        return [run["run_id"] for run in self.data["runs"]]

    @property
    def names(self) -> list[str]:
        """The names of the runs, made distinct."""
        return _tables.distinct({run["run_id"]: run["run_name"] for run in self.data["runs"]})

    @property
    def sentence(self) -> str:
        """All of it in a sentence."""
        return str(self.data["sentence"])

    @property
    def notes(self) -> list[str]:
        """What is cut short or not known, in sentences."""
        return [str(note["text"]) for note in self.data["notes"]]

    @property
    def objective(self) -> Mapping[str, Any] | None:
        """What is called better: ``metric``, ``goal``, and whether they were ``assumed``."""
        found: Mapping[str, Any] | None = self.data["objective"]
        return found

    @property
    def params(self) -> Any:
        """Params: a row for each, a column for each run, and ``differs``."""
        return self._frame("param", "params")

    @property
    def metrics(self) -> Any:
        """The last values of metrics, as `params`; ``best`` names the run with the best one."""
        names = self.names
        best = [None if row["best"] is None else names[row["best"]] for row in self.data["metrics"]]
        return self._frame("metric", "metrics", best=best)

    @property
    def tags(self) -> Any:
        """Tags, as `params`."""
        return self._frame("tag", "tags")

    @property
    def packages(self) -> Any:
        """The versions of packages, as `params`."""
        return self._frame("package", "packages")

    @property
    def environment(self) -> Any:
        """Python, machine and start of each run, as `params`."""
        return self._frame("fact", "environment")

    @property
    def ranking(self) -> Any:
        """What goes with the better result, the clearest first.

        ``strength`` is ``clear``, ``hint`` (may be chance), ``none`` (like chance), or ``pair``
        where two runs are compared and nothing can be measured.
        """
        columns = ("kind", "key", "strength", "score", "chance", "better", "worse", "text")
        return _tables.frame(
            [{name: one[name] for name in columns} for one in self.data["ranking"]]
        )

    def diff(self, path: str | None = None) -> str:
        """Return how the code of the runs differs from that of the base run.

        Parameters
        ----------
        path
            Only this file; ``"cell"`` is the code as executed. Default: all.
        """
        names = dict(zip(self.run_ids, self.names, strict=True))
        base = names[self.data["base"]]
        files = self.data["code"]["files"]
        if path is not None and path not in [file["path"] for file in files]:
            known = ", ".join(file["path"] for file in files[:10])
            raise TracksideError(
                f"No run has a file {path!r}.", f"There is {known}." if known else None
            )
        parts = []
        for file in files:
            if path is not None and file["path"] != path:
                continue
            for name, one in zip(names.values(), file["runs"], strict=True):
                if one["diff"]:
                    head = f"--- {base}: {file['path']}\n+++ {name}: {file['path']}\n"
                    parts.append(f"{head}{one['diff']}\n")
        return "".join(parts)

    def __repr__(self) -> str:
        from trackside._display import plain

        return plain.comparison(self.data, self.names)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        from trackside._display import bundle

        return bundle.of_compare(self.data, self.names)

    def _frame(self, title: str, table: str, **further: Sequence[Any]) -> Any:
        names = self.names
        rows = []
        for at, row in enumerate(self.data[table]):
            values = [_value(value, table) for value in row["values"]]
            rows.append(
                {
                    title: row["key"],
                    **dict(zip(names, values, strict=True)),
                    "differs": row["differs"],
                    **{name: column[at] for name, column in further.items()},
                }
            )
        return _tables.indexed(rows, title, [*names, "differs", *further])


def _value(value: Any, table: str) -> Any:
    # JSON has no NaN: the server sends such values as text.
    return float(value) if table == "metrics" and value is not None else value
