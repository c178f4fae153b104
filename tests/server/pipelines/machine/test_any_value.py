"""Whatever a task gives, those that take it run or fail by it; the machine never does."""

from __future__ import annotations

from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from trackside_server.pipelines.machine.state import GOOD

from .build import KINDS, given, graph, out, pipeline, runs, select, task
from .play import play

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**400), max_value=10**400)
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["[1, 2]", '{"k": 1}', "[[1], [2]]", "null", "{{$.pipeline_job_name}}"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
CONDITIONS = [
    "inputs.parameter_values['x'] == 'a'",
    "inputs.parameter_values['x'] > 1",
    "int(inputs.parameter_values['x']) < 5 && !(inputs.parameter_values['x'] == 3)",
]
SELECTORS = ['parseJson(string_value)["k"]', "parseJson(string_value)[0]"]
TAKEN = out("make", "made")


def takers():
    """Tasks that take a value in every way that there is."""
    body = graph("body", task("leaf", x=given("item")), takes={"item": "str", "x": "str"})
    for kind in KINDS:
        yield task(f"as-{kind}", f"take-{kind}", x=TAKEN), runs(f"take-{kind}", {"x": kind})
    for index, condition in enumerate(CONDITIONS):
        yield task(f"if-{index}", "take-str", x=TAKEN, condition=condition), None
    for index, selector in enumerate(SELECTORS):
        yield task(f"select-{index}", "take-str", x=select(TAKEN, selector)), None
    yield task("loop", "body", items=given("x"), x=TAKEN), body
    text = "of {{$.inputs.parameters['x']}}"
    yield task("text", "below", x=TAKEN, y=text), graph("below", takes={"x": "str", "y": "str"})


TASKS = list(takers())


@settings(max_examples=40, deadline=None)
@over(ANYTHING)
def test_any_value_runs_or_fails_what_takes_it(value):
    made = runs("make", gives={"made": "str"})
    p = pipeline(
        task("make"),
        *(one for one, _ in TASKS),
        components=[made, *(component for _, component in TASKS if component is not None)],
    )
    done = play(p, {"make": {"made": value}, "leaf": 1}, kills=True)
    for path, node in done.run.nodes.items():
        assert node.state in GOOD or node.reason is not None, path
        assert done.reason(path) != "ERROR", path
