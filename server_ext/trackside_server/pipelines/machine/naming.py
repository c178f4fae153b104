"""What the tasks of a graph are called in a sentence: by their authors, or by what they do.

The compiler numbers what its author has not named, such as ``condition-2``. The graph of a run
calls these by the same words.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from trackside_server.pipelines.ir.model import ArtifactLoop, ComponentInput, TaskOutput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trackside_server.pipelines.ir.model import ParameterLoop, Task

_GENERATED: Final = re.compile(r"(?:condition|condition-branches|for-loop|exit-handler)-\d+\Z")
_VALUE: Final = re.compile(r"inputs\.parameter_values\['([^']*)'\]")
_INT: Final = re.compile(r"\bint\(([\w.-]+)\)")
_ITEM: Final = re.compile(r"(^|-)loop-item(?:-param-\d+)?(?=-|\Z)")
_OUTPUT: Final = re.compile(r"-Output(?= |\Z)")
_CHANNEL: Final = "pipelinechannel--"
_SHORT: Final = 24
_LONG: Final = 80


class Name(Struct, frozen=True):
    """What a task is called.

    Parameters
    ----------
    within
        Inside of a sentence.
    first
        At its beginning.
    """

    within: str
    first: str


def names_of(tasks: Mapping[str, Task]) -> dict[str, Name]:
    """Name the tasks of one graph."""
    names: dict[str, Name] = {}
    before: list[str] = []
    for key in sorted(tasks, key=_by_number):
        task = tasks[key]
        condition = _condition(task)
        if _GENERATED.match(key) and _GENERATED.match(task.display_name):
            what = _shortened(_deed(task, condition, before))
            names[key] = Name(f"the {what}", f"The {what}")
        else:
            names[key] = Name(task.display_name, f"Task {task.display_name}")
        if condition:
            before.append(_own(condition, before))
    return names


def _deed(task: Task, condition: str, before: Sequence[str]) -> str:
    if task.loop is not None:
        return f"loop over {_items(task.loop, task)}"
    if task.name.startswith("exit-handler-"):
        return "exit handler"
    if task.name.startswith("condition-branches-"):
        return "choice between branches"
    own = _own(condition, before)
    if own == condition:
        return f"branch if {condition}" if condition else "branch"
    return f"branch else if {own}" if own else "else branch"


def _condition(task: Task) -> str:
    text = _VALUE.sub(lambda found: _source(found[1], task), task.condition)
    return _INT.sub(r"\1", text)


def _own(condition: str, before: Sequence[str]) -> str:
    """Give what is left of a branch's condition without that no branch before it was taken."""
    others = " && ".join(f"!({one})" for one in before)
    if not others or not condition.startswith(others):
        return condition
    return condition[len(others) :].removeprefix(" && ")


def _items(loop: ParameterLoop | ArtifactLoop, task: Task) -> str:
    if isinstance(loop, ArtifactLoop):
        return _source(loop.items, task)
    if isinstance(loop.items, ComponentInput):
        return _source(loop.items.name, task)
    value = loop.items.value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"{len(value)} items" if isinstance(value, list) and len(text) > _SHORT else text


def _source(name: str, task: Task) -> str:
    """Say where an input comes from, as its author would call it."""
    binding = task.parameters.get(name)
    source = task.artifacts.get(name) if binding is None else binding.source
    if not isinstance(source, TaskOutput):
        return _plain(name)
    if source.output.startswith(_CHANNEL):
        return _plain(source.output)
    return source.task if source.output == "Output" else f"{source.task}.{source.output}"


def _plain(name: str) -> str:
    if not name.startswith(_CHANNEL):
        return name
    name = _ITEM.sub(lambda found: " item" if found[1] else "item", name.removeprefix(_CHANNEL))
    return _OUTPUT.sub("", name).replace("-subvar-", ".")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def _by_number(key: str) -> tuple[str, int, str]:
    """Sort what the compiler counts by number: its file is sorted by letters."""
    name, _, number = key.rpartition("-")
    return (name, len(number), number) if number.isdecimal() else (key, 0, "")
