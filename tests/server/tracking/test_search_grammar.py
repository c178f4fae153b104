"""What a search may say, and what it means."""

from __future__ import annotations

import math

import pytest

from trackside_server.errors import InvalidInput
from trackside_server.tracking.entities import (
    Dataset,
    DatasetInput,
    Metric,
    Param,
    Tag,
)
from trackside_server.tracking.search import (
    EXPERIMENTS,
    LOGGED_MODELS,
    RUNS,
    And,
    Comparison,
    Field,
    Not,
    Or,
    parse_filter,
    parse_order,
)

ACCEPTED = [
    ("", []),
    ("   ", []),
    ("metrics.loss < 0.5", [("metric", "loss", "<", 0.5)]),
    ("metric.loss<=-1e-3", [("metric", "loss", "<=", -0.001)]),
    ("metrics.loss = +.5", [("metric", "loss", "=", 0.5)]),
    ("metrics.`val loss` > 1", [("metric", "val loss", ">", 1)]),
    ('metrics."val/loss" != 2', [("metric", "val/loss", "!=", 2)]),
    ("metrics.a.b.c >= 3", [("metric", "a.b.c", ">=", 3)]),
    ("params.lr = '0.01'", [("param", "lr", "=", "0.01")]),
    ('param.lr = "0.01"', [("param", "lr", "=", "0.01")]),
    ("parameters.lr LIKE '0%'", [("param", "lr", "LIKE", "0%")]),
    ("parameter.lr ilike 'A_'", [("param", "lr", "ILIKE", "A_")]),
    ("params.lr IS NULL", [("param", "lr", "IS NULL", None)]),
    ("tags.t is not null", [("tag", "t", "IS NOT NULL", None)]),
    ("tags.`mlflow.parentRunId` = 'x'", [("tag", "mlflow.parentRunId", "=", "x")]),
    ("tags.mlflow.parentRunId = 'x'", [("tag", "mlflow.parentRunId", "=", "x")]),
    ("params.and = 'or'", [("param", "and", "=", "or")]),
    ("params.grün = 'ü'", [("param", "grün", "=", "ü")]),
    ("params.a = 'it''s'", [("param", "a", "=", "it's")]),
    ('params.a = "it\'s"', [("param", "a", "=", "it's")]),
    ("params.a = 'C:\\'", [("param", "a", "=", "C:\\")]),
    ("params.a = ''", [("param", "a", "=", "")]),
    ("params.a = '; DROP TABLE runs --'", [("param", "a", "=", "; DROP TABLE runs --")]),
    ("status = 'FINISHED'", [("attribute", "status", "=", "FINISHED")]),
    ("attributes.status != 'FAILED'", [("attribute", "status", "!=", "FAILED")]),
    ("attr.start_time > 5", [("attribute", "start_time", ">", 5)]),
    ("run.user_id LIKE 'me'", [("attribute", "user_id", "LIKE", "me")]),
    ("Created <= 9", [("attribute", "Created", "<=", 9)]),
    ("run name = 'x'", [("attribute", "run name", "=", "x")]),
    ("`Run name` = 'x'", [("attribute", "Run name", "=", "x")]),
    ("attributes.\"Run Name\" = 'x'", [("attribute", "Run Name", "=", "x")]),
    ("run_id IN ('a', 'b')", [("attribute", "run_id", "IN", ("a", "b"))]),
    ('run_id not in ("a",)', [("attribute", "run_id", "NOT IN", ("a",))]),
    ("dataset.name = 'd'", [("dataset", "name", "=", "d")]),
    ("datasets.context IN ('train')", [("dataset", "context", "IN", ("train",))]),
    (
        "metrics.a > 1 and params.b = 'c' AND tags.d LIKE '%'",
        [("metric", "a", ">", 1), ("param", "b", "=", "c"), ("tag", "d", "LIKE", "%")],
    ),
    ("params.'a b' = 'c'", [("param", "a b", "=", "c")]),
    ("metrics.a > 1 AND", [("metric", "a", ">", 1)]),
    # Beyond MLflow's grammar.
    ("metrics.a IN (1, 2.5)", [("metric", "a", "IN", (1, 2.5))]),
    ("metrics.a not in (1)", [("metric", "a", "NOT IN", (1,))]),
    ("params.lr IN ('1', '2')", [("param", "lr", "IN", ("1", "2"))]),
    ("tags.t NOT IN ('a')", [("tag", "t", "NOT IN", ("a",))]),
    ("status IN ('RUNNING', 'FAILED')", [("attribute", "status", "IN", ("RUNNING", "FAILED"))]),
    ("start_time IN (5, 6)", [("attribute", "start_time", "IN", (5, 6))]),
    ("params.lr RLIKE '^0[.]\\d+$'", [("param", "lr", "RLIKE", "^0[.]\\d+$")]),
    ("(metrics.a > 1)", [("metric", "a", ">", 1)]),
    ("metrics.a\n>\t1", [("metric", "a", ">", 1)]),
]


