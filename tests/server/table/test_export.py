"""Tables leave as files that are whole and honest."""

from __future__ import annotations

import asyncio
import csv
import io
import math

import pyarrow.parquet as pq
import pytest

from trackside_server.table.entities import COLUMNS
from trackside_server.table.export import parquet_file
from trackside_server.table.export.layout import Layout

from .conftest import API, EVERYWHERE

HOSTILE = '=HYPERLINK("http://x")'


@pytest.fixture
def table(place):
    experiment = place.experiment()
    for number in range(3):
        place.run(
            experiment,
            HOSTILE if number == 0 else f"r{number}",
            start=number,
            end=1000 if number else None,
            metrics={"loss": ["NaN", "-Infinity", 0.5][number], "val/loss": 1},
            params={"lr": "-0.1", "note": 'a,"b"\nü'} if number else {"text": "@cmd"},
            tags={"team": "+1"},
        )
    return experiment


def export(place, experiment, kind="csv", status=200, **question):
    body = {"experiment_ids": [experiment], "format": kind, **question}
    answer = place.server.request("POST", f"{API}/runs/export", body)
    assert answer.status == status, answer.text
    return answer


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))


def test_csv_has_every_column_unless_some_are_named(place, table):
    answer = export(place, table)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="runs-' in answer.headers["Content-Disposition"]
    last, middle, first = rows(answer)
    assert list(last)[:3] == ["run_id", "run_name", "experiment_id"]
    assert {"metrics.loss", "metrics.val/loss", "params.lr", "params.text", "tags.team"} <= set(
        last
    )
    assert last["metrics.loss"] == "0.5"
    assert (middle["metrics.loss"], first["metrics.loss"]) == ("-Infinity", "NaN")
    assert (first["params.lr"], first["end_time"]) == ("", "")
    assert (last["start_time"], last["end_time"]) == (
        "2023-11-14T22:13:20.002Z",
        "2023-11-14T22:13:21.000Z",
    )
    assert last["params.note"] == 'a,"b"\nü'

    named = export(place, table, metrics=["loss"], params=[], tags=[], filter="metrics.loss < 1")
    assert [list(row)[9:] for row in rows(named)] == [["metrics.loss"]] * 2


def test_no_cell_of_a_csv_is_taken_for_a_formula_and_numbers_stay_numbers(place, table):
    last, _, first = rows(export(place, table))
    assert first["run_name"] == f"'{HOSTILE}"
    assert (first["params.text"], first["tags.team"]) == ("'@cmd", "+1")
    assert last["params.lr"] == "-0.1"


@EVERYWHERE
def test_parquet_keeps_kinds(place, table, tmp_path):
    file = tmp_path / "runs.parquet"
    file.write_bytes(export(place, table, "parquet", order_by=["attributes.start_time ASC"]).body)
    found = pq.read_table(file)
    assert str(found.schema.field("start_time").type) == "timestamp[ms, tz=UTC]"
    loss = found["metrics.loss"].to_pylist()
    assert math.isnan(loss[0])
    assert loss[1:] == [-math.inf, 0.5]
    assert found["params.lr"].to_pylist() == [None, "-0.1", "-0.1"]
    assert found["run_name"].to_pylist()[0] == HOSTILE


@pytest.mark.parametrize(
    ("kind", "question"),
    [("xlsx", {}), ("csv", {"filter": "metrics.loss <> 1"}), ("csv", {"metrics": "loss"})],
)
def test_what_cannot_be_exported_is_refused_before_anything_is_sent(place, kind, question):
    error = export(place, "0", kind, 400, **question).json
    assert error["message"].endswith(".")
    assert ("position" in error) == ("filter" in question)


@EVERYWHERE
def test_picked_runs_leave_in_the_order_of_the_table(place, table):
    ids = [row["run_id"] for row in place.window(table)["rows"]]

    def picked(**more):
        answer = export(place, table, metrics=[], params=[], tags=[], **more)
        return [row["run_id"] for row in rows(answer)]

    assert picked(run_ids=[ids[2], ids[0], "unknown"]) == [ids[0], ids[2]]
    assert picked(without=[ids[1]]) == [ids[0], ids[2]]
    assert picked(run_ids=[]) == []
    assert picked(run_ids=ids[:1], filter="metrics.loss > 9") == []
    place.ask("runs/export", {"experiment_ids": [table], "run_ids": "all"}, status=400)


def test_an_empty_table_is_a_file_with_its_columns_only(place):
    answer = export(place, place.experiment(), metrics=["a"])
    assert answer.body.decode().splitlines()[1:] == []
    assert "metrics.a" in answer.text


def test_a_parquet_file_too_wide_for_memory_is_refused_with_what_to_do(embedded):
    experiment = embedded.experiment()
    for part in range(3):
        keys = {f"layer.{part}.{number}": number for number in range(700)}
        embedded.run(experiment, f"r{part}", start=part, metrics=keys)
    error = export(embedded, experiment, "parquet", 400).json
    assert error["reason"] == "TOO_MANY_COLUMNS"
    assert "takes 2,000 columns" in error["message"]
    assert "or export CSV" in error["hint"]
    assert len(rows(export(embedded, experiment))[0]) > 2000
    named = export(embedded, experiment, "parquet", metrics=["layer.0.1"], params=[], tags=[])
    found = pq.read_table(io.BytesIO(named.body))
    assert found["metrics.layer.0.1"].to_pylist() == [None, None, 1.0]


def test_a_parquet_file_of_many_groups_of_rows_is_whole(monkeypatch):
    monkeypatch.setattr(parquet_file, "_CELLS", 50)

    async def batches():
        for start in range(0, 100, 30):
            yield [
                {**dict.fromkeys(COLUMNS), "run_id": f"r{at}", "metrics": {"loss": at}}
                | {"params": {}, "tags": {}}
                for at in range(start, min(100, start + 30))
            ]

    async def pieces():
        return [piece async for piece in parquet_file.write(Layout(["loss"], [], []), batches())]

    written = asyncio.run(pieces())
    assert len(written) > 10
    found = pq.ParquetFile(io.BytesIO(b"".join(written)))
    assert found.num_row_groups > 10
    assert found.read()["metrics.loss"].to_pylist() == list(range(100))
