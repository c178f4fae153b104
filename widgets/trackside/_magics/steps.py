"""The magics that make a pipeline of a notebook: ``%%step`` and ``%pipeline``."""

from __future__ import annotations

import ast
import shlex
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class

from trackside import pipelines
from trackside._display import live, words
from trackside._errors import TracksideError
from trackside._magics.parsing import Refused, Stopped, parse, told, with_options
from trackside._option import given
from trackside._pipeline_options import ACTIONS, PIPELINE, STEP, STEP_OPTIONS
from trackside._pipelines.model import StepCell
from trackside._pipelines.session import SESSION

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from trackside.pipelines import Pipeline, PipelineRun


@magics_class
class StepMagics(Magics):
    """The magics of pipelines."""

    @cell_magic
    @told
    @with_options(STEP)
    def step(self, line: str, cell: str) -> None:
        """Run this cell, and make it a step of the notebook's pipeline.

        The variables that later steps use are handed to them; imports, functions, classes and plain
        values of the notebook come along. ``%pipeline`` shows what that makes.
        """
        __tracebackhide__ = True
        found = parse(self.step, STEP, line)
        if found is None:
            return
        if not cell.strip():
            raise UsageError("There is no code below %%step to run.")
        _add(self._session, found, cell, first_line=2)
        if not found.only_pipeline:
            _run_here(self._session, cell)
            SESSION.ran(found.name, self._session.user_ns)

    @line_magic
    @told
    @with_options(PIPELINE)
    def pipeline(self, line: str) -> Any:
        """Show, run, compile, schedule or send the pipeline of this notebook's steps."""
        found = parse(self.pipeline, PIPELINE, line)
        if found is None:
            return None
        options = given(PIPELINE.options, found)
        action = options.pop("action", "show")
        _heed(action, options)
        if action == "clear":
            pipelines.clear()
            return None
        if action in ("compile", "schedule", "send"):
            return _written(found, action)
        if action == "runs":
            return pipelines.runs(**options)
        if action == "show":
            return _current(found)
        _tell_notes(_current(found))
        cache = not options.pop("no_cache", False)
        params, experiment = options.get("params"), options.get("experiment")
        run = pipelines.run(
            params=params, name=found.name, experiment=experiment, cache=cache, on=found.on
        )
        self._session.displayhook.update_user_ns(run)
        _show(run)
        if found.wait:
            _wait(run)
        return None

    @property
    def _session(self) -> Any:
        return self.shell


def take_tagged(shell: Any, source: str) -> None:
    """Take a cell that has just run as what its tags say: a step, or the parameters.

    JupyterLab sends a cell's tags along when it runs. ``step:train`` names the step; beside it may
    stand ``after:load``, ``gpus:1`` and the other options of ``%%step``.
    """
    tags = _tags(shell)
    if "parameters" in tags:
        SESSION.parametrise(source)
        return
    name = next(tag.partition(":")[2].strip() for tag in tags if tag.startswith("step:"))
    options = {option.names[0].lstrip("-"): option for option in STEP_OPTIONS}
    line = [shlex.quote(name)]
    for tag in tags:
        key, _, value = tag.partition(":")
        if key in options:
            line.append(f"--{key}")
            line += [shlex.quote(value.strip())] if options[key].metavar else []
    try:
        found = parse(StepMagics.step, STEP, " ".join(line))
        assert found is not None
        _add(shell, found, source, first_line=1)
        SESSION.ran(name, shell.user_ns)
    except (TracksideError, UsageError) as error:
        live.publish({"text/plain": f"The tags of this cell make no step. {error}"})


def is_tagged(shell: Any) -> bool:
    """Tell whether the cell that has just run is a step or the parameters by its tags."""
    return any(tag == "parameters" or tag.startswith("step:") for tag in _tags(shell))


def _tags(shell: Any) -> list[str]:
    parent = getattr(shell, "parent_header", None) or {}
    tags = (parent.get("metadata") or {}).get("tags")
    return [str(tag) for tag in tags] if isinstance(tags, list) else []


