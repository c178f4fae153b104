"""The things that the registry knows: small immutable records, free of SQL and of HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackside_server.tracking.entities import Tag

NO_STAGE: Final = "None"
STAGES: Final = (NO_STAGE, "Staging", "Production", "Archived")
ACTIVE_STAGES: Final = ("Staging", "Production")
"""Where versions stand of which there should be one: entering can archive those that are there."""
ARCHIVED: Final = "Archived"
BOARD_ALIASES: Final = {"Staging": "staging", "Production": "production"}
"""The aliases that say where a version stands on the board of stages."""

PROMPT_TAG: Final = "mlflow.prompt.is_prompt"
PROMPT_SOURCES: Final = frozenset({"dummy-source", "prompt-template"})
"""What MLflow's clients give as source of a prompt, which has none."""

VERSIONS_TAG: Final = "mlflow.modelVersions"
"""The tag of a logged model that lists the versions made of it."""


class ModelVersion(Struct, frozen=True):
    """One version of a registered model.

    Attributes
    ----------
    source
        Where its files come from, as it was registered.
    location
        Where its files are.
    run_id, model_id
        The run and the logged model behind it; empty when there is none.
    """

    name: str
    version: int
    description: str | None
    stage: str
    source: str
    location: str
    run_id: str
    model_id: str
    run_link: str
    user_id: str
    created_at: int
    updated_at: int
    tags: Sequence[Tag] = ()
    aliases: Sequence[str] = ()


class RegisteredModel(Struct, frozen=True):
    """A name for versions of a model.

    Attributes
    ----------
    latest
        The newest version of each stage that has one.
    """

    name: str
    description: str
    created_at: int
    updated_at: int
    revision: int
    tags: Sequence[Tag] = ()
    aliases: Sequence[tuple[str, int]] = ()
    latest: Sequence[ModelVersion] = ()


class Origin(Struct, frozen=True):
    """Where a new version comes from, checked.

    Attributes
    ----------
    source, location, run_id, model_id
        As in `ModelVersion`.
    owned
        Whether the files lie inside the run or logged model that is named.
    """

    source: str
    location: str
    run_id: str = ""
    model_id: str = ""
    owned: bool = False


class Mover(Struct, frozen=True):
    """Who moves an alias or a version, and why."""

    actor: str
    reason: str = ""

    def because(self, reason: str) -> Mover:
        """Give the mover with this reason, unless there is one."""
        return self if self.reason else Mover(self.actor, reason)


class Step(Struct, frozen=True):
    """One alias or version that moves; the fields are those of `Promotion`."""

    kind: Literal["alias", "stage"]
    subject: str
    old: str
    new: str


class Belongs(Struct, frozen=True):
    """Which move a new line of the history belongs to: fields of `Promotion`, 0 for a new move."""

    move: int = 0
    reverts: int | None = None


class Promotion(Struct, frozen=True):
    """One line of the history of promotions.

    Attributes
    ----------
    subject
        The alias that moved, or the number of the version that changed its stage.
    old, new
        Numbers of versions for an alias, names of stages for a version; empty means none.
    move
        The number of the first line of the move that this line belongs to.
    reverts
        The first line of the move that this one takes back, None when it takes nothing back.
    seen
        Whether it was made elsewhere, on an outside server, and only noticed at that time.
    """

    number: int
    name: str
    kind: Literal["alias", "stage"]
    subject: str
    old: str
    new: str
    actor: str
    reason: str
    time: int
    move: int = 0
    reverts: int | None = None
    seen: bool = False


class Excerpt(Struct, frozen=True):
    """Which lines of the history are wanted, the newest first.

    Attributes
    ----------
    kind, subject
        Only moves of aliases or between stages, and only of one alias or version.
    version
        Only moves by which this version got or lost anything.
    before
        Only lines below this number.
    limit
        At most this many.
    """

    kind: str | None = None
    subject: str | None = None
    version: int | None = None
    before: int = 2**53
    limit: int = 100
