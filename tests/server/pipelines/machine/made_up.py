"""Pipelines that nobody would write, made up from a seed: every construct inside every other."""

from __future__ import annotations

import random

from trackside_server.pipelines.ir.model import Retry

from .build import default, given, graph, optional, out, pipeline, runs, status, task
from .play import Breaks

DEEPEST = 2
TAKES = {"a": default("int", 1), "b": optional("int"), "item": optional("int")}
# A status is taken as text, so that any component may be told one.
TOLD = {**TAKES, "told": optional("str")}


class MadeUp:
    """A pipeline and what its tasks do; ``retries`` lets some of them mend when tried again."""

    def __init__(self, seed, *, retries=True):
        self.random = random.Random(seed)
        self.seed = seed
        self.retries = retries
        self.components = []
        tasks = self._tasks(0)
        gives = {"end": [out(one.name, "Output") for one in tasks]}
        self.pipeline = pipeline(*tasks, components=self.components, takes=TAKES, gives=gives)

    def _tasks(self, depth):
        names = [f"t{index}" for index in range(self.random.randint(1, 5))]
        tasks = []
        for index, name in enumerate(names):
            before = [one for one in names[:index] if self.random.random() < 0.4]
            tasks.append(self._task(name, before, depth))
        return tasks

    def _task(self, name, before, depth):
        chance = self.random.random
        settings = {"after": tuple(one for one in before if chance() < 0.5)}
        if before and chance() < 0.6:
            settings["a"] = out(before[-1])
        if chance() < 0.3:
            settings["b"] = self.random.choice([given("a"), given("item"), 2, None, "no number"])
        if chance() < 0.25:
            sign = self.random.choice(["==", "!=", "<"])
            settings["condition"] = f"inputs.parameter_values['a'] {sign} 3"
        if chance() < 0.25:
            settings["even_after_failure"] = True
            if before and chance() < 0.6:
                settings["told"] = status(before[0])
        if depth < DEEPEST and chance() < 0.45:
            component = self._graph(name, depth)
            if chance() < 0.5:
                settings["items"] = [
                    self.random.randint(0, 4) for _ in range(self.random.randint(0, 3))
                ]
                settings["parallelism"] = self.random.randint(0, 2)
        else:
            component = runs(f"c{len(self.components)}", TOLD, {"Output": "int"})
            if self.retries and chance() < 0.4:
                settings["retry"] = Retry(self.random.randint(1, 2), 1.0)
        self.components.append(component)
        return task(name, component.name, **settings)

    def _graph(self, name, depth):
        tasks = self._tasks(depth + 1)
        prefix = "comp-exit-handler-" if self.random.random() < 0.3 else "g"
        return graph(
            f"{prefix}{len(self.components)}{name}{self.random.random()}",
            *tasks,
            takes=TOLD,
            gives={"Output": [out(one.name) for one in tasks]},
        )

    def work(self, path, tries, parameters):
        """Do what a task does: by its path, and by how often it was tried."""
        own = random.Random(f"{self.seed} {path}")
        fails = own.choice([0, 0, 0, 0, 1, 9])
        if tries <= (fails if self.retries else 9 * fails):
            raise Breaks(final=own.random() < 0.1)
        return parameters.get("a", 0) + own.randint(0, 3)
