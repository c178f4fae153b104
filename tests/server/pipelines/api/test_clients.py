"""The stock KFP clients work against this server, unchanged."""

from __future__ import annotations

import venv

from tests.kfp_clients import NEWEST
from tests.stock_clients import StockClient


def test_experiments_pipelines_versions_and_runs_are_what_the_stock_client_expects(
    journey, kfp_client
):
    assert journey("client", kfp_client) == {"version": kfp_client.version}


def test_runs_recur_by_cron_and_interval_and_one_at_a_time(journey, kfp_client):
    assert journey("recurring", kfp_client)["runs"] >= 2


def test_each_construct_of_the_sdk_runs_with_the_right_values_in_the_right_order(journey):
    assert journey("constructs_run") == {"runs": 10}


def test_components_run_with_the_python_of_the_client_that_asks(journey, tmp_path):
    venv.create(tmp_path / "own", with_pip=False)
    python = tmp_path / "own" / "bin" / "python"
    seen = journey("interpreter", StockClient(NEWEST.version, python, NEWEST.path))
    assert seen == {"client": str(python), "component": str(python)}
