"""The program of a step: what it brings along, its cell, and the part that all steps share."""

from __future__ import annotations

import functools
import json
import pprint
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside._pipelines.reading import read

if TYPE_CHECKING:
    from trackside._pipelines.model import Step

_TITLE = '''"""Step {name} of a pipeline, made of {place} of a notebook by Trackside.

It takes the arguments of kfp.dsl.executor_main, and needs neither that nor Trackside.
"""

'''


def program(step: Step) -> str:
    """Return the source of the program that runs a step.

    It needs neither Trackside nor KFP where it runs.
    """
    facts: dict[str, Any] = {
        "name": step.cell.name,
        "parameters": parameters_of(step),
        "artifacts": artifacts_of(step),
        "gives": {name: variable.kind for name, variable in sorted(step.gives.items())},
        "types": {name: variable.what for name, variable in sorted(step.gives.items())},
    }
    parts = [
        _TITLE.format(name=_safe(step.cell.name), place=_safe(step.cell.place)),
        "from __future__ import annotations\n\n",
        f"STEP = {pprint.pformat(facts, sort_dicts=False)}\n",
        f"PREAMBLE = {_lines(step.preamble)}\n",
        f"CELL = {_lines(read(step.cell).plain)}\n",
        f"FILES = {{{''.join(_file(*item) for item in sorted(step.files.items()))}}}\n",
        _carrier(),
    ]
    return "".join(parts)


def parameters_of(step: Step) -> dict[str, str]:
    """Return the parameters that a step takes, from the pipeline and from other steps."""
    found = {parameter.name: parameter.kind for parameter in step.parameters}
    found.update({n: v.kind for n, (_, v) in step.takes.items() if v.kind is not None})
    return dict(sorted(found.items()))


def artifacts_of(step: Step) -> list[str]:
    """Return the names of the artifacts that a step takes from other steps."""
    return sorted(name for name, (_, variable) in step.takes.items() if variable.kind is None)


@functools.cache
def _carrier() -> str:
    text = Path(__file__).with_name("carrier.py").read_text(encoding="utf-8")
    # Its own docstring speaks of this package, and its future import stands on top already.
    body = text.partition("from __future__ import annotations\n")[2]
    before, _, after = body.partition("# Filled in by the lines above it in a program.\n")
    return before + after.partition("\n\n")[2]


def _file(path: str, text: str) -> str:
    return f"\n    {json.dumps(path)}: {_lines(text)},"


def _lines(text: str) -> str:
    """Return an expression of a text, a line of source for each of its lines."""
    lines = "".join(f"    {_braces_apart(repr(line))}\n" for line in text.splitlines(keepends=True))
    return f"(\n{lines})" if lines else '""'


def _braces_apart(literal: str) -> str:
    """Return a literal in which no two braces meet: KFP and Argo would fill in what is between."""
    quote = literal[0]
    return literal.replace("{{", f"{{{quote} {quote}{{")


def _safe(text: str) -> str:
    return text.replace("\\", "").replace('"', "").replace("{", "").replace("\n", " ")
