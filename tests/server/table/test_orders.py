"""An order that is renewed is the one that would be found anew."""

from __future__ import annotations

import random

import pytest

from trackside_server.lifecycle.entities import Wanted
from trackside_server.table import questions
from trackside_server.table.embedded import ordering
from trackside_server.table.embedded.asked import understand
from trackside_server.table.embedded.orders import Orders
from trackside_server.tracking.entities import Metric, Param, Tag

QUESTIONS = [
    {},
    {"filter": "metrics.loss < 5"},
    {"order_by": ["metrics.loss ASC"]},
    {"order_by": ["params.kind DESC", "metrics.loss DESC"]},
    {"order_by": ["tags.team ASC", "attributes.start_time ASC"], "view": "ALL"},
    {"order_by": ["attributes.duration DESC"], "filter": "tags.team = 'a' OR metrics.loss > 3"},
    {"order_by": ["attributes.end_time ASC", "metrics.loss ASC", "metrics.loss DESC"]},
    {"view": "DELETED_ONLY", "order_by": ["attributes.run_name ASC"]},
]


@pytest.mark.parametrize("seed", range(3))
async def test_a_renewed_order_is_the_one_that_would_be_found_anew(trackside, seed):
    chance = random.Random(seed)
    tracking = trackside.services.tracking
    experiment = (await tracking.get_or_create_experiment(f"orders {seed}")).experiment_id
    asked = [
        understand(questions.question({"experiment_ids": [experiment], **one})) for one in QUESTIONS
    ]
    orders, runs = Orders(), []

    async def create():
        start = chance.randrange(5)
        kinds = chance.choice([{}, {"kind": "x"}, {"kind": "ü"}])
        run = await tracking.create_run(experiment, run_name=chance.choice("abc"), start_time=start)
        await tracking.log_batch(run.info.run_id, params=[Param(*item) for item in kinds.items()])
        runs.append(run.info.run_id)

    async def log():
        value = chance.choice([1.0, 2.0, 7.0, float("nan"), float("inf")])
        point = Metric("loss", value, 1, chance.randrange(9))
        tag = Tag("team", chance.choice("ab"))
        await tracking.log_batch(
            chance.choice(runs), metrics=[point], tags=[tag], also_in_trash=True
        )

    async def end():
        info = await tracking.run_info(run := chance.choice(runs))
        if not info.deleted:
            await tracking.update_run(run, status="FINISHED", end_time=chance.randrange(9))

    async def delete():
        await tracking.delete_run(chance.choice(runs))

    async def restore():
        await tracking.restore_run(chance.choice(runs))

    async def purge():
        run = chance.choice(runs)
        if len(runs) > 1 and (await tracking.run_info(run)).deleted:
            await trackside.services.lifecycle.trash.delete(Wanted(runs=[run]))
            await trackside.services.lifecycle.purger.drain()
            runs.remove(run)

    await create()
    for _ in range(60):
        for _ in range(chance.randrange(1, 4)):
            await chance.choice([create, log, log, end, delete, delete, restore, purge])()

        def look(connection):
            def name_id(name):
                return tracking.names.find(connection, name)

            for one in asked:
                renewed = orders.get(connection, name_id, one).ids
                assert renewed == ordering.find(connection, name_id, one), one

        await tracking.read(look)
