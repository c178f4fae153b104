"""Random sequences of calls, held against a model that fits on a page."""

from __future__ import annotations

import asyncio
import logging
import math
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from trackside_server.changes import Changes
from trackside_server.errors import TracksideError
from trackside_server.store import Store
from trackside_server.tracking.entities import Metric, Param, Tag
from trackside_server.tracking.service import Tracking

KEYS = st.sampled_from(["loss", "a/b", "metric ü", "x"])
VALUES = st.floats(allow_infinity=False) | st.integers(-3, 3).map(float)
NAMES_AT_FIRST = ("alpha", "beta")
NAMES = st.sampled_from(["alpha", "beta", "gamma", "alpha/beta"])
TEXTS = st.text(st.sampled_from("ab '\"`%_;ü💡\n"), max_size=8)
PICKS = st.integers(0, 5)
POINTS = st.lists(
    st.builds(Metric, KEYS, VALUES, st.integers(0, 3), st.integers(-2, 4)), min_size=1, max_size=8
)


def identity(point):
    """What makes a point the same point; NaN counts as equal to itself, minus zero as zero."""
    value = "NaN" if math.isnan(point.value) else point.value + 0.0
    return (point.key, point.timestamp, point.step, value)


def rank(point):
    """The latest point is the greatest; NaN stands where MLflow's zero does."""
    return (point.step, point.timestamp, 0.0 if math.isnan(point.value) else point.value)


