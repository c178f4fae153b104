"""Plays a run: what the engine does, with tasks that are functions of their inputs.

Each attempt is launched under its key, as jobs are; a launch that is repeated finds the attempt.
After every step the promises of the machine are checked.
"""

from __future__ import annotations

import random

from trackside_server.pipelines.machine import codec, tallies
from trackside_server.pipelines.machine.actions import Cancel, Launch, Wait
from trackside_server.pipelines.machine.events import (
    Begin,
    Canceled,
    Due,
    Failed,
    Retry,
    Succeeded,
    Terminate,
)
from trackside_server.pipelines.machine.owing import owed
from trackside_server.pipelines.machine.state import (
    ENDED,
    Artifact,
    Reason,
    Run,
    Values,
)
from trackside_server.pipelines.machine.stepping import step
from trackside_server.structs import replace

BROKEN = Reason("ERROR", "It broke.")
STOPPED = Reason("CANCELED", "It was stopped.")


class Breaks(Exception):
    """What a task of a test does to fail."""

    def __init__(self, *, final=False):
        super().__init__("it breaks")
        self.final = final


class Play:
    """A run and the world around it.

    ``work`` says by the name of a task, or by its whole path, what it gives: a dictionary of
    outputs, one value for ``Output``, or a function of its parameters and artifacts that gives one
    of these or raises `Breaks`. A task that is not named gives 1. Or it is a function of the path,
    of how often it was tried, and of the parameters.
    """

    def __init__(
        self, pipeline, work=None, *, arguments=None, artifacts=None, seed=None, kills=False
    ):
        self.pipeline = pipeline
        self.work = work or {}
        self.run = Run("r1", Values(arguments or {}, artifacts or {}))
        self.random = None if seed is None else random.Random(seed)
        self.kills = kills
        self.now = 1000.0
        self.launches = {}
        self.order = []
        self.live = {}
        self.waits = {}
        self.ended = []
        self.most = 0
        self.steps = []

    def begin(self):
        """Let it begin."""
        self.tell(Begin(self.now))
        return self

    def tell(self, event):
        """Tell the machine of something, and do what is owed."""
        before = self.run
        made = step(self.pipeline, self.run, event)
        self._check(event, before, made)
        self.run = made.run
        self.steps.append(made)
        if self.kills:
            self.restart()
        else:
            self.perform(made.actions)
        return made

    def restart(self):
        """The server was killed before it did anything of this step; a new one reads the store."""
        texts = [codec.node_to_text(node) for node in self.run.nodes.values()]
        read = codec.run_from_text(codec.run_to_text(self.run), map(codec.node_from_text, texts))
        assert read == replace(self.run, tallies=None)
        self.run = read
        self.waits.clear()
        self.perform(owed(read))

    def perform(self, actions):
        """Do what is owed. A launch under a key that is known finds what it launched before."""
        for action in sorted(actions, key=lambda one: (one.path, one.attempt)):
            key = (action.path, action.attempt)
            if isinstance(action, Launch):
                if key not in self.launches:
                    self.launches[key] = self.run.nodes[action.path].inputs
                    self.order.append(action.path)
                    self.live[key] = "running"
            elif isinstance(action, Wait):
                self.waits[key] = action.until
            elif isinstance(action, Cancel):
                self.launches.setdefault(key, None)
                if key not in self.ended:
                    self.live[key] = "canceling"
        self.most = max(self.most, len(self.live))

    def possible(self):
        """What could happen next: the keys of attempts that end or are due."""
        return [*self.live, *self.waits]

    def next(self):
        """Let one thing happen; false when there is nothing left that could."""
        choices = self.possible()
        if choices:
            self.happen(self.random.choice(choices) if self.random else choices[0])
        return bool(choices)

    def happen(self, key):
        """Let an attempt end, or its time come."""
        if key in self.live:
            self.tell(self.outcome(key))
        else:
            self.now = max(self.now, self.waits.pop(key))
            self.tell(Due(self.now, *key))

    def outcome(self, key):
        """End an attempt."""
        self.now += 1
        path, attempt = key
        state = self.live.pop(key)
        self.ended.append(key)
        if state == "canceling":
            return Canceled(self.now, path, attempt, STOPPED)
        try:
            outputs = self._do(path, attempt)
        except Breaks as broken:
            return Failed(self.now, path, attempt, BROKEN, final=broken.final)
        return Succeeded(self.now, path, attempt, outputs)

    def _do(self, path, attempt):
        node = self.run.nodes[path]
        given = self.launches[path, attempt]
        if callable(self.work):
            work = self.work(path, attempt - node.floor, dict(given.parameters))
        else:
            work = self.work.get(path, self.work.get(node.task, 1))
        if callable(work):
            files = {name: [one.uri for one in some] for name, some in given.artifacts.items()}
            work = work(**given.parameters, **files)
        if not isinstance(work, dict):
            work = {"Output": work}
        parameters = {key: value for key, value in work.items() if not _is_file(value)}
        artifacts = {
            key: (Artifact(f"a-{path}", key, _type(), value),)
            for key, value in work.items()
            if _is_file(value)
        }
        return Values(parameters, artifacts)

    def finish(self):
        """Let everything happen that can."""
        for _ in range(100_000):
            if not self.next():
                break
        assert self.run.state in ENDED, self.states()
        assert not owed(self.run)
        return self

    def terminate(self):
        """Somebody asks for the end."""
        self.tell(Terminate(self.now))
        return self

    def retry(self):
        """Somebody asks to go on."""
        self.tell(Retry(self.now))
        return self

    def states(self):
        """The state of each node by its path."""
        return {path: node.state for path, node in sorted(self.run.nodes.items())}

    def reason(self, path):
        """The code of why a node is where it is."""
        reason = self.run.nodes[path].reason
        return None if reason is None else reason.code

    def took(self, path, attempt=1):
        """The parameters that an attempt was launched with."""
        return dict(self.launches[path, attempt].parameters)

    def gave(self, path=""):
        """The parameters that a node gave."""
        return dict(self.run.nodes[path].outputs.parameters)

    def gave_files(self, path=""):
        """Where the artifacts lie that a node gave."""
        artifacts = self.run.nodes[path].outputs.artifacts
        return {name: [one.uri for one in some] for name, some in artifacts.items()}

    def end(self):
        """How all of it ended, without what depends on when."""
        return {
            path: (node.state, node.reason, node.inputs, node.outputs)
            for path, node in self.run.nodes.items()
        }

    def _check(self, event, before, made):
        after = made.run
        changed = {node.path: node for node in made.changed}
        assert dict(after.nodes) == {
            path: node
            for path, node in {**before.nodes, **changed}.items()
            if path not in made.removed
        }
        if not isinstance(event, Retry):
            assert all(before.nodes.get(path) != node for path, node in changed.items())
        same = [path for path in after.nodes if path not in changed]
        kept = {one for one in owed(before) if one.path in same}
        assert owed(after) == kept | made.actions
        counted = tallies.count(after.nodes.values())
        for path, tally in counted.items():
            known = after.tallies[path]
            assert (known.open, known.pending) == (tally.open, tally.pending), path
        assert after.state in ENDED or owed(after), "a run that is not over waits for something"
        for node in after.nodes.values():
            if node.state in ENDED:
                assert node.ended is not None
            elif after.nodes[""].state in ENDED:
                raise AssertionError(f"{node.path} is {node.state} in a run that is over")


def play(pipeline, work=None, **settings):
    """Play a run to its end."""
    return Play(pipeline, work, **settings).begin().finish()


def _is_file(value):
    return isinstance(value, str) and value.startswith("file:")


def _type():
    from trackside_server.pipelines.ir.model import ArtifactType

    return ArtifactType()
