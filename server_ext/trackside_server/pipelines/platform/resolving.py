"""Replaces what settings take from inputs and other tasks by its value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from trackside_server.errors import InvalidInput
from trackside_server.pipelines.executor.reasons import ContractError
from trackside_server.pipelines.ir.model import ParameterBinding
from trackside_server.pipelines.ir.values import told
from trackside_server.structs import replace

from . import placing
from .reader import Reader

if TYPE_CHECKING:
    from .settings import Name, NodeTerm, Settings, Toleration

Ask: TypeAlias = Callable[[ParameterBinding], Any]

CODE: Final = "BAD_SETTING"
_WHAT: Final = {"secret": "Secret", "configMap": "ConfigMap"}


def resolve(settings: Settings, ask: Ask) -> Settings:
    """Return the settings with nothing left to be asked.

    What an optional input leaves open is left out, as on a KFP server; only a volume has to be
    named.

    Parameters
    ----------
    settings
        As they were compiled.
    ask
        Gives the value of a binding; None where there is none.

    Raises
    ------
    ContractError
        A value is not what the setting needs.
    """
    return replace(
        settings,
        variables=tuple(
            replace(one, name=name)
            for one in settings.variables
            if (name := _name(ask, one.name, _WHAT[one.source])) is not None
        ),
        files=tuple(
            replace(one, name=name)
            for one in settings.files
            if (name := _name(ask, one.name, _WHAT[one.source])) is not None
        ),
        claims=tuple(
            replace(one, name=_needed(_name(ask, one.name, "volume"), one.path))
            for one in settings.claims
        ),
        node_selector=_node_selector(ask, settings),
        node_selector_from=None,
        tolerations=(*settings.tolerations, *_tolerations(ask, settings)),
        tolerations_from=(),
        node_affinity=(*settings.node_affinity, *_node_affinity(ask, settings)),
        node_affinity_from=(),
        pull_secrets=tuple(
            name for one in settings.pull_secrets if (name := _name(ask, one, "Secret")) is not None
        ),
    )


def _name(ask: Ask, name: Name, what: str) -> str | None:
    if isinstance(name, str):
        return name
    found = ask(name)
    if found is not None and (not isinstance(found, str) or not found):
        said = told(found) if found != "" else "an empty text"
        raise ContractError(CODE, f"The name of a {what} has to be a text, and is {said}.")
    return found


def _needed(name: str | None, path: str) -> str:
    if name is None:
        raise ContractError(CODE, f"The volume for {path} was given no name.")
    return name


def _node_selector(ask: Ask, settings: Settings) -> dict[str, str]:
    """Return the labels; those of an input take the place of the pipeline's own."""
    if settings.node_selector_from is None:
        return dict(settings.node_selector)
    found = ask(settings.node_selector_from)
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise ContractError(CODE, "A node selector has to be a mapping of texts.")
    return found


def _tolerations(ask: Ask, settings: Settings) -> Iterator[Toleration]:
    for binding in settings.tolerations_from:
        found = ask(binding)
        # What is empty says nothing; without this an empty one would bear every taint.
        for one in found if isinstance(found, list) else [found]:
            if one is not None and one != {}:
                yield _read(_toleration, one)


def _node_affinity(ask: Ask, settings: Settings) -> Iterator[NodeTerm]:
    for binding in settings.node_affinity_from:
        found = ask(binding)
        if found is not None:
            yield from _read(_affinity, found)


def _toleration(value: Any) -> Toleration:
    return placing.read_toleration(Reader().message(value, "toleration", placing.TOLERATION))


def _affinity(value: Any) -> list[NodeTerm]:
    return placing.read_node_affinity(Reader(), value, "nodeAffinity")


def _read(read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except InvalidInput as error:
        hint = f" {error.hint}" if error.hint else ""
        raise ContractError(CODE, f"{error.message}{hint}") from None