@pytest.mark.parametrize(("text", "expected"), ACCEPTED, ids=[text for text, _ in ACCEPTED])
def test_a_search_is_read_as_it_is_meant(text, expected):
    wanted = [Comparison(Field(entity, key), op, value) for entity, key, op, value in expected]
    assert parse_filter(text, RUNS) == (wanted[0] if len(wanted) == 1 else And(tuple(wanted)))


def test_and_binds_closer_than_or_and_not_closest():
    def named(key):
        return Comparison(Field("metric", key), ">", 1)

    a, b, c = map(named, "abc")
    assert parse_filter("metrics.a > 1 OR metrics.b > 1 AND metrics.c > 1", RUNS) == Or(
        (a, And((b, c)))
    )
    assert parse_filter("(metrics.a > 1 or metrics.b > 1) and metrics.c > 1", RUNS) == And(
        (Or((a, b)), c)
    )
    assert parse_filter("NOT metrics.a > 1 AND not (metrics.b > 1 AND metrics.c > 1)", RUNS) == And(
        (Not(a), Not(And((b, c))))
    )


REFUSED = [
    # text, the character that the message names, a word that says what to do
    ("metrics.a > 1 OR", 17, "status"),
    ("OR metrics.a > 1", 1, "status"),
    ("metrics.a > 1 metrics.b > 2", 15, "AND or OR"),
    ("(metrics.a > 1", 15, ") of character 1"),
    ("(metrics.a > 1 AND)", 19, "status"),
    ("metrics.a > 1)", 14, "closes nothing"),
    ("()", 2, "status"),
    ("NOT", 4, "status"),
    ("NOT AND", 5, "status"),
    ("metrics.a > 1; DROP TABLE runs", 14, "one statement"),
    ("metrics.a BETWEEN 1 AND 2", 11, "operator"),
    ("metrics.a == 1", 11, "write ="),
    ("metrics.a <> 1", 11, "write !="),
    ("metrics.a ! 1", 11, "back-ticks"),
    ("metrics.a LIKE '1'", 11, "=, !=, >"),
    ("metrics.a IN ('1')", 15, "numbers"),
    ("metrics.a IN ()", 15, "numbers"),
    ("metrics.a RLIKE 'x'", 11, "=, !=, >"),
    ("params.a RLIKE '('", 16, "missing )"),
    ("params.a RLIKE '(?=x)'", 16, "regular expression"),
    ("metrics.a IS NULL", 11, "=, !=, >"),
    ("metrics.a > '1'", 13, "number"),
    ("metrics.a > 1e999", 13, "too large"),
    ("metrics.a >", 12, "number"),
    ("metrics.a", 10, "operator"),
    ("metrics. > 1", 1, "name"),
    ("metrics. 'a' > 1", 1, "name"),
    ("metrics.val-loss > 1", 12, "back-ticks"),
    ("params.lr = 0.01", 13, "quoted"),
    ("params.lr = `x`", 13, "quoted"),
    ("params.lr > '1'", 11, "LIKE"),
    ("params.lr IN (1)", 15, "texts"),
    ("params.lr = 'open", 13, "not closed"),
    ("params.lr IS MISSING", 11, "operator"),
    ("params.lr NOT LIKE 'x'", 11, "operator"),
    ("status IS NULL", 8, "LIKE"),
    ("start_time > '5'", 14, "number"),
    ("start_time LIKE 5", 12, ">="),
    ("run_id IN 'a'", 11, "list"),
    ("run_id IN ()", 12, "texts"),
    ("run_id IN (1, 2)", 12, "texts"),
    ("run_id IN ('a' 'b')", 16, "commas"),
    ("run_id IN ('a'", 15, "commas"),
    ("nonsense = 'x'", 1, "metrics.<name>"),
    ("models.a = 'x'", 1, "params.<name>"),
    ("dataset.size = 'x'", 1, "digest"),
    ("'a' = 'a'", 1, "status"),
    ("1 = 1", 1, "status"),
    ("= 1", 1, "status"),
    ("AND metrics.a > 1", 1, "status"),
    ("metrics.a > 1 AND AND metrics.b > 1", 19, "status"),
    ("metrics.a > 1 -- x", 15, "back-ticks"),
    ("metrics.a > 1 /* x */", 15, "back-ticks"),
]


