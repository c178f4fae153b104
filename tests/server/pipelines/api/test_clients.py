"""The stock KFP clients work against this server, unchanged."""

from __future__ import annotations


def test_experiments_pipelines_versions_and_runs_are_what_the_stock_client_expects(
    journey, kfp_client
):
    assert journey("client", kfp_client) == {"version": kfp_client.version}


def test_runs_recur_by_cron_and_interval_and_one_at_a_time(journey, kfp_client):
    assert journey("recurring", kfp_client)["runs"] >= 2


def test_each_construct_of_the_sdk_runs_with_the_right_values_in_the_right_order(journey):
    assert journey("constructs_run") == {"runs": 10}
