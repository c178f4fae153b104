"""A pipeline as people read it: text for everywhere, a table of its steps for notebooks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from trackside._pipelines.document import default_image
from trackside._text import plural

if TYPE_CHECKING:
    from trackside._pipelines.model import Step, Variable
    from trackside._pipelines.pipeline import Pipeline

_NONE = "No steps yet."
_FIRST = "Begin a cell with %%step NAME and run it."


def text(pipeline: Pipeline) -> str:
    """Return a pipeline as lines."""
    if not pipeline.steps:
        return _empty(pipeline)
    lines = [_title(pipeline)]
    lines += [f"  {parameter}" for parameter in _parameters(pipeline)]
    for number, step in enumerate(pipeline.steps, 1):
        lines.append(f"{number}. {step.cell.name} ({step.cell.place}){_options(step)}")
        lines += [f"     {word} {what}" for word, what in _rows(step)]
    lines += [f"Problem: {problem}" for problem in pipeline.problems]
    lines += [f"Note: {note}" for note in pipeline.notes]
    return "\n".join(lines)


def html(pipeline: Pipeline) -> str:
    """Return a pipeline as a table of its steps."""
    if not pipeline.steps:
        return f"<p>{escape(_empty(pipeline))}</p>"
    rows = []
    for number, step in enumerate(pipeline.steps, 1):
        what = "".join(f"<div>{escape(word)} {escape(said)}</div>" for word, said in _rows(step))
        name = f"<b>{escape(step.cell.name)}</b> {escape(step.cell.place + _options(step))}"
        rows.append(
            f'<tr><td style="text-align:right">{number}</td>'
            f'<td style="text-align:left">{name}</td><td style="text-align:left">{what}</td></tr>'
        )
    parameters = "".join(
        f"<div><code>{escape(parameter)}</code></div>" for parameter in _parameters(pipeline)
    )
    said = "".join(f"<p>⚠ {escape(str(problem))}</p>" for problem in pipeline.problems)
    said += "".join(f"<p>{escape(note)}</p>" for note in pipeline.notes)
    left = ' style="text-align:left"'
    head = f"<tr><th></th><th{left}>Step</th><th{left}>Takes and gives</th></tr>"
    return (
        f"<div><p>{escape(_title(pipeline))}</p>{parameters}"
        f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>{said}</div>"
    )


def _empty(pipeline: Pipeline) -> str:
    return " ".join([_NONE, *(pipeline.notes or [_FIRST])])


def _title(pipeline: Pipeline) -> str:
    parts = [plural(len(pipeline.steps), "step")]
    if pipeline.parameters:
        parts.append(plural(len(pipeline.parameters), "parameter"))
    if pipeline.problems:
        parts.append(plural(len(pipeline.problems), "problem"))
    return f"Pipeline {pipeline.name} · {', '.join(parts)}"


def _parameters(pipeline: Pipeline) -> list[str]:
    return [
        f"{p.name} = {pipeline.arguments.get(p.name, p.default)!r}" for p in pipeline.parameters
    ]


def _rows(step: Step) -> list[tuple[str, str]]:
    rows = []
    if step.parameters:
        rows.append(("uses", ", ".join(parameter.name for parameter in step.parameters)))
    sources: dict[str, list[str]] = {}
    for name, (source, _) in step.takes.items():
        sources.setdefault(source.cell.name, []).append(name)
    rows += [("takes", f"{', '.join(names)} of {source}") for source, names in sources.items()]
    silent = [before.cell.name for before in step.after if before.cell.name not in sources]
    if silent:
        rows.append(("waits for", ", ".join(silent)))
    if step.gives:
        rows.append(("gives", ", ".join(map(_variable, step.gives.values()))))
    if step.carried or step.files:
        rows.append(("brings along", ", ".join([*step.carried, *step.files])))
    return rows


def _variable(variable: Variable) -> str:
    how = "" if variable.kind is None else ", a parameter"
    return f"{variable.name} ({variable.what}{how})" if variable.what else variable.name


def _options(step: Step) -> str:
    cell = step.cell
    said = []
    if cell.gpus:
        said.append(f"{cell.gpus} GPU" if cell.gpus == 1 else f"{cell.gpus} GPUs")
    if cell.cpus:
        said.append(f"{cell.cpus:g} CPUs")
    if cell.memory:
        said.append(str(cell.memory))
    if cell.image and cell.image != default_image():
        said.append(cell.image)
    if cell.packages:
        said.append(f"with {', '.join(cell.packages)}")
    if not cell.cache:
        said.append("not cached")
    return f" · {', '.join(said)}" if said else ""
