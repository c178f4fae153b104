"""Names of metrics that come of event files."""

from __future__ import annotations

import pytest

from trackside._event_names import metric_name, prefixes


def test_files_in_one_folder_need_no_prefix():
    assert prefixes({}, ["tb/a.tfevents", "tb/b.tfevents"]) == {
        "tb/a.tfevents": "",
        "tb/b.tfevents": "",
    }


def test_folders_tell_equal_tags_apart():
    found = prefixes({}, ["logs/train/a", "logs/validation/b", "logs/c"])
    assert found == {"logs/train/a": "train/", "logs/validation/b": "validation/", "logs/c": ""}


def test_a_curve_keeps_its_name_when_more_files_come():
    known = prefixes({}, ["logs/train/a"])
    assert known == {"logs/train/a": ""}
    found = prefixes(known, ["logs/train/a", "logs/train/a2", "logs/validation/b"])
    assert found == {"logs/train/a": "", "logs/train/a2": "", "logs/validation/b": "validation/"}


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("epoch_loss", "epoch_loss"),
        ("Loss/train (smooth)", "Loss/train _smooth_"),
        ("/a//b/../c", "a/b/c"),
        ("größe", "größe"),
        ("x" * 300, "x" * 250),
        ("../..", None),
    ],
)
def test_tags_become_names_that_mlflow_takes(tag, name):
    assert metric_name(tag) == name
