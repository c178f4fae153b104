"""What can be done with logged models."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from trackside_server.errors import InvalidInput, NotFound
from trackside_server.structs import replace

from . import validation
from .base import Base, Write, now_ms
from .entities import LoggedModel, Page
from .experiments import require_active
from .naming import random_name
from .pages import Paging
from .search import LOGGED_MODELS, Field, Order, check_orders, parse_filter, parse_order
from .search.sql import Compiler
from .storage import experiments
from .storage import logged_models as table
from .storage import runs as runs_table

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from .entities import Param, Tag
    from .storage.logged_models import DatasetFilter, ModelOrder

MAX_RESULTS = 100
MOST_RESULTS = 50_000
_PENDING = 1


class Models(Base):
    """The part of the service about logged models."""

    async def create_logged_model(
        self,
        experiment_id: str,
        *,
        name: str = "",
        model_type: str | None = None,
        source_run_id: str | None = None,
        params: Sequence[Param] = (),
        tags: Sequence[Tag] = (),
    ) -> LoggedModel:
        """Create a model that waits for its files; without a name it gets one."""
        number = validation.experiment_id(experiment_id)
        model_id = f"m-{uuid.uuid4().hex}"
        now = now_ms()
        model = LoggedModel(
            model_id=model_id,
            experiment_id=str(number),
            name=validation.model_name(name) or random_name(),
            model_type=model_type,
            source_run_id=source_run_id,
            status=_PENDING,
            artifact_uri="",
            created_at=now,
            updated_at=now,
            params=validation.params(params),
            tags=validation.model_tags(tags),
        )

        def work(write: Write) -> LoggedModel:
            found = experiments.by_id(write.connection, number)
            if found is None:
                raise NotFound(f"There is no experiment with id {number}.")
            require_active(found)
            location = f"{found.artifact_location}/models/{model_id}/artifacts"
            placed = replace(model, artifact_uri=location)
            table.create(write.connection, placed)
            return placed

        return await self.write(work)

    async def get_logged_model(self, model_id: str) -> LoggedModel:
        """Give a model that is not deleted."""
        return await self.read(lambda connection: table.get(connection, model_id))

    async def model_source_run(self, model_id: str) -> str | None:
        """Give the run that a model came from, None when unknown."""
        return await self.read(lambda connection: table.source_run(connection, model_id))

    async def finalize_logged_model(self, model_id: str, status: int) -> LoggedModel:
        """Say that the files of a model are there, or that they will not come."""
        if status == 0:
            raise InvalidInput("Give the status LOGGED_MODEL_READY or LOGGED_MODEL_UPLOAD_FAILED.")

        def work(write: Write) -> LoggedModel:
            model = table.number(write.connection, model_id)
            table.set_status(write.connection, model, status, now_ms())
            return table.get(write.connection, model_id)

        return await self.write(work)

    async def log_model_params(self, model_id: str, params: Sequence[Param]) -> None:
        """Store params of a model."""
        checked = validation.params(params)

        def work(write: Write) -> None:
            model = table.number(write.connection, model_id)
            table.log_params(write.connection, model, checked)

        await self.write(work)

    async def set_model_tags(self, model_id: str, tags: Sequence[Tag]) -> None:
        """Set tags of a model."""
        checked = validation.model_tags(tags)

        def work(write: Write) -> None:
            model = table.number(write.connection, model_id)
            table.set_tags(write.connection, model, checked)

        await self.write(work)

    async def delete_model_tag(self, model_id: str, key: str) -> None:
        """Delete a tag of a model."""

        def work(write: Write) -> None:
            model = table.number(write.connection, model_id)
            if not table.delete_tag(write.connection, model, key):
                raise NotFound(f"Logged model {model_id!r} has no tag {key[:80]!r}.")

        await self.write(work)

    async def delete_logged_model(self, model_id: str) -> None:
        """Mark a model as deleted."""

        def work(write: Write) -> None:
            table.delete(write.connection, table.number(write.connection, model_id), now_ms())

        await self.write(work)

    async def search_logged_models(
        self,
        experiment_ids: Sequence[Any],
        *,
        filter_text: str = "",
        datasets: Sequence[DatasetFilter] = (),
        order_by: Sequence[tuple[str, bool, DatasetFilter]] = (),
        max_results: int = MAX_RESULTS,
        page_token: str | None = None,
        below: str | None = None,
    ) -> Page[LoggedModel]:
        """Find models that are not deleted.

        Parameters
        ----------
        experiment_ids
            Where to look.
        filter_text
            In MLflow's grammar.
        datasets
            Restricts metrics to these data sets, and models to those measured on them.
        order_by
            Field, whether ascending, and for a metric the data set it was measured on.
        max_results, page_token
            The page.
        below
            Restricts the search to models of a run and of those nested below it.
        """
        paging = Paging.of(max_results, page_token, most=MOST_RESULTS)
        tree = parse_filter(filter_text, LOGGED_MODELS)
        check_orders(len(order_by))
        orders: list[ModelOrder] = [
            (_order(field, ascending=ascending), dataset) for field, ascending, dataset in order_by
        ]
        numbers = [validation.experiment_id(value) for value in experiment_ids]

        def work(connection: sqlite3.Connection) -> Page[LoggedModel]:
            on_datasets = table.on_datasets(datasets)
            compiler = Compiler(LOGGED_MODELS, only=table.latest(datasets))
            where = [compiler.where(tree), table.among(numbers)]
            if below is not None:
                where.append(table.made_by(runs_table.tree(connection, below)))
            if on_datasets is not None:
                where.append(table.measured(on_datasets))
            found = table.search(
                connection,
                where,
                table.order_terms(orders),
                limit=paging.limit,
                offset=paging.offset,
            )
            return paging.page(found)

        return await self.read(work)


def _order(field: str, *, ascending: bool) -> Order:
    """Read a level of an order: not text in the grammar, but a bare name with a direction."""
    entity, dot, key = field.partition(".")
    if dot and entity == "metrics":
        return Order(Field("metric", key.strip("`")), ascending)
    return replace(parse_order(field, LOGGED_MODELS), ascending=ascending)
