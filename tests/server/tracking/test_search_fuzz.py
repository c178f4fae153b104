"""Random searches, compared with a simple evaluator; and random text, which breaks nothing."""

from __future__ import annotations

import math
import random
import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from trackside_server import regex
from trackside_server.errors import InvalidInput
from trackside_server.tracking.entities import Dataset, DatasetInput, Metric, Param, Tag
from trackside_server.tracking.search import (
    EXPERIMENTS,
    LOGGED_MODELS,
    RUNS,
    parse_filter,
    parse_order,
)
from trackside_server.tracking.storage import searching

KEYS = ("a", "b c", "d.e")
TEXTS = ("", "x", "X", "xy", "ä", "Ä", "50%", "a_b", "it's", '"q"', "[x]", "*", "?", "y" * 70)
TEXTS = (*TEXTS, "y" * 70 + "z")
NUMBERS = (-1.5, 0.0, 1.0, 1.5, 1e300, math.nan)
COUNT = 24


def _runs():
    chance = random.Random(7)
    return [
        {
            "name": f"run {number % 7}",
            "start": 1000 + number // 3,
            "end": chance.choice([None, 2000, 2001]),
            "status": chance.choice(["RUNNING", "FINISHED"]),
            "metrics": {key: chance.choice(NUMBERS) for key in KEYS if chance.random() < 0.7},
            "params": {key: chance.choice(TEXTS) for key in KEYS if chance.random() < 0.7},
            "tags": {key: chance.choice(TEXTS) for key in KEYS if chance.random() < 0.7},
            "dataset": chance.choice([None, "mnist", "Cifar"]),
        }
        for number in range(COUNT)
    ]


@pytest.fixture
def world(tracking, sync):
    """Runs in a store, the same runs as the model, and a function that searches the store."""
    experiments = [sync(tracking.create_experiment(name)) for name in ("one", "two")]
    # The same once more in an experiment that nobody asks about.
    other = sync(tracking.create_experiment("other"))
    runs = _runs()
    for number, run in enumerate([*_runs(), *runs]):
        experiment = experiments[number % 2] if number >= COUNT else other
        info = sync(
            tracking.create_run(experiment, run_name=run["name"], start_time=run["start"])
        ).info
        run["id"] = info.run_id
        sync(
            tracking.log_batch(
                info.run_id,
                metrics=[Metric(key, value, 1) for key, value in run["metrics"].items()],
                params=[Param(*item) for item in run["params"].items()],
                tags=[Tag(*item) for item in run["tags"].items()],
            )
        )
        if run["dataset"]:
            data = DatasetInput(Dataset(run["dataset"], "1", "local", "{}"))
            sync(tracking.log_inputs(info.run_id, [data], []))
        sync(tracking.update_run(info.run_id, status=run["status"], end_time=run["end"]))

    def search(text, order, size):
        found, token = [], None
        while True:
            page = sync(
                tracking.search_runs(
                    experiments,
                    filter_text=text,
                    order_by=order,
                    max_results=size,
                    page_token=token,
                )
            )
            found += [run.info.run_id for run in page.items]
            token = page.next_page_token
            if token is None:
                return found
            assert len(page.items) == size
            assert len(found) <= COUNT, "a page repeats another"

    return runs, search


def test_a_text_with_a_nul_is_told_from_the_part_before_it(tracking, sync):
    experiment = sync(tracking.create_experiment("one"))
    for value in ("a", "a\0b", "c"):
        run = sync(tracking.create_run(experiment)).info.run_id
        sync(tracking.log_batch(run, tags=[Tag("t", value)]))

    def found(text):
        page = sync(tracking.search_runs([experiment], filter_text=text))
        return sorted(run.tag_map["t"] for run in page.items)

    assert found("tags.t = 'a\0b'") == ["a\0b"]
    assert found("tags.t IN ('a\0b')") == ["a\0b"]
    assert found("tags.t IN ('a\0b', 'c')") == ["a\0b", "c"]
    assert found("tags.t NOT IN ('a\0b')") == ["a", "c"]
    assert found("tags.t IN ('a')") == ["a"]


def _quoted(value):
    return "'" + value.replace("'", "''") + "'"


def _key(prefix, key):
    return f"{prefix}.`{key}`" if " " in key else f"{prefix}.{key}"


# A filter is (text, function of a run).

_compare = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _like(pattern, flags=0):
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    return re.compile("".join(parts), flags | re.DOTALL)


def _ascii_lower(text):
    return "".join(c.lower() if c.isascii() else c for c in text)


