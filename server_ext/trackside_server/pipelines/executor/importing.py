"""What an importer does: an artifact is made of what lies at a URI. It needs no job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.pipelines.ir.model import Constant, Importer
from trackside_server.pipelines.machine.state import Artifact, Reason, Values

from . import inputs
from .artifacts import artifact_id
from .places import allowed, inside, is_there, to_path, to_uri
from .reasons import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .context import TaskContext
    from .placeholders import Scope


def import_artifact(
    context: TaskContext, known: Mapping[str, Artifact] | None = None
) -> Values | Reason:
    """Make the output of an importer.

    Parameters
    ----------
    context
        The attempt.
    known
        Artifacts of earlier imports, by URI; taken where the importer does not ask for a new one.

    Returns
    -------
    Values or Reason
        The artifact, as the only output; or why there is none.
    """
    importer = context.executor
    assert isinstance(importer, Importer)
    try:
        given = inputs.with_defaults(context, inputs.resolved_inputs(context))
        scope = inputs.scope_of(context, inputs.build(context, given))
        uri = _allowed(context, _uri(importer, scope, given))
        name = next(iter(context.component.output_artifacts), "artifact")
        found = None if importer.again or known is None else known.get(uri)
        if found is None:
            metadata = scope.fill(dict(importer.metadata))
            found = Artifact(artifact_id(context, name), name, importer.type, uri, metadata)
    except ContractError as error:
        return error.reason
    return Values(artifacts={name: (found,)})


def _uri(importer: Importer, scope: Scope, given: Values) -> str:
    source = importer.uri
    if isinstance(source, Constant):
        uri = scope.fill(source.value)
    else:
        # The value of a parameter is nobody's template.
        uri = given.parameters.get(source.name)
    if not isinstance(uri, str) or not uri.strip():
        raise ContractError("BAD_URI", "The importer was given no URI.")
    return uri.strip()


def _allowed(context: TaskContext, uri: str) -> str:
    path = to_path(uri)
    if path is None:
        return uri
    if inside(path, allowed(context.place)) is None:
        raise ContractError(
            "INPUT_OUTSIDE", f"{path} lies outside of the folders that pipelines may read."
        )
    if not is_there(path):
        raise ContractError("INPUT_MISSING", f"There is nothing at {path}.")
    return to_uri(path)
