"""The graph of a pipeline run as SVG that stands alone: boxes with states, in ranks.

Where Trackside draws the graph itself it finds better places; this picture is for saved notebooks.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from trackside._display import naming, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_WIDTH, _HEIGHT = 168, 40
_GAP, _STEP = 20, 34
_SWEEPS = 4
# Of all layers together; more would make the notebook heavy.
_MOST = 80
_DEEPEST = 8
# In which a run can still come to what is in it.
_LIVE = frozenset({"PENDING", "RUNNING", "CANCELING", "PAUSED"})
# Middle tones, as in all that stands alone.
_TONES = {
    "RUNNING": "#2f7fd1",
    "CANCELING": "#2f7fd1",
    "SUCCEEDED": "#2e8b57",
    "CACHED": "#2e8b57",
    "FAILED": "#d64545",
}


def layers(
    spec: Mapping[str, Any], tasks: Mapping[str, Mapping[str, Any]] | None
) -> list[tuple[str, str]]:
    """Return the layers of a run: how each is called, and its picture.

    Parameters
    ----------
    spec
        The compiled pipeline.
    tasks
        The tasks of the run by path; of a loop, its first repetition is drawn. Where they are not
        known, the outermost layer is drawn without states.
    """
    drawn: list[tuple[str, str]] = []
    left = _MOST
    for title, path, dag in _walk(spec, tasks or {}):
        names = dag.get("tasks") or {}
        if len(names) > left:
            break
        left -= len(names)
        drawn.append((title, _draw(path, names, tasks)))
    return drawn


def _walk(
    spec: Mapping[str, Any], tasks: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Give the whole, then what is in it, as far as the run has come there."""
    found = spec.get("pipeline_spec")
    document = found if isinstance(found, dict) else spec
    components = document.get("components") or {}
    waiting = [("", "", (document.get("root") or {}).get("dag") or {}, 0)]
    while waiting:
        title, path, dag, depth = waiting.pop(0)
        yield title, path, dag
        tasks_in = dag.get("tasks") or {}
        titles = naming.names_of(tasks_in)
        for name, task in tasks_in.items():
            inside = components.get((task.get("componentRef") or {}).get("name")) or {}
            below = f"{path}/{name}" if path else name
            if "parameterIterator" in task or "artifactIterator" in task:
                below += "[0]"
            if "dag" in inside and below in tasks and depth < _DEEPEST:
                waiting.append((titles[name], below, inside["dag"], depth + 1))


def _draw(
    path: str,
    dag: Mapping[str, Mapping[str, Any]],
    tasks: Mapping[str, Mapping[str, Any]] | None,
) -> str:
    before = {name: [one for one in _before(task) if one in dag] for name, task in dag.items()}
    rows = _rows(before)
    places = {
        name: (at * (_WIDTH + _GAP), rank * (_HEIGHT + _STEP))
        for rank, row in enumerate(rows)
        for at, name in enumerate(row)
    }
    width = max((len(row) for row in rows), default=0) * (_WIDTH + _GAP) - _GAP + 4
    height = len(rows) * (_HEIGHT + _STEP) - _STEP + 4
    lines = "".join(
        _line(places[one], places[name]) for name, those in before.items() for one in those
    )
    titles = naming.names_of(dag)
    # What lies between the texts is not drawn. It makes a sentence of what is left of the picture
    # where that is not allowed to be one, as in a notebook that nobody trusts.
    boxes = "; ".join(
        _box(place, titles[name], _state(f"{path}/{name}" if path else name, tasks))
        for name, place in places.items()
    )
    about = escape(f"Graph of {len(dag)} tasks")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{about}" width="{width}"'
        f' height="{height}" viewBox="-2 -2 {width} {height}" font-family="sans-serif"'
        f' font-size="12"><title>{about}</title>: {lines}{boxes}.</svg>'
    )


def _before(task: Mapping[str, Any]) -> Iterator[str]:
    yield from task.get("dependentTasks") or ()
    inputs = task.get("inputs") or {}
    for kind in ("parameters", "artifacts"):
        for binding in (inputs.get(kind) or {}).values():
            for key in ("taskOutputParameter", "taskOutputArtifact", "taskFinalStatus"):
                if key in binding:
                    yield binding[key].get("producerTask", "")


def _rows(before: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Give the names by rank, those of a rank near what they come from."""
    ranks: dict[str, int] = {}
    # A pipeline has no circles; what says otherwise is drawn all the same.
    for _ in before:
        moved = False
        for name, those in before.items():
            rank = max((ranks.get(one, 0) + 1 for one in those if one != name), default=0)
            if rank != ranks.get(name) and rank <= len(before):
                ranks[name], moved = rank, True
        if not moved:
            break
    filled = sorted(set(ranks.values()))
    rows = [[name for name in before if ranks[name] == rank] for rank in filled]
    for _ in range(_SWEEPS):
        at = {name: place for row in rows for place, name in enumerate(row)}
        for row in rows:
            row.sort(key=lambda name: _mean([at[one] for one in before[name]], at[name]))
    return rows


def _mean(places: Sequence[int], otherwise: int) -> float:
    return sum(places) / len(places) if places else otherwise


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    x, y = start[0] + _WIDTH / 2, start[1] + _HEIGHT
    to_x, to_y = end[0] + _WIDTH / 2, end[1]
    half = (y + to_y) / 2
    return (
        f'<path d="M{x:g} {y:g}C{x:g} {half:g} {to_x:g} {half:g} {to_x:g} {to_y:g}" fill="none"'
        ' stroke="currentColor" stroke-opacity=".5"/>'
    )


def _state(path: str, tasks: Mapping[str, Mapping[str, Any]] | None) -> str | None:
    """Give the state of a task, none where nobody knows.

    One that is not told waits as any other does while the run can still come to it, and has an
    empty one from then on.
    """
    if tasks is None:
        return None
    if path in tasks:
        return str(tasks[path].get("state") or "PENDING")
    # It is drawn where what it is in was told, as long as anything was.
    above = tasks.get(path.rpartition("/")[0], {}).get("state") or "PENDING"
    return "PENDING" if above in _LIVE else ""


def _box(place: tuple[int, int], title: str, state: str | None) -> str:
    x, y = place
    tone = _TONES.get(state or "", "currentColor")
    dashes = ' stroke-dasharray="4 3"' if state == "" else ""
    unreached = "" if state is None else "not reached"
    sign = f"{words.sign(state)} {state}" if state else unreached
    return (
        f'<g><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="5" fill="none"'
        f' stroke="{tone}"{dashes}/><text x="{x + 8}" y="{y + 17}" font-weight="bold"'
        f' fill="currentColor">{escape(words.clean(title, 22))}</text> '
        f'<text x="{x + 8}" y="{y + 32}" font-size="11" fill="{tone}">'
        f"{escape(words.clean(sign, 24))}</text></g>"
    )
