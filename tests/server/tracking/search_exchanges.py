"""Searches for runs, compared between servers; they find what the exchanges before them made."""

from __future__ import annotations

from .exchanges import Exchange, post


def filtered(text: str, *order: str) -> Exchange:
    body = {"experiment_ids": ["{e}"], "filter": text, "order_by": list(order)}
    return post("runs/search", body)


# Runs whose values are hard to compare: NaN, equal, absent, quotes, wildcards, other alphabets.
SPECIAL_VALUES = [
    post("experiments/create", {"name": "special"}, x="experiment_id"),
    *(
        exchange
        for number, (metrics, params, tags) in enumerate(
            [
                ({"v": 1, "w": "NaN"}, {"p": "50%"}, {"t": "ärger"}),
                ({"v": "NaN", "w": 1}, {"p": "50_"}, {"t": "ÄRGER"}),
                ({"v": -1.5, "w": 1}, {"p": "500"}, {"t": "it's"}),
                ({"w": "-Infinity"}, {"p": 'say "x"'}, {"t": "[ab]*?"}),
                ({"v": 1, "w": "Infinity"}, {"p": "Ünï"}, {}),
                ({"v": 1e-300}, {}, {"t": "back\\slash"}),
                ({}, {"p": "z", "odd key": "a`b"}, {"t": "Back\\Slash"}),
            ]
        )
        for exchange in (
            post(
                "runs/create",
                {
                    "experiment_id": "{x}",
                    "start_time": 5000 + number // 2,
                    "run_name": f"s{number}",
                    "user_id": "me",
                },
                **{chr(ord("A") + number): "run.info.run_id"},
            ).but("outputs are there, empty"),
            post(
                "runs/log-batch",
                {
                    "run_id": "{" + chr(ord("A") + number) + "}",
                    "metrics": [
                        {"key": key, "value": value, "timestamp": 1}
                        for key, value in metrics.items()
                    ],
                    "params": [{"key": key, "value": value} for key, value in params.items()],
                    "tags": [{"key": key, "value": value} for key, value in tags.items()],
                },
            ),
        )
    ),
    *(
        post(
            "runs/search",
            {"experiment_ids": ["{x}"], "filter": text, "order_by": order},
        )
        for text, order in [
            *(
                (f"metrics.{key} {operator} {value}", ["start_time", "run_name"])
                for key in ("v", "w")
                for operator in ("=", "!=", "<", "<=", ">", ">=")
                for value in ("1", "-1.5")
            ),
            *(
                (text, ["start_time", "run_name"])
                for text in (
                    "params.p LIKE '50%'",
                    "params.p LIKE '50_'",
                    "params.p ILIKE '50_'",
                    "params.p LIKE '%\"%'",
                    "params.p = 'say \"x\"'",
                    'params.p LIKE "%Ü%"',
                    "params.p ILIKE '%ü%'",
                    "params.p ILIKE 'üNÏ'",
                    "params.p != 'z'",
                    "params.p LIKE ''",
                    "params.p LIKE '%'",
                    "params.`odd key` = 'a`b'",
                    'params."odd key" = "a`b"',
                    "params.'odd key' LIKE 'a%'",
                    'tags.t = "it\'s"',
                    "tags.t LIKE '[ab]*?'",
                    "tags.t LIKE '[ab]%'",
                    "tags.t LIKE '%*%'",
                    "tags.t ILIKE 'ärger'",
                    "tags.t ILIKE 'ÄRGER'",
                    "tags.t LIKE 'back\\slash'",
                    "tags.t ILIKE 'back\\slash'",
                    "tags.t IS NULL AND metrics.v = 1",
                    "tags.t IS NOT NULL and params.p IS NULL",
                    "metrics.v > 0 AND metrics.w > 0",
                    "tags.`mlflow.runName` LIKE 's%' AND run_name != 's1'",
                    "attributes.start_time = 5001",
                    "start_time > 5000.5",
                )
            ),
            *(
                ("", [field + direction, "run_name"])
                for field in (
                    "metrics.v",
                    "metrics.w",
                    "params.p",
                    "params.`odd key`",
                    "tags.t",
                    "end_time",
                    "status",
                    "user_id",
                )
                for direction in ("", " DESC")
            ),
            ("", ["metrics.v", "metrics.w DESC", "run_name DESC"]),
            ("", ["start_time DESC", "metrics.v", "run_name"]),
            ("metrics.w = 1", ["metrics.v DESC", "run_name"]),
        ]
    ),
]