@pytest.mark.parametrize(("text", "position", "word"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_is_no_search_is_refused_with_the_place_and_what_is_allowed(text, position, word):
    with pytest.raises(InvalidInput) as caught:
        parse_filter(text, RUNS)
    assert f"character {position} " in caught.value.message
    assert word in caught.value.message


def test_a_search_may_nest_but_not_without_end():
    for opening, closing in (("(", ")"), ("NOT ", ""), ("NOT (", ")")):
        deep = 50 // len(opening.split())
        parse_filter(opening * deep + "metrics.a > 1" + closing * deep, RUNS)
        with pytest.raises(InvalidInput, match="50 levels deep"):
            parse_filter(opening * 5000 + "metrics.a > 1" + closing * 5000, RUNS)


def test_a_search_may_be_long_but_not_endless():
    parse_filter(" AND ".join(["metrics.a > 1"] * 100), RUNS)
    parse_filter(" OR ".join(["metrics.a > 1"] * 100), RUNS)
    with pytest.raises(InvalidInput, match="at most 100 comparisons"):
        parse_filter(" AND ".join(["metrics.a > 1"] * 101), RUNS)
    with pytest.raises(InvalidInput, match="100000 characters"):
        parse_filter("x" * 100_001, RUNS)
    with pytest.raises(InvalidInput, match="10000 characters"):
        parse_filter(f"params.a LIKE '{'%' * 10_001}'", RUNS)


@pytest.mark.parametrize(
    ("text", "field", "ascending"),
    [
        ("metrics.loss", Field("metric", "loss"), True),
        ("metrics.loss DESC", Field("metric", "loss"), False),
        ("params.`a b` asc", Field("param", "a b"), True),
        ('tags."x.y" desc', Field("tag", "x.y"), False),
        ("start_time", Field("attribute", "start_time"), True),
        ("attributes.end_time DESC", Field("attribute", "end_time"), False),
        ("Created", Field("attribute", "Created"), True),
    ],
)
def test_an_order_names_a_field_and_perhaps_a_direction(text, field, ascending):
    order = parse_order(text, RUNS)
    assert (order.field, order.ascending) == (field, ascending)


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "metrics.a UP", "metrics.a DESC x", "metrics.a, metrics.b", "dataset.name"],
)
def test_what_is_no_order_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_order(text, RUNS)


def test_each_search_knows_its_own_fields():
    parse_filter("name LIKE 'a%' AND tags.x = 'y' AND experiment_id IN ('1', '2')", EXPERIMENTS)
    parse_filter("name IN ('a') AND metrics.acc > 0.5 AND creation_time > 5", LOGGED_MODELS)
    for text, schema in (
        ("metrics.a > 1", EXPERIMENTS),
        ("metrics.a > 1 OR name = 'x'", EXPERIMENTS),
        ("creation_time LIKE 'a'", EXPERIMENTS),
        ("metric.a > 1", LOGGED_MODELS),
        ("dataset.name = 'x'", LOGGED_MODELS),
    ):
        with pytest.raises(InvalidInput):
            parse_filter(text, schema)


