"""The table of the routes of the registry."""

from __future__ import annotations

from typing import Final

from trackside_server.protocol.fields import Field, entities, entity, flag, integer, text, texts
from trackside_server.protocol.table import V2, Route
from trackside_server.tracking import shapes

from .api import model_versions as versions
from .api import registered_models as models

_MODELS: Final = f"{V2}/registered-models"
_VERSIONS: Final = f"{V2}/model-versions"

_NAME: Final = text("name").needed
_VERSION: Final = (_NAME, text("version").needed)
_ALIAS: Final = (_NAME, text("alias").needed)
_KEY: Final = text("key").needed

_VERSION_SHAPE: Final[tuple[Field, ...]] = (
    text("name").needed,
    text("version").needed,
    integer("creation_timestamp").needed,
    integer("last_updated_timestamp").needed,
    text("user_id"),
    text("current_stage").needed,
    text("description"),
    text("source").needed,
    text("run_id").needed,
    text("model_id"),
    text("run_link").needed,
    text("status", "READY").needed,
    shapes.TAGS,
    texts("aliases"),
)
_MODEL_SHAPE: Final[tuple[Field, ...]] = (
    text("name").needed,
    integer("creation_timestamp").needed,
    integer("last_updated_timestamp").needed,
    text("description"),
    entities("latest_versions", *_VERSION_SHAPE),
    shapes.TAGS,
    entities("aliases", text("alias").needed, text("version").needed),
)
_GIVES_MODEL: Final = (entity("registered_model", *_MODEL_SHAPE).needed,)
_GIVES_VERSION: Final = (entity("model_version", *_VERSION_SHAPE).needed,)
_GIVES_VERSIONS: Final = entities("model_versions", *_VERSION_SHAPE)

ROUTES: Final = (
    Route(
        "POST",
        f"{_MODELS}/create",
        models.create,
        takes=(_NAME, text("description"), shapes.TAGS),
        gives=_GIVES_MODEL,
        job=True,
    ),
    Route("GET", f"{_MODELS}/get", models.get, takes=(_NAME,), gives=_GIVES_MODEL),
    Route(
        "PATCH",
        f"{_MODELS}/update",
        models.update,
        takes=(_NAME, text("description")),
        gives=_GIVES_MODEL,
    ),
    Route(
        "POST",
        f"{_MODELS}/rename",
        models.rename,
        takes=(_NAME, text("new_name").needed),
        gives=_GIVES_MODEL,
    ),
    Route("DELETE", f"{_MODELS}/delete", models.delete, takes=(_NAME,)),
    Route(
        "GET",
        f"{_MODELS}/search",
        models.search,
        takes=shapes.paged(),
        gives=(entities("registered_models", *_MODEL_SHAPE), shapes.NEXT_PAGE),
    ),
    *(
        Route(
            method,
            f"{_MODELS}/get-latest-versions",
            versions.latest,
            takes=(_NAME, texts("stages")),
            gives=(_GIVES_VERSIONS,),
        )
        for method in ("POST", "GET")
    ),
    Route("POST", f"{_MODELS}/set-tag", models.set_tag, takes=(_NAME, *shapes.PAIR)),
    Route("DELETE", f"{_MODELS}/delete-tag", models.delete_tag, takes=(_NAME, _KEY)),
    Route(
        "POST",
        f"{_MODELS}/alias",
        versions.set_alias,
        takes=(*_ALIAS, text("version").needed),
    ),
    Route(
        "GET",
        f"{_MODELS}/alias",
        versions.get_by_alias,
        takes=_ALIAS,
        gives=_GIVES_VERSION,
    ),
    Route("DELETE", f"{_MODELS}/alias", versions.delete_alias, takes=_ALIAS),
    Route(
        "POST",
        f"{_VERSIONS}/create",
        versions.create,
        takes=(
            _NAME,
            text("source").needed,
            text("run_id"),
            text("model_id"),
            text("run_link"),
            text("description"),
            shapes.TAGS,
        ),
        gives=_GIVES_VERSION,
        job=True,
    ),
    Route(
        "GET",
        f"{_VERSIONS}/get",
        versions.get,
        takes=_VERSION,
        gives=_GIVES_VERSION,
        job=True,
    ),
    Route(
        "PATCH",
        f"{_VERSIONS}/update",
        versions.update,
        takes=(*_VERSION, text("description")),
        gives=_GIVES_VERSION,
    ),
    Route("DELETE", f"{_VERSIONS}/delete", versions.delete, takes=_VERSION),
    Route(
        "GET",
        f"{_VERSIONS}/search",
        versions.search,
        takes=shapes.paged(),
        gives=(_GIVES_VERSIONS, shapes.NEXT_PAGE),
    ),
    Route(
        "GET",
        f"{_VERSIONS}/get-download-uri",
        versions.download_uri,
        takes=_VERSION,
        gives=(text("artifact_uri"),),
    ),
    Route(
        "POST",
        f"{_VERSIONS}/transition-stage",
        versions.transition,
        takes=(*_VERSION, text("stage").needed, flag("archive_existing_versions")),
        gives=_GIVES_VERSION,
    ),
    Route("POST", f"{_VERSIONS}/set-tag", versions.set_tag, takes=(*_VERSION, *shapes.PAIR)),
    Route("DELETE", f"{_VERSIONS}/delete-tag", versions.delete_tag, takes=(*_VERSION, _KEY)),
)
