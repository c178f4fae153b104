"""What the user wants of an import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from trackside_server.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

Artifacts = Literal["copy", "reference", "none"]
ARTIFACTS: tuple[Artifacts, ...] = ("copy", "reference", "none")


def require_all(kind: str, named: Iterable[str], there: Container[str], where: str) -> None:
    """Refuse names of what is not there: a typing error must not look like a success.

    Parameters
    ----------
    kind
        What is named, for the message.
    named
        What the user asks for.
    there
        What there is.
    where
        Where it was looked for, for the message.

    Raises
    ------
    NotFound
        Something is not there.
    """
    missing = [name for name in named if name not in there]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        names = ", ".join(repr(name[:80]) for name in missing[:3])
        raise NotFound(f"There is no {kind} {names}{more} {where}.")


class Wanted(Struct, frozen=True):
    """What to bring, and how.

    Attributes
    ----------
    artifacts
        Copy the files, leave them where they are and refer to them, or leave them out.
    artifact_root
        A further folder that artifacts may be read in.
    prefix
        Stands before the names of experiments and registered models.
    experiments
        Only experiments of these names; empty for all.
    dry_run
        Only look what would come.
    """

    artifacts: Artifacts = "copy"
    artifact_root: str | None = None
    prefix: str = ""
    experiments: tuple[str, ...] = ()
    dry_run: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Wanted:
        """Read what was stored."""
        return cls(**{**options, "experiments": tuple(options.get("experiments", ()))})


class Chosen(Struct, frozen=True):
    """What to export, and how.

    Attributes
    ----------
    artifacts
        Copy the files, or leave them out.
    experiments
        Only experiments of these names.
    runs
        Only these runs.
    models
        Only these registered models, with the runs and logged models behind their versions.
    """

    artifacts: Artifacts = "copy"
    experiments: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    models: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether nothing was chosen."""
        return not (self.experiments or self.runs or self.models)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Chosen:
        """Read what was stored."""
        return cls(
            artifacts=options["artifacts"],
            experiments=tuple(options["experiments"]),
            runs=tuple(options["runs"]),
            models=tuple(options["models"]),
        )