def _add(shell: Any, found: Namespace, source: str, *, first_line: int) -> None:
    options = given(STEP.options, found)
    options.pop("name")
    only_pipeline = options.pop("only_pipeline", False)
    options["cache"] = not options.pop("no_cache", False)
    for several in ("after", "packages"):
        options[several] = tuple(options.get(several, ()))
    parent = getattr(shell, "parent_header", None) or {}
    cell_id = (parent.get("metadata") or {}).get("cellId")
    before = next((cell for cell in SESSION.cells if cell.name == found.name), None)
    place = f"cell [{_number(shell)}]"
    if before is not None and before.cell_id != cell_id:
        said = (
            f"Step {found.name} is now this cell; it was {before.place}. To have both, give one of"
            " them another name."
        )
        live.publish({"text/plain": said})
    SESSION.add(
        StepCell(
            found.name,
            source,
            place=place,
            first_line=first_line,
            cell_id=cell_id,
            ran=None if only_pipeline else False,
            **options,
        )
    )


def _run_here(shell: Any, cell: str) -> None:
    """Run a cell as the kernel would: its last expression is shown, its errors are its own."""
    __tracebackhide__ = True
    source = shell.transform_cell(cell)
    name = shell.compile.cache(source, _number(shell), raw_code=cell)
    body = ast.parse(source, name).body
    last = [body.pop()] if body and isinstance(body[-1], ast.Expr) else []
    # A semicolon at its end says not to show it; the display hook looks at the whole cell for that.
    exec(compile(ast.Module(body, []), name, "exec"), shell.user_ns)  # noqa: S102
    if last:
        exec(compile(ast.Interactive(last), name, "single"), shell.user_ns)  # noqa: S102


def _number(shell: Any) -> int:
    """Return the number of the cell that runs, or has just run."""
    # IPython counts on before the cell runs or after it, by version; the history tells its own.
    return len(shell.history_manager.input_hist_parsed) - 1


def _heed(action: str, options: Mapping[str, Any]) -> None:
    """Refuse what an action would pass over: whoever gave it relies on it."""
    for option in PIPELINE.options:
        keyword = option.keyword
        if keyword in options and keyword not in ACTIONS[action]:
            said = repr(options[keyword]) if option.positional else option.names[0]
            cure = ""
            if option.positional and "params" in ACTIONS[action] and "=" in options[keyword]:
                cure = f" A param is written --param {options[keyword]}."
            raise UsageError(f"%pipeline {action} has no use for {said}.{cure}")


def _current(found: Namespace) -> Pipeline:
    return pipelines.current(params=dict(found.params or ()), name=found.name)


def _written(found: Namespace, action: str) -> None:
    if action == "send":
        _tell_notes(_current(found))
        sent = pipelines.send(params=dict(found.params or ()), name=found.name)
        live.publish({"text/plain": f"Sent. {words.clean(sent.get('url') or '', 500)}".strip()})
        return
    if not found.argument:
        raise UsageError(
            "Name the file to write, as in %pipeline compile digits.yaml."
            if action == "compile"
            else 'Say when, as in %pipeline schedule "0 6 * * *".'
        )
    if action == "compile":
        pipeline = _current(found)
        path = pipeline.compile(found.argument)
        _tell_notes(pipeline)
        live.publish({"text/plain": f"Wrote {path}."})
        return
    _tell_notes(_current(found))
    made = pipelines.schedule(
        found.argument,
        params=dict(found.params or ()),
        name=found.name,
        experiment=found.experiment,
        cache=not found.no_cache,
        on=found.on,
    )
    name = made["display_name"] if isinstance(made, dict) else made.name
    live.publish({"text/plain": f"Scheduled {words.clean(name)}: {words.clean(found.argument)}."})


def _tell_notes(pipeline: Pipeline) -> None:
    """Say what is worth knowing before steps run somewhere else, unless they cannot."""
    if pipeline.notes and pipeline.steps and not pipeline.problems:
        live.publish({"text/plain": "\n".join(f"Note: {note}" for note in pipeline.notes)})


def _show(run: PipelineRun) -> None:
    live.publish(run._repr_mimebundle_())


def _wait(run: PipelineRun) -> None:
    try:
        run.wait()
    except KeyboardInterrupt:
        raise Stopped(f"{words.clean(run.name)} goes on.") from None
    _show(run)
    if run.state != "SUCCEEDED":
        raise Refused(f"{run.name} {run.state}. {run.error or ''}".strip())
