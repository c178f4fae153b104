"""Tasks that are repeated: their items, and which repetitions may run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from trackside_server import json_text
from trackside_server.pipelines.ir.model import ArtifactLoop, ComponentInput, Constant
from trackside_server.pipelines.ir.values import told
from trackside_server.pipelines.keeping import Kept
from trackside_server.structs import replace

from . import endings, inputs, nodes
from .paths import of_iteration
from .plan import plan_of
from .reasons import UnresolvedError
from .state import Node, Values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.pipelines.ir.model import Component, ParameterLoop, Task, Value

    from .draft import Draft

# Characters of the texts whose items are kept read; what is made of a text depends on nothing else.
_OVERHEAD: Final = 200
_kept: Final[Kept[str, tuple[Value, ...]]] = Kept(4 * 2**20)


def begin(draft: Draft, node: Node, task: Task, values: Values) -> None:
    """Begin a loop: with a repetition for each item, of which those within its limit start.

    Parameters
    ----------
    draft
        The run.
    node
        The loop.
    task
        What it is for.
    values
        Its inputs.

    Raises
    ------
    UnresolvedError
        Where what it is to be repeated over is no list, or a longer one than can be.
    """
    count = _count(task, values)
    if draft.find(of_iteration(node.path, 0)) is None:
        nodes.make_room(draft, count)
    component = draft.spot(node).component
    kind = nodes.kind_of(draft.pipeline, component)
    draft.put(replace(node, state="RUNNING", inputs=values, reason=None, started=draft.now))
    draft.move_cursor(node.path, 0)
    for index in range(count):
        path = of_iteration(node.path, index)
        if draft.find(path) is None:
            draft.put(nodes.new(draft, path, kind, parent=node.path, task=node.task, index=index))
    draft.waking.append(node.path)
    endings.close(draft, draft.node(node.path))


def next_iterations(draft: Draft, loop: Node, *, every: bool) -> list[Node]:
    """Give the repetitions that may begin now, or every one that waits, in the items' order."""
    task = draft.spot(loop).task
    tally = draft.tally(loop.path)
    free = tally.pending
    if task is not None and task.parallelism > 0 and not every:
        free = min(free, task.parallelism - (tally.open - tally.pending))
    ready: list[Node] = []
    cursor = tally.cursor
    while len(ready) < free:
        node = draft.node(of_iteration(loop.path, cursor))
        if node.state == "PENDING":
            ready.append(node)
        cursor += 1
    draft.move_cursor(loop.path, cursor)
    return ready


def inputs_of(loop: Node, node: Node, task: Task, component: Component) -> Values:
    """Give the inputs of a repetition: one item in the place of the list.

    Parameters
    ----------
    loop, node
        The loop and the repetition.
    task, component
        What they are for.

    Returns
    -------
    Values
        Its inputs.

    Raises
    ------
    UnresolvedError
        Where the item is not what the component takes.
    """
    values = loop.inputs or Values()
    parameters, artifacts = dict(values.parameters), dict(values.artifacts)
    index = node.index or 0
    if isinstance(task.loop, ArtifactLoop):
        items = artifacts[task.loop.items]
        if not _is_used(component, task.loop.items):
            del artifacts[task.loop.items]
        artifacts[task.loop.item] = (items[index],)
    elif task.loop is not None:
        item = _items(task.loop, values)[index]
        source = task.loop.items
        if isinstance(source, ComponentInput) and not _is_used(component, source.name):
            del parameters[source.name]
        parameters.pop(task.loop.item, None)
        if item is not None:
            parameters[task.loop.item] = inputs.typed_as(component, task.loop.item, item)
    return Values(parameters, artifacts)


def _is_used(component: Component, items: str) -> bool:
    """Say whether a repetition needs the whole list, as a loop in it goes over the same one."""
    return component.dag is not None and items in plan_of(component.dag).used


def _count(task: Task, values: Values) -> int:
    if isinstance(task.loop, ArtifactLoop):
        return len(values.artifacts.get(task.loop.items, ()))
    return 0 if task.loop is None else len(_items(task.loop, values))


def _items(loop: ParameterLoop, values: Values) -> Sequence[Value]:
    source = loop.items
    value = source.value if isinstance(source, Constant) else values.parameters.get(source.name)
    return _parsed(value) if isinstance(value, str) else _listed(value)


def _parsed(text: str) -> Sequence[Value]:
    # Each repetition asks for its own item of the text.
    known = _kept.get(text)
    if known is None:
        try:
            value = json_text.loads(text)
        except ValueError:
            message = "What it is to be repeated over is a text that is not the JSON of a list."
            raise UnresolvedError("LOOP_ITEMS", message) from None
        known = _kept.keep(text, tuple(_listed(value)), len(text) + _OVERHEAD)
    return known


def _listed(value: Value) -> Sequence[Value]:
    if not isinstance(value, list):
        message = f"What it is to be repeated over is no list, but {told(value)}."
        raise UnresolvedError("LOOP_ITEMS", message)
    return value
