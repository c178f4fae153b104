"""A registered model as an anywidget: its versions, of which one can be selected."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, ClassVar

import traitlets

from trackside._client import get_client
from trackside._errors import TracksideError
from trackside._model import Model, ModelVersion, find_model
from trackside._widget.base import BUILT, STATIC, Answer, Widget

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSIONS = 100


class ModelWidget(Widget):
    """A registered model for dashboards: its versions with their aliases, one of them selected.

    Parameters
    ----------
    model
        The model or its name.

    Notes
    -----
    Traits, all of which can be observed:

    - ``name``: the name of the model; setting it shows another one.
    - ``selected``:
      The selected version, such as ``"3"``, or nothing; setting it selects it in the view.
    - ``value``: the selected version as `ModelVersion`; it can be observed.

    Raises
    ------
    TracksideError
        When there is no such model.
    """

    if BUILT:
        _esm = STATIC / "model.js"
        _css = STATIC / "views.css"

    _answers: ClassVar[Mapping[str, str]] = {"refresh": "_read_again"}

    name = traitlets.Unicode(help="The name of the model.").tag(sync=True)
    description = traitlets.Unicode(help="What was written about it.").tag(sync=True)
    versions: traitlets.List[Answer] = traitlets.List(help="Its newest versions.").tag(sync=True)
    more = traitlets.Bool(help="Whether there are older ones.").tag(sync=True)
    selected = traitlets.Unicode(help="The selected version.").tag(sync=True)
    value = traitlets.Instance(ModelVersion, allow_none=True, read_only=True, help="It, read.")

    def __init__(self, model: Model | str) -> None:
        found = model if isinstance(model, Model) else find_model(get_client(), model)
        super().__init__(name=found.name)
        self._take(found)
        self.observe(self._show_another, "name")
        self.observe(self._select, "selected")

    def refresh(self) -> None:
        """Read the model anew."""
        self._take(find_model(self.client, self.name))

    def _read_again(self, _question: Answer) -> Answer:
        self.refresh()
        return {}

    def _take(self, found: Model) -> None:
        versions = list(islice(found.iter_versions(_VERSIONS + 1), _VERSIONS + 1))
        self._found = {version.version: version for version in versions[:_VERSIONS]}
        with self.hold_sync():
            self.description, self.more = found.description, len(versions) > _VERSIONS
            self.versions = [_listed(version) for version in self._found.values()]
            if self.selected not in self._found:
                self.selected = ""
        self._select(None)

    def _select(self, _change: object) -> None:
        self.set_trait("value", self._found.get(self.selected))

    def _show_another(self, _change: object) -> None:
        try:
            self.refresh()
        except TracksideError as error:
            self.message = str(error)


def _listed(version: ModelVersion) -> Answer:
    return {
        "version": version.version,
        "aliases": list(version.aliases),
        "stage": version.stage,
        "run_id": version.run_id,
        "created": version.created,
        "description": version.description,
    }
