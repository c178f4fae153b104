"""How the tasks of a compiled pipeline are called: by their authors, or by what they do.

The compiler numbers what its author has not named, such as `condition-2`. The panel tells these by
the same words.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_GENERATED = re.compile(r"(?:condition|condition-branches|for-loop|exit-handler)-\d+\Z")
_VALUE = re.compile(r"inputs\.parameter_values\['([^']*)'\]")
_INT = re.compile(r"\bint\(([\w.-]+)\)")
_ITEM = re.compile(r"(^|-)loop-item(?:-param-\d+)?(?=-|\Z)")
_OUTPUT = re.compile(r"-Output(?= |\Z)")
_CHANNEL = "pipelinechannel--"
_SHORT = 24


def names_of(tasks: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Name the tasks of one graph.

    Parameters
    ----------
    tasks
        The tasks by their keys in the compiled pipeline.
    """
    names: dict[str, str] = {}
    before: list[str] = []
    for key in sorted(tasks, key=_by_number):
        task = tasks[key]
        given = _given(key, task)
        condition = _condition(task)
        is_generated = _GENERATED.match(key) and _GENERATED.match(given)
        names[key] = _title(key, task, tasks, condition, before) if is_generated else given
        if condition:
            before.append(_own(condition, before))
    return names


def _given(key: str, task: Mapping[str, Any]) -> str:
    return str((task.get("taskInfo") or {}).get("name") or key)


def _condition(task: Mapping[str, Any]) -> str:
    raw = str((task.get("triggerPolicy") or {}).get("condition") or "")
    inputs = task.get("inputs") or {}
    return _INT.sub(r"\1", _VALUE.sub(lambda found: _source(found[1], inputs), raw))


def _title(
    key: str,
    task: Mapping[str, Any],
    tasks: Mapping[str, Mapping[str, Any]],
    condition: str,
    before: Sequence[str],
) -> str:
    if "parameterIterator" in task or "artifactIterator" in task:
        return _loop(task)
    if key.startswith("exit-handler-"):
        after = [one for one in tasks if _is_exit_of(tasks[one], key)]
        return f"Exit handler: {_given(after[0], tasks[after[0]])}" if after else "Exit handler"
    if key.startswith("condition-branches-"):
        return "Branches"
    own = _own(condition, before)
    if own == condition:
        return f"If {condition}" if condition else "If"
    return f"Else if {own}" if own else "Else"


def _own(condition: str, before: Sequence[str]) -> str:
    """Give what is left of a branch's condition without that no branch before it was taken."""
    others = " && ".join(f"!({one})" for one in before)
    if not others or not condition.startswith(others):
        return condition
    return condition[len(others) :].removeprefix(" && ")


def _loop(task: Mapping[str, Any]) -> str:
    iterator = task.get("parameterIterator") or task.get("artifactIterator") or {}
    items = iterator.get("items") or {}
    name = items.get("inputParameter") or items.get("inputArtifact")
    if name:
        return f"For each of {_source(name, task.get('inputs') or {})}"
    raw = str(items.get("raw") or "")
    try:
        count = len(json.loads(raw))
    except (ValueError, TypeError):
        return f"For each of {raw}"
    return f"For each of {raw}" if len(raw) <= _SHORT else f"For each of {count} items"


def _is_exit_of(task: Mapping[str, Any], key: str) -> bool:
    strategy = (task.get("triggerPolicy") or {}).get("strategy")
    is_exit = strategy == "ALL_UPSTREAM_TASKS_COMPLETED"
    return is_exit and key in (task.get("dependentTasks") or ())


def _source(name: str, inputs: Mapping[str, Any]) -> str:
    """Say where an input comes from, as its author would call it."""
    parameter = (inputs.get("parameters") or {}).get(name) or {}
    artifact = (inputs.get("artifacts") or {}).get(name) or {}
    found = parameter.get("taskOutputParameter") or artifact.get("taskOutputArtifact") or {}
    task = found.get("producerTask")
    output = str(found.get("outputParameterKey") or found.get("outputArtifactKey") or "")
    if not task:
        return _plain(name)
    if output.startswith(_CHANNEL):
        return _plain(output)
    return str(task) if output == "Output" else f"{task}.{output}"


def _plain(name: str) -> str:
    if not name.startswith(_CHANNEL):
        return name
    name = _ITEM.sub(lambda found: " item" if found[1] else "item", name.removeprefix(_CHANNEL))
    return _OUTPUT.sub("", name).replace("-subvar-", ".")


def _by_number(key: str) -> tuple[str, int, str]:
    """Sort what the compiler counts by number: its file is sorted by letters."""
    name, _, number = key.rpartition("-")
    return (name, len(number), number) if number.isdecimal() else (key, 0, "")