@st.composite
def _metric(draw):
    key = draw(st.sampled_from((*KEYS, "never")))
    numbers = [value for value in NUMBERS if value == value]
    if draw(st.booleans()):
        operator, value = draw(st.sampled_from(sorted(_compare))), draw(st.sampled_from(numbers))
        return (
            f"{_key('metrics', key)} {operator} {value!r}",
            lambda run: key in run["metrics"] and _compare[operator](run["metrics"][key], value),
        )
    values = draw(st.lists(st.sampled_from(numbers), min_size=1, max_size=3))
    word = draw(st.sampled_from(["IN", "not in"]))
    listed = ", ".join(map(repr, values))
    return (
        f"{_key('metric', key)} {word} ({listed})",
        lambda run: key in run["metrics"] and (run["metrics"][key] in values) == (word == "IN"),
    )


@st.composite
def _text(draw):
    prefix, kind = draw(st.sampled_from([("params", "params"), ("tag", "tags")]))
    key = draw(st.sampled_from((*KEYS, "never")))
    field = _key(prefix, key)
    operator = draw(
        st.sampled_from(["=", "!=", "LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL"])
    )
    if operator.startswith("IS"):
        return f"{field} {operator}", lambda run: (key in run[kind]) == (operator == "IS NOT NULL")
    if operator.endswith("IN"):
        values = draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3))
        listed = ", ".join(map(_quoted, values))
        return (
            f"{field} {operator} ({listed})",
            lambda run: key in run[kind] and (run[kind][key] in values) == (operator == "IN"),
        )
    value = draw(st.sampled_from(TEXTS))
    if operator.endswith("LIKE"):
        value = draw(st.sampled_from(["%", "_", "%x%", "X", "Ä", "%ä", "a_b", "_____", "*", "[x]"]))
        fold = _ascii_lower if operator == "ILIKE" else str
        pattern = _like(fold(value))
        return (
            f"{field} {operator} {_quoted(value)}",
            lambda run: key in run[kind] and bool(pattern.fullmatch(fold(run[kind][key]))),
        )
    return (
        f"{field} {operator} {_quoted(value)}",
        lambda run: key in run[kind] and _compare[operator](run[kind][key], value),
    )


@st.composite
def _attribute(draw):
    choice = draw(st.integers(0, 3))
    if choice == 0:
        operator = draw(st.sampled_from(sorted(_compare)))
        value = draw(st.integers(998, 1016))
        return (
            f"start_time {operator} {value}",
            lambda run: _compare[operator](run["start"], value),
        )
    if choice == 1:
        operator = draw(st.sampled_from(sorted(_compare)))
        return (
            f"attributes.end_time {operator} 2000",
            lambda run: run["end"] is not None and _compare[operator](run["end"], 2000),
        )
    if choice == 2:
        status = draw(st.sampled_from(["RUNNING", "FINISHED"]))
        return f"status = '{status}'", lambda run: run["status"] == status
    name = draw(st.sampled_from(["mnist", "Cifar", "none"]))
    operator = draw(st.sampled_from(["=", "!="]))
    return (
        f"dataset.name {operator} '{name}'",
        lambda run: run["dataset"] is not None and _compare[operator](run["dataset"], name),
    )


def _joined(children):
    def both(pair):
        (a, holds_a), (b, holds_b) = pair
        return f"({a}) AND ({b})", lambda run: holds_a(run) and holds_b(run)

    def either(pair):
        (a, holds_a), (b, holds_b) = pair
        return f"(({a}) or ({b}))", lambda run: holds_a(run) or holds_b(run)

    def opposite(child):
        text, holds = child
        return f"NOT ({text})", lambda run: not holds(run)

    pairs = st.tuples(children, children)
    return st.one_of(pairs.map(both), pairs.map(either), children.map(opposite))


FILTERS = st.one_of(
    st.just(("", lambda _: True)),
    st.recursive(st.one_of(_metric(), _text(), _attribute()), _joined, max_leaves=6),
)
ORDERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *(("metrics", key) for key in (*KEYS, "never")),
                *(("params", key) for key in (*KEYS, "never")),
                ("tags", KEYS[0]),
                ("attribute", "start_time"),
                ("attribute", "end_time"),
                ("attribute", "run_name"),
                ("attribute", "run_id"),
            ]
        ),
        st.booleans(),
    ),
    max_size=3,
)


class _Value:
    """A value in an order: present ones, then NaN, then absent ones, both ways."""

    def __init__(self, value, descending):
        self.rank = 2 if value is None else 1 if value != value else 0
        self.value = value if self.rank == 0 else 0
        self.descending = descending

    def __lt__(self, other):
        if self.rank != other.rank:
            return self.rank < other.rank
        return other.value < self.value if self.descending else self.value < other.value

    def __eq__(self, other):
        return (self.rank, self.value) == (other.rank, other.value)