SEARCHES = [
    post(
        "runs/create",
        {"experiment_id": "{e}", "start_time": 3000, "user_id": "you", "run_name": "Three"},
        u="run.info.run_id",
    ).but("outputs are there, empty"),
    post(
        "runs/log-batch",
        {
            "run_id": "{u}",
            "metrics": [
                {"key": "m", "value": 7, "timestamp": 1},
                {"key": "val loss", "value": 2, "timestamp": 1},
            ],
            "params": [{"key": "p", "value": "10"}, {"key": "a/b", "value": "it's"}],
            "tags": [{"key": "t", "value": "Team_A"}],
        },
    ),
    post(
        "runs/log-batch",
        {
            "run_id": "{s}",
            "metrics": [{"key": "m", "value": 3, "timestamp": 1}],
            "params": [{"key": "p", "value": "9"}],
        },
    ),
    filtered(""),
    filtered("metrics.m > 2"),
    filtered("metrics.m >= 3 AND metric.m < 7"),
    filtered("metrics.m != 3"),
    filtered("metrics.m = 3.0 and params.p = '9'"),
    filtered("metrics.`val loss` <= 2"),
    filtered('metrics."val loss" <= 2e0'),
    filtered("metrics.m > '2'"),
    filtered("metrics.m LIKE 'x'"),
    filtered("metrics.never > 2"),
    filtered("params.p = '10'"),
    filtered('params.p = "10"'),
    filtered("params.p = 10"),
    filtered("param.p != '10'"),
    filtered("parameters.p LIKE '1%'"),
    filtered("params.p LIKE '_0'"),
    filtered("params.`a/b` IS NOT NULL"),
    filtered("params.`a/b` IS NULL"),
    filtered("params.p > '1'"),
    filtered("tags.t LIKE 'team%'"),
    filtered("tags.t ILIKE 'team%'"),
    filtered("tags.t LIKE 'Team*'"),
    filtered("tag.t = 'Team_A' AND attributes.status = 'RUNNING'"),
    filtered("tags.never IS NULL"),
    filtered("metrics.m IS NULL"),
    filtered("status = 'RUNNING'"),
    filtered("status = 'running'"),
    filtered("attribute.status != 'RUNNING'"),
    filtered("run.user_id = 'you'"),
    filtered("run_name = 'Three'"),
    filtered("attributes.`run name` = 'Three'"),
    filtered("attributes.run_name ILIKE 'th%'"),
    filtered("start_time > 1000"),
    filtered("created <= 2000"),
    filtered("start_time > '1000'"),
    filtered("end_time > 0"),
    filtered("run_id IN ('{r}', '{u}')"),
    filtered("run_id NOT IN ('{r}')"),
    filtered("attributes.run_id = '{u}'"),
    filtered("status IN ('RUNNING')").but("a superset"),
    filtered("dataset.name = 'd'"),
    filtered("datasets.digest LIKE '%'"),
    filtered("dataset.context = 'train'"),
    filtered("dataset.context IN ('train', 'test')"),
    filtered("dataset.size = 'd'"),
    filtered("nothing.p = 'x'"),
    filtered("p = 'x'"),
    filtered("metrics.m > 1 OR metrics.m < 0").but("a superset"),
    filtered("(metrics.m > 1)").but("a superset"),
    filtered("NOT metrics.m > 1").but("a superset"),
    filtered("metrics.m BETWEEN 1 AND 2"),
    filtered("metrics.m > 1; DROP TABLE runs"),
    filtered("metrics.m"),
    filtered("metrics.m >"),
    filtered("metrics.m > 1 AND"),
    filtered("'a' = 'a'"),
    filtered("1 = 1"),
    *SPECIAL_VALUES,
    filtered("", "metrics.m"),
    filtered("", "metrics.m DESC"),
    filtered("", "metrics.`val loss` ASC", "params.p DESC"),
    filtered("", "params.p"),
    filtered("", "tags.t DESC"),
    filtered("", "attributes.start_time ASC"),
    filtered("", "start_time DESC"),
    filtered("", "run_name"),
    filtered("", "end_time DESC"),
    filtered("", "metrics.never"),
    filtered("", "metrics.m", "metrics.m DESC").but("500 in MLflow"),
    filtered("", "metrics.m UP"),
    filtered("", "nonsense"),
    filtered("", "metrics.m DESC extra"),
    post("runs/search", {"experiment_ids": ["{e}"], "max_results": 1}),
    post("runs/search", {"experiment_ids": ["{e}"], "max_results": 3}),
    post("runs/search", {"experiment_ids": ["{e}"], "max_results": 0}),
    post("runs/search", {"experiment_ids": ["{e}"], "max_results": 50001}),
    post("runs/search", {"experiment_ids": ["{e}"], "page_token": "garbage"}),
    post("runs/search", {"experiment_ids": []}),
    post("runs/search", {}),
    post("runs/search", {"experiment_ids": [1, 2]}),
    post("runs/search", {"experiment_ids": ["777"]}),
    post("runs/search", {"experiment_ids": ["abc"]}),
    post("runs/search", {"experiment_ids": ["{e}"], "run_view_type": "DELETED_ONLY"}),
    post("runs/search", {"experiment_ids": ["{e}"], "run_view_type": 3}),
    post("runs/search", {"experiment_ids": ["{e}"], "run_view_type": "WHATEVER"}),
    post("runs/search", {"experiment_ids": ["{e}"], "filter": 5}),
    post("runs/search", {"experiment_ids": ["{e}"], "order_by": "metrics.m"}),
]
