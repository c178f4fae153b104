"""What a pipeline out of a notebook is: cells, steps, what goes between them, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# The parameter types of KFP, and how Python calls them.
PARAMETER_TYPES = {
    bool: "BOOLEAN",
    int: "NUMBER_INTEGER",
    float: "NUMBER_DOUBLE",
    str: "STRING",
    list: "LIST",
    dict: "STRUCT",
}


@dataclass(frozen=True)
class StepCell:
    """A cell that is a step.

    Attributes
    ----------
    name
        The step's name.
    source
        The code, without a magic on top.
    place
        What people call the cell: ``cell [3]``.
    first_line
        The line of the cell at which `source` begins.
    cell_id
        The cell in its notebook, where the front end says it.
    ran
        Whether its code ended well in the kernel, so that its variables are known. None when it is
        not meant to run there.
    after
        Steps that it waits for without using anything of them.
    """

    name: str
    source: str
    place: str = "cell"
    first_line: int = 1
    cell_id: str | None = None
    ran: bool | None = None
    after: tuple[str, ...] = ()
    cpus: float | None = None
    memory: str | int | None = None
    gpus: int | str | None = None
    retries: int = 0
    image: str | None = None
    packages: tuple[str, ...] = ()
    cache: bool = True


@dataclass(frozen=True)
class Parameter:
    """A parameter of the pipeline: a plain variable of the notebook that a run may set."""

    name: str
    default: Any
    help: str | None = None

    @property
    def kind(self) -> str:
        """Its type, in KFP's words."""
        return PARAMETER_TYPES[type(self.default)]


@dataclass(frozen=True)
class Variable:
    """A variable that goes from one step to others.

    Attributes
    ----------
    name
        The variable.
    kind
        The type of a parameter; None for an artifact.
    schema
        What kind of artifact, in KFP's words.
    what
        Its type and shape as the kernel knows them, else empty.
    """

    name: str
    kind: str | None = None
    schema: str = "system.Artifact"
    what: str = ""


@dataclass(eq=False)
class Step:
    """A step with all that it takes, gives and brings along.

    Attributes
    ----------
    cell
        Its cell.
    key
        Its name in the compiled pipeline.
    parameters
        The parameters of the pipeline that it uses.
    takes
        What it takes from which step, by the names of the variables.
    gives
        What later steps take of it.
    after
        The keys of all steps that it waits for.
    preamble
        Imports, definitions and values that it brings along.
    files
        Local modules and small files that it brings along.
    carried
        The names of those, as people know them.
    """

    cell: StepCell
    key: str
    parameters: list[Parameter] = field(default_factory=list)
    takes: dict[str, tuple[Step, Variable]] = field(default_factory=dict)
    gives: dict[str, Variable] = field(default_factory=dict)
    after: list[Step] = field(default_factory=list)
    preamble: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    carried: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Problem:
    """Something for which the pipeline cannot be compiled.

    Attributes
    ----------
    place
        The step with its cell: ``train (cell [3])``.
    sentence
        What is wrong and what to do.
    name
        The variable, where it is about one.
    """

    place: str
    sentence: str
    name: str | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"
