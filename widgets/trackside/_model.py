"""Registered models, as objects that show themselves and as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trackside import _tables
from trackside._client import get_client
from trackside._errors import TracksideError
from trackside._pages import pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trackside._client import Client

MODEL_COLUMNS = ("name", "latest", "aliases", "stages", "updated", "description")


@dataclass(frozen=True)
class ModelVersion:
    """A version of a registered model.

    Attributes
    ----------
    name, version
        Which it is.
    aliases, stage
        What points at it: aliases, and MLflow's stage or ``None``.
    run_id
        The run that made it, where one is known.
    created
        Milliseconds since 1970.
    description, tags
        What was written to it.
    """

    name: str
    version: str
    aliases: tuple[str, ...] = ()
    stage: str = "None"
    run_id: str | None = None
    created: int | None = None
    description: str = field(default="", repr=False)
    tags: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def uri(self) -> str:
        """What MLflow loads it by: ``models:/digits/3``."""
        return f"models:/{self.name}/{self.version}"

    @classmethod
    def from_json(cls, data: Mapping[str, Any], aliases: tuple[str, ...] = ()) -> ModelVersion:
        """Read the ``model_version`` object of the protocol."""
        created = data.get("creation_timestamp")
        return cls(
            name=data["name"],
            version=str(data["version"]),
            aliases=aliases or tuple(data.get("aliases") or ()),
            stage=data.get("current_stage") or "None",
            run_id=data.get("run_id") or None,
            created=None if created in (None, "") else int(created),
            description=data.get("description") or "",
            tags={item["key"]: item.get("value", "") for item in data.get("tags") or ()},
        )


@dataclass(frozen=True)
class Model:
    """A registered model: as the value of a cell it is the list of its versions.

    Attributes
    ----------
    name, description, tags
        What was written to it.
    aliases
        The versions that its aliases point at.
    """

    name: str
    description: str = field(default="", repr=False)
    aliases: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Model:
        """Read the ``registered_model`` object of the protocol."""
        return cls(
            name=data["name"],
            description=data.get("description") or "",
            aliases={item["alias"]: str(item["version"]) for item in data.get("aliases") or ()},
            tags={item["key"]: item.get("value", "") for item in data.get("tags") or ()},
        )

    @property
    def versions(self) -> list[ModelVersion]:
        """The versions, the newest first, read now."""
        return list(self.iter_versions())

    def iter_versions(self, max_results: int | None = None) -> Iterator[ModelVersion]:
        """Read the versions, the newest first."""
        quote = '"' if "'" in self.name else "'"
        query = {
            "filter": f"name = {quote}{self.name}{quote}",
            "order_by": ["version_number DESC"],
        }
        of_version: dict[str, list[str]] = {}
        for alias, version in self.aliases.items():
            of_version.setdefault(version, []).append(alias)
        client = get_client()
        for item in pages(client, "model-versions/search", "model_versions", query, max_results):
            yield ModelVersion.from_json(item, tuple(of_version.get(str(item["version"]), ())))

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        from trackside._display import model_mimebundle

        return model_mimebundle(self)


def model(name: str) -> Model:
    """Return a registered model, which shows itself as the list of its versions.

    Parameters
    ----------
    name
        Its name.

    Raises
    ------
    TracksideError
        When there is no such model.
    """
    return find_model(get_client(), name)


def find_model(client: Client, name: str) -> Model:
    """Read a registered model from a server."""
    try:
        answer = client.mlflow("GET", "registered-models/get", query={"name": name})
    except TracksideError as error:
        if error.status != 404:
            raise
        known = ", ".join(sorted(row["name"] for row in model_rows(max_results=10)))
        raise TracksideError(
            f"There is no registered model {name!r}.",
            f"There is {known}." if known else None,
            status=404,
        ) from None
    return Model.from_json(answer["registered_model"])


def models(*, max_results: int = 100) -> Any:
    """Return registered models, by name.

    Parameters
    ----------
    max_results
        At most so many.

    Returns
    -------
    pandas.DataFrame or Table
        A DataFrame where pandas is installed, else a list of dictionaries that shows as a table.
        Columns: ``name latest aliases stages updated description``.
    """
    return _tables.frame(model_rows(max_results=max_results), MODEL_COLUMNS)


def model_rows(*, max_results: int = 100) -> list[dict[str, Any]]:
    """Return the rows of `models`."""
    found = pages(get_client(), "registered-models/search", "registered_models", {}, max_results)
    return [_row(item) for item in found]


def _row(data: Mapping[str, Any]) -> dict[str, Any]:
    latest = data.get("latest_versions") or ()
    stages = {item.get("current_stage") or "None": str(item["version"]) for item in latest}
    return {
        "name": data["name"],
        "latest": max((int(item["version"]) for item in latest), default=None),
        "aliases": ", ".join(
            f"{item['alias']} → {item['version']}" for item in data.get("aliases") or ()
        ),
        "stages": ", ".join(f"{s} → {v}" for s, v in stages.items() if s != "None"),
        "updated": _tables.moment_or_none(data.get("last_updated_timestamp")),
        "description": data.get("description") or "",
    }
