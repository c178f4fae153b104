"""The pipeline that the steps of a notebook make."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside._capture.live import main_namespace
from trackside._errors import CannotTravel, TracksideError
from trackside._options import check_params
from trackside._pipelines import notebook, picture
from trackside._pipelines.asked import text_of
from trackside._pipelines.document import as_yaml, specification
from trackside._pipelines.flow import Flow, key_of
from trackside._pipelines.model import Parameter
from trackside._pipelines.session import SESSION
from trackside._pipelines.surroundings import plain_names
from trackside._pipelines.values import is_parameter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from trackside._pipelines.model import Problem, Step, StepCell


class Pipeline:
    """The steps of a notebook and what goes between them, as they are now.

    `trackside.pipelines.current` gives it. It does not change when cells run again.

    Attributes
    ----------
    name
        Its name.
    parameters
        The parameters that a run may set, with their defaults.
    arguments
        The values of those that were given.
    steps
        The steps, each behind those that it needs.
    problems
        Why it cannot be compiled; empty when it can.
    notes
        What is worth knowing, in sentences.
    """

    def __init__(
        self,
        name: str,
        parameters: Sequence[Parameter],
        arguments: Mapping[str, Any],
        steps: Sequence[Step],
        problems: Sequence[Problem],
        notes: Sequence[str],
    ) -> None:
        self.name = name
        self.parameters = list(parameters)
        self.arguments = dict(arguments)
        self.steps = list(steps)
        self.problems = list(problems)
        self.notes = list(notes)

    @property
    def spec(self) -> dict[str, Any]:
        """The compiled pipeline as a dictionary: KFP's intermediate representation.

        Raises
        ------
        CannotTravel
            Naming all that is in the way.
        """
        self.check()
        about = f"Made of the cells of {self.name} by Trackside."
        return specification(self.name, about, self.parameters, self.steps)

    def compile(self, path: str | Path) -> Path:
        """Write the compiled pipeline into a file, for any server of Kubeflow Pipelines.

        Arguments that were given are the defaults in it.

        Parameters
        ----------
        path
            The file, ``.yaml`` or ``.yml``.

        Raises
        ------
        CannotTravel
            Naming all that is in the way.
        TracksideError
            When the file cannot be written.
        """
        path = Path(path).expanduser()
        if path.suffix not in (".yaml", ".yml"):
            raise TracksideError(
                f"{path} cannot be the file of a pipeline.",
                f"Name it {path.stem or 'pipeline'}.yaml.",
            )
        text = as_yaml(filled(self))
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise TracksideError(f"{path} cannot be written: {error.strerror}.") from error
        return path

    def check(self) -> None:
        """Refuse to go on when something is in the way.

        Raises
        ------
        CannotTravel
            Naming all of it.
        """
        if not self.steps:
            cure = " ".join(self.notes) or "Begin a cell with %%step NAME and run it."
            raise TracksideError("There are no steps yet.", cure)
        if self.problems:
            lines = [str(problem) for problem in self.problems]
            said = "1 thing stands" if len(lines) == 1 else f"{len(lines)} things stand"
            raise CannotTravel("\n  ".join([f"{said} in the way:", *lines]), lines)

    def __repr__(self) -> str:
        return picture.text(self)

    def _repr_html_(self) -> str:
        return picture.html(self)


def filled(pipeline: Pipeline) -> dict[str, Any]:
    """Return the compiled pipeline with the arguments that were given as its defaults."""
    spec = pipeline.spec
    for name, value in pipeline.arguments.items():
        spec["root"]["inputDefinitions"]["parameters"][name]["defaultValue"] = value
    return spec


def current(*, params: Mapping[str, Any] | None = None, name: str | None = None) -> Pipeline:
    """Return the pipeline that the steps of this notebook make.

    Parameters
    ----------
    params
        Values for parameters. A plain variable of the notebook that a step uses becomes a parameter
        when it is named here; those of the cell that is tagged ``parameters`` always are.
    name
        The pipeline's name. Default: that of the notebook.

    Returns
    -------
    Pipeline
        With its problems, if it has some: nothing is refused before it is compiled or run.
    """
    asked = {} if params is None else check_params(params)
    named = None if name is None else text_of("name", name, 'Write name="digits".')
    namespace = main_namespace()
    written = notebook.name_here()
    file = notebook.find(written)
    cells = file.in_order(SESSION.cells) if file else SESSION.cells
    known = {parameter.name: parameter for parameter in SESSION.parameters}
    arguments = {}
    for variable, value in asked.items():
        parameter = known.get(variable) or _parameter(variable, value, namespace, known)
        known[variable] = parameter
        arguments[variable] = _argument(parameter, value)
    flow = Flow(cells, list(known.values()), namespace, SESSION.facts)
    steps = flow.steps()
    unused = [name for name in asked if not any(_uses(step, name) for step in steps)]
    if unused and steps:
        raise TracksideError(
            f"No step uses {unused[0]}, so it cannot be set.",
            f"The parameters are {', '.join(p.name for p in SESSION.parameters) or 'none so far'}.",
        )
    notes = [*flow.notes, *(_not_ended(cell) for cell in cells if cell.ran is False)]
    if file:
        notes += [*file.edited(cells), *file.unknown(cells)]
    title = named or (Path(written).stem if written else "notebook")
    return Pipeline(key_of(title), list(known.values()), arguments, steps, flow.problems, notes)


def _not_ended(cell: StepCell) -> str:
    return (
        f"{cell.name} ({cell.place}) did not run to its end in this kernel. Run the cell again, or"
        " give it --only-pipeline when it need not run here."
    )


def _parameter(
    name: str, value: Any, namespace: Mapping[str, Any], known: Collection[str]
) -> Parameter:
    """Return a plain variable of the notebook as a parameter."""
    plain = [one for one in plain_names(namespace) if is_parameter(namespace.get(one))]
    if name not in plain:
        near = get_close_matches(name, [*known, *plain], n=1)
        cure = (
            f"Did you mean {near[0]}?"
            if near
            else f"Assign it a number, a text, a list or a dict in a cell, as in {name} ="
            f" {value!r}, and use it in a step."
        )
        raise TracksideError(f"{name} is no parameter.", cure)
    return Parameter(name, namespace[name])


def _argument(parameter: Parameter, value: Any) -> Any:
    """Return a value for a parameter, of the type that it has in the notebook."""
    wanted = type(parameter.default)
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise TracksideError(
            f"The parameter {parameter.name} is of type {wanted.__name__} ({parameter.default!r}),"
            f" and {value!r} is of type {type(value).__name__}."
        )
    return value


def _uses(step: Step, name: str) -> bool:
    return any(parameter.name == name for parameter in step.parameters)
