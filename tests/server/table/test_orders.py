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


class Moves:
    """What may happen to the runs of an experiment, by chance."""

    def __init__(self, services, experiment, chance):
        self._tracking = services.tracking
        self._lifecycle = services.lifecycle
        self._experiment = experiment
        self._chance = chance
        self._runs = []

    def some(self):
        often = [self.log, self.delete]
        return [self.create, self.end, self.restore, self.purge, *often, *often]

    async def create(self):
        chance = self._chance
        start = chance.randrange(5)
        kinds = chance.choice([{}, {"kind": "x"}, {"kind": "ü"}])
        run = await self._tracking.create_run(
            self._experiment, run_name=chance.choice("abc"), start_time=start
        )
        params = [Param(*item) for item in kinds.items()]
        await self._tracking.log_batch(run.info.run_id, params=params)
        self._runs.append(run.info.run_id)

    async def log(self):
        chance = self._chance
        value = chance.choice([1.0, 2.0, 7.0, float("nan"), float("inf")])
        point = Metric("loss", value, 1, chance.randrange(9))
        tag = Tag("team", chance.choice("ab"))
        run = chance.choice(self._runs)
        await self._tracking.log_batch(run, metrics=[point], tags=[tag], also_in_trash=True)

    async def end(self):
        run = self._chance.choice(self._runs)
        if not (await self._tracking.run_info(run)).deleted:
            end = self._chance.randrange(9)
            await self._tracking.update_run(run, status="FINISHED", end_time=end)

    async def delete(self):
        await self._tracking.delete_run(self._chance.choice(self._runs))

    async def restore(self):
        await self._tracking.restore_run(self._chance.choice(self._runs))

    async def purge(self):
        run = self._chance.choice(self._runs)
        if len(self._runs) > 1 and (await self._tracking.run_info(run)).deleted:
            await self._lifecycle.trash.delete(Wanted(runs=[run]))
            await self._lifecycle.purger.drain()
            self._runs.remove(run)


@pytest.mark.parametrize("seed", range(3))
async def test_a_renewed_order_is_the_one_that_would_be_found_anew(trackside, seed):
    chance = random.Random(seed)
    tracking = trackside.services.tracking
    experiment = (await tracking.get_or_create_experiment(f"orders {seed}")).experiment_id
    asked = [
        understand(questions.question({"experiment_ids": [experiment], **one})) for one in QUESTIONS
    ]
    orders, moves = Orders(), Moves(trackside.services, experiment, chance)
    await moves.create()
    for _ in range(60):
        for _ in range(chance.randrange(1, 4)):
            await chance.choice(moves.some())()

        def look(connection):
            def name_id(name):
                return tracking.names.find(connection, name)

            for one in asked:
                renewed = orders.get(connection, name_id, one).ids
                assert renewed == ordering.find(connection, name_id, one), one

        await tracking.read(look)