def _sorted(runs, order):
    attributes = {"start_time": "start", "end_time": "end", "run_name": "name", "run_id": "id"}

    def value(run, entity, key):
        if entity == "attribute":
            return run[attributes[key]]
        found = run[entity].get(key)
        return found.encode() if isinstance(found, str) else found

    levels = [*order, (("attribute", "start_time"), True), (("attribute", "run_id"), False)]
    return sorted(
        runs, key=lambda run: [_Value(value(run, *field), down) for field, down in levels]
    )


def _order_text(order):
    texts = []
    for (entity, key), descending in order:
        name = key if entity == "attribute" else _key(entity, key)
        texts.append(f"{name} DESC" if descending else name)
    return texts


@pytest.mark.parametrize("way", ["sort", "walk", "interrupted walk"])
def test_random_searches_find_what_a_simple_evaluator_finds(world, monkeypatch, way):
    """However the candidates are taken, and page by page as well as in one."""
    runs, search = world
    if way != "sort":
        monkeypatch.setattr(searching, "FEW", -1)
    if way == "interrupted walk":
        monkeypatch.setattr(searching, "SECONDS_OF_A_WALK", 1e-9)
        monkeypatch.setattr(searching, "_STEPS", 50)

    @settings(
        max_examples=150,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    @given(FILTERS, ORDERS, st.sampled_from([1, 3, 7, 100]))
    def check(wanted, order, size):
        text, holds = wanted
        expected = [run["id"] for run in _sorted(filter(holds, runs), order)]
        assert search(text, _order_text(order), size) == expected

    check()


WORDS = (
    "metrics. params. tags. a `b c` 'x' \"y\" 1 -1.5e3 1e999 = != < LIKE ILIKE RLIKE IN NOT AND OR "
    "( ) , ; ' \" ` . IS NULL BETWEEN start_time run name dataset.name -- /* \\ \0 é 🙂"
)
PIECES = st.one_of(st.sampled_from(WORDS.split(" ")), st.text(max_size=6))


def _refusal(call):
    """Give the words by which something is refused; empty when it is not."""
    try:
        call()
    except (InvalidInput, regex.Unsupported) as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize("schema", [RUNS, EXPERIMENTS, LOGGED_MODELS], ids=lambda each: each.what)
def test_any_text_is_a_search_or_is_refused(schema):
    @settings(max_examples=300, deadline=None)
    @given(st.lists(PIECES, max_size=12), st.sampled_from([" ", ""]))
    def check(pieces, separator):
        text = separator.join(pieces)
        for parse in (parse_filter, parse_order):
            refused = _refusal(lambda parse=parse: parse(text, schema))
            assert not refused or "character" in refused

    check()


def test_any_page_token_is_one_of_ours_or_is_refused(world, tracking, sync):
    page = sync(tracking.search_runs(["1", "2"], max_results=5, order_by=["params.a"]))
    token = page.next_page_token
    assert token is not None

    @settings(max_examples=60, deadline=None)
    @given(
        st.one_of(
            st.text(min_size=1, max_size=40),
            st.binary(min_size=1, max_size=40).map(lambda raw: raw.decode("latin-1")),
            st.tuples(st.integers(0, len(token) - 1), st.sampled_from("AZaz09-_=")).map(
                lambda change: token[: change[0]] + change[1] + token[change[0] + 1 :]
            ),
        )
    )
    def check(text):
        refused = _refusal(
            lambda: sync(tracking.search_runs(["1", "2"], order_by=["params.a"], page_token=text))
        )
        assert not refused or "page_token" in refused

    check()
    with pytest.raises(InvalidInput, match="page_token"):
        sync(tracking.search_runs(["1", "2"], order_by=["params.a DESC"], page_token=token))


@settings(max_examples=300, deadline=None)
@given(st.text("ab()[]{}*+?|^$\\-,:P<>=!1x", max_size=15), st.text("ab1x", max_size=8))
def test_any_regular_expression_is_followed_or_refused(pattern, text):
    refused = _refusal(lambda: regex.matches(pattern, text))
    assert not refused or "regular expression" in refused


def test_an_expression_that_keeps_other_engines_busy_for_ever_takes_no_time():
    text = "a" * 100_000 + "b"
    for pattern in (r"(a+)+$", r"(a|a)*c", r"(.*a){20}c", r"^(([a-z])+.)+[A-Z]([a-z])+$"):
        assert not regex.matches(pattern, text)