class Calls(RuleBasedStateMachine):
    """What a client may do to a server, in any order."""

    @initialize()
    def begin(self):
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.model_experiments = {"0": {"name": "Default", "deleted": False}}
        self.model_runs = {}
        self.start()
        for name in NAMES_AT_FIRST:
            self.create_experiment(name)
        for pick in range(3):
            self.create_run(pick, "")

    def start(self):
        self.store = Store(Path(self.folder.name), logging.getLogger("test"))
        self.store.open()
        self.tracking = Tracking(self.store, Changes(), self.store.root / "artifacts")

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close()
            self.loop.close()
            self.folder.cleanup()

    def experiment(self, pick):
        """Choose an experiment: any but the default one."""
        numbers = list(self.model_experiments)[1:]
        return numbers[pick % len(numbers)]

    def run(self, pick):
        runs = list(self.model_runs)
        return runs[pick % len(runs)]

    def do(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def refused(self, coroutine):
        """Whether a call is refused, as a mistake of the caller."""
        try:
            self.do(coroutine)
        except TracksideError as error:
            if error.status >= 500:
                raise
            return True
        return False

    @rule(name=NAMES)
    def create_experiment(self, name):
        taken = any(one["name"] == name for one in self.model_experiments.values())
        if taken:
            assert self.refused(self.tracking.create_experiment(name))
            return
        number = self.do(self.tracking.create_experiment(name))
        assert number not in self.model_experiments
        self.model_experiments[number] = {"name": name, "deleted": False}

    @rule(number=PICKS, name=NAMES)
    def rename_experiment(self, number, name):
        number = self.experiment(number)
        mine = self.model_experiments[number]
        others = [one for key, one in self.model_experiments.items() if key != number]
        bad = mine["deleted"] or any(one["name"] == name for one in others)
        assert self.refused(self.tracking.rename_experiment(number, name)) == bad
        if not bad:
            mine["name"] = name

    @rule(number=PICKS)
    def delete_experiment(self, number):
        number = self.experiment(number)
        mine = self.model_experiments[number]
        assert self.refused(self.tracking.delete_experiment(number)) == mine["deleted"]
        if mine["deleted"]:
            return
        mine["deleted"] = True
        for run in self.model_runs.values():
            run["deleted"] = run["deleted"] or run["experiment"] == number

    @rule(number=PICKS)
    def restore_experiment(self, number):
        number = self.experiment(number)
        mine = self.model_experiments[number]
        assert self.refused(self.tracking.restore_experiment(number)) == (not mine["deleted"])
        if mine["deleted"]:
            mine["deleted"] = False
            for run in self.model_runs.values():
                run["deleted"] = run["deleted"] and run["experiment"] != number

    @rule(number=PICKS, tag=TEXTS)
    def create_run(self, number, tag):
        number = self.experiment(number)
        made = self.tracking.create_run(number, tags={"note": tag})
        if self.model_experiments[number]["deleted"]:
            assert self.refused(made)
            return
        info = self.do(made).info
        self.model_runs[info.run_id] = {
            "experiment": number,
            "deleted": False,
            "points": {},
            "params": {},
            "tags": {"note": tag, "mlflow.runName": info.run_name},
        }

    @rule(run_id=PICKS, points=POINTS)
    def log_points(self, run_id, points):
        run_id = self.run(run_id)
        mine = self.model_runs[run_id]
        assert self.refused(self.tracking.log_batch(run_id, metrics=points)) == mine["deleted"]
        if not mine["deleted"]:
            mine["points"].update({identity(point): point for point in points})

    @rule(run_id=PICKS, key=KEYS, value=TEXTS)
    def log_param(self, run_id, key, value):
        run_id = self.run(run_id)
        mine = self.model_runs[run_id]
        bad = mine["deleted"] or mine["params"].get(key, value) != value
        assert self.refused(self.tracking.log_batch(run_id, params=[Param(key, value)])) == bad
        if not bad:
            mine["params"][key] = value

    @rule(run_id=PICKS, key=KEYS, value=TEXTS)
    def set_tag(self, run_id, key, value):
        run_id = self.run(run_id)
        mine = self.model_runs[run_id]
        logged = self.tracking.log_batch(run_id, tags=[Tag(key, value)])
        assert self.refused(logged) == mine["deleted"]
        if not mine["deleted"]:
            mine["tags"][key] = value

    @rule(run_id=PICKS, key=KEYS)
    def delete_tag(self, run_id, key):
        run_id = self.run(run_id)
        mine = self.model_runs[run_id]
        bad = mine["deleted"] or key not in mine["tags"]
        assert self.refused(self.tracking.delete_tag(run_id, key)) == bad
        if not bad:
            del mine["tags"][key]

    @rule(run_id=PICKS, points=POINTS, key=KEYS)
    def a_batch_is_all_or_nothing(self, run_id, points, key):
        run_id = self.run(run_id)
        mine = self.model_runs[run_id]
        known = mine["params"].get(key)
        if known is None:
            return
        batch = self.tracking.log_batch(run_id, metrics=points, params=[Param(key, known + "!")])
        assert self.refused(batch)

    @rule(run_id=PICKS)
    def delete_run(self, run_id):
        run_id = self.run(run_id)
        self.do(self.tracking.delete_run(run_id))
        self.model_runs[run_id]["deleted"] = True

    @rule(run_id=PICKS)
    def restore_run(self, run_id):
        run_id = self.run(run_id)
        self.do(self.tracking.restore_run(run_id))
        self.model_runs[run_id]["deleted"] = False

    @rule()
    def restart(self):
        self.store.close()
        self.start()

    @rule(run_id=PICKS)
    def read_a_run(self, run_id):
        run_id = self.run(run_id)
        mine = self.model_runs[run_id]
        run = self.do(self.tracking.get_run(run_id))
        assert run.info.deleted == mine["deleted"]
        assert {param.key: param.value for param in run.params} == mine["params"]
        assert {tag.key: tag.value for tag in run.tags} == mine["tags"]
        latest = {}
        for point in mine["points"].values():
            if point.key not in latest or rank(point) > rank(latest[point.key]):
                latest[point.key] = point
        seen = {point.key: (point.step, point.timestamp) for point in run.metrics}
        assert seen == {key: (point.step, point.timestamp) for key, point in latest.items()}

    @rule(run_id=PICKS, key=KEYS)
    def read_a_history(self, run_id, key):
        run_id = self.run(run_id)
        expected = [point for point in self.model_runs[run_id]["points"] if point[0] == key]
        found = self.do(self.tracking.metric_history(run_id, key)).items
        assert sorted(map(identity, found), key=repr) == sorted(expected, key=repr)
        order = [(point.timestamp, point.step) for point in found]
        assert order == sorted(order)

    @invariant()
    def every_list_is_complete(self):
        if not hasattr(self, "store"):
            return
        numbers = list(self.model_experiments)
        for view, wanted in (("ACTIVE_ONLY", (False,)), ("ALL", (False, True))):
            found = self.do(self.tracking.search_runs(numbers, view=view)).items
            expected = [key for key, run in self.model_runs.items() if run["deleted"] in wanted]
            assert sorted(run.info.run_id for run in found) == sorted(expected)
            listed = self.do(self.tracking.search_experiments(view=view, max_results=100)).items
            names = [
                one["name"] for one in self.model_experiments.values() if one["deleted"] in wanted
            ]
            assert sorted(one.name for one in listed) == sorted(names)


Calls.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TestCalls = Calls.TestCase