@pytest.fixture
def found(tracking, sync):
    """Four runs, and a function that searches them and gives their names."""
    experiment = sync(tracking.create_experiment("e"))

    def run(name, start, metrics=(), params=(), tags=(), **more):
        info = sync(tracking.create_run(experiment, run_name=name, start_time=start, **more)).info
        sync(
            tracking.log_batch(
                info.run_id,
                metrics=[Metric(key, value, 1) for key, value in metrics],
                params=[Param(*item) for item in params],
                tags=[Tag(*item) for item in tags],
            )
        )
        return info.run_id

    a = run("a", 1, [("m", 1.0)], [("p", "10")], [("t", "Team_A")], user_id="me")
    b = run("b", 2, [("m", 2.0), ("odd name", 5)], [("p", "9")], [("t", "team*a")])
    run("c", 3, [("m", math.nan)], [("p", "[x]?")])
    run("d", 4, status="FINISHED")
    train = Tag("mlflow.data.context", "train")
    data = DatasetInput(Dataset("mnist", "abc", "local", "{}"), [train])
    sync(tracking.log_inputs(a, [data], []))
    sync(tracking.update_run(b, end_time=50))

    def search(text="", *order, **more):
        page = sync(tracking.search_runs([experiment], filter_text=text, order_by=order, **more))
        return "".join(item.info.run_name for item in page.items)

    return search


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "dcba"),
        ("metrics.m > 1", "b"),
        ("metrics.m >= 1", "ba"),
        ("metrics.m < 1", ""),  # NaN is stored as 0, and is not less than anything
        ("metrics.m = 0", ""),
        ("metrics.m != 1", "cb"),  # NaN differs from every number; a run without m is not meant
        ("metrics.`odd name` = 5", "b"),
        ("metrics.never != 0", ""),
        ("params.p = '10'", "a"),
        ("params.p != '10'", "cb"),
        ("params.p LIKE '1_'", "a"),
        ("params.p LIKE '[x]?'", "c"),
        ("params.p LIKE '%?'", "c"),
        ("params.never = 'x'", ""),
        ("params.never IS NULL", "dcba"),
        ("params.p IS NULL", "d"),
        ("params.p IS NOT NULL AND metrics.m < 2", "a"),
        ("tags.t LIKE 'team%'", "b"),
        ("tags.t LIKE 'team*a'", "b"),
        ("tags.t ILIKE 'TEAM%'", "ba"),
        ("tags.t ILIKE 'team*_'", "b"),
        ("status = 'FINISHED'", "d"),
        ("status = 'finished'", ""),
        ("run_name != 'a'", "dcb"),
        ("user_id = 'me'", "a"),
        ("start_time >= 3", "dc"),
        ("end_time > 0", "b"),
        ("end_time != 0", "b"),
        ("dataset.name = 'mnist' AND dataset.digest LIKE 'a%' AND dataset.context = 'train'", "a"),
        ("dataset.context IN ('test', 'train')", "a"),
        ("dataset.context != 'train'", ""),
        ("artifact_uri LIKE 'mlflow-artifacts:/1/%'", "dcba"),
        # Beyond MLflow's grammar.
        ("metrics.m = 1 OR params.p = '9'", "ba"),
        ("metrics.m = 1 OR params.p = '9' AND status = 'FAILED'", "a"),
        ("(metrics.m = 1 OR params.p = '9') AND tags.t ILIKE 'team%'", "ba"),
        ("metrics.m IN (1, 2, 7)", "ba"),
        ("metrics.m NOT IN (1, 7)", "cb"),  # NaN is in no list; a run without m is not meant
        ("params.p IN ('10', '[x]?')", "ca"),
        ("params.p NOT IN ('10')", "cb"),
        ("tags.t IN ('team*a', 'x')", "b"),
        ("status NOT IN ('RUNNING')", "d"),
        ("start_time IN (1, 3)", "ca"),
        ("NOT metrics.m < 2", "dcb"),  # all others: NaN, and those without
        ("NOT (params.p = '10' OR status = 'FINISHED')", "cb"),
        ("NOT end_time > 0", "dca"),
        ("NOT NOT metrics.m = 1", "a"),
        ("params.p IS NULL OR params.p = '10'", "da"),
        ("NOT params.never IS NULL", ""),
        ("params.p RLIKE '^[0-9]+$'", "ba"),
        ("run_name RLIKE '[ab]' AND NOT dataset.name RLIKE 'm.*t'", "b"),
    ],
)
def test_a_search_finds_what_it_says(found, text, names):
    assert found(text) == names


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (["metrics.m"], "abcd"),  # numbers, then NaN, then absent
        (["metrics.m DESC"], "bacd"),  # both ways
        (["params.p"], "abcd"),  # as text
        (["params.p DESC"], "cbad"),
        (["tags.t DESC"], "badc"),
        (["tags.never"], "dcba"),
        (["end_time"], "bdca"),
        (["end_time DESC"], "bdca"),
        (["start_time"], "abcd"),
        (["run_name DESC"], "dcba"),
        (["status", "run_name"], "dabc"),
        (["metrics.m", "metrics.m DESC"], "abcd"),  # the first counts
    ],
)
def test_results_come_in_the_order_asked_for_and_ties_newest_first(found, order, names):
    assert found("", *order) == names


def test_a_quoted_attack_is_only_a_value(found):
    assert found("params.p = ''' OR 1=1 --'") == ""
    assert found("params.p = '10' AND tags.t != '\"; DELETE FROM runs; --'") == "a"
    assert found() == "dcba"


def test_a_list_may_be_longer_than_sqlite_has_parameters(found):
    many = ", ".join(f"'{number:032x}'" for number in range(2500))
    assert found(f"run_id NOT IN ({many})") == "dcba"


@pytest.mark.parametrize("field", ["metrics.m", "params.p", "tags.t", "run_id"])
async def test_results_are_ordered_by_many_fields_but_not_by_more_than_the_database_takes(
    ok, refused, field
):
    def ordered(count):
        numbers = range(count) if "." in field else [""] * count
        order_by = [f"{field}{number}" for number in numbers]
        return {"experiment_ids": ["0"], "order_by": order_by}

    assert await ok("POST", "runs/search", ordered(100)) == {}
    assert "at most 100 fields" in await refused("POST", "runs/search", ordered(1000))


async def test_logged_models_are_ordered_by_as_many_fields_as_runs(ok, refused):
    def ordered(count):
        order_by = [{"field_name": f"metrics.m{number}"} for number in range(count)]
        return {"experiment_ids": ["0"], "order_by": order_by}

    assert await ok("POST", "logged-models/search", ordered(100)) == {}
    assert "at most 100 fields" in await refused("POST", "logged-models/search", ordered(1000))
