"""The gallery shows every picture that is taken, and each view in all that can become of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "_static" / "screenshots" / "gallery"
SCENES = ROOT / "tests" / "lab" / "screenshots"
THEMES = ("light", "dark")

# A view, and what may stand after its name: full, empty, failing.
VIEWS = {
    "panel": ({"runs", "jobs", "models"}, {"empty", "cluster-none"}, {"away", "filter-wrong"}),
    "panel-pipelines": ({"", "kept", "recurring"}, {"empty"}, set()),
    "panel-pipelines-kfp": ({"", "narrow"}, {"empty"}, {"away"}),
    "experiment": ({""}, {"empty"}, {"away", "filter-wrong"}),
    "run": ({"overview"}, {"empty"}, {"missing", "failed"}),
    "compare": ({"differences", "code"}, {"choose", "code-none"}, {"missing"}),
    "pipeline": ({"", "timeline", "narrow"}, set(), {"failed", "missing"}),
    "pipeline-launch": ({""}, set(), {"refused"}),
    "model": ({""}, {"empty"}, {"missing"}),
    "trash": ({""}, {"empty"}, set()),
    "tensorboard": ({""}, {"empty"}, {"away"}),
    "launch": ({""}, set(), {"refused"}),
    "card": ({"succeeded", "running"}, {"queued"}, {"failed", "canceled"}),
    "widget": ({"runs", "run", "compare", "model"}, set(), set()),
    "static": ({"experiment", "run", "compare", "model"}, set(), set()),
}


def shown() -> list[str]:
    """Name what the page shows."""
    text = (ROOT / "docs" / "gallery.md").read_text()
    return re.findall(r"^```\{picture\} (\S+)$", text, re.MULTILINE)


def test_the_page_shows_each_picture_once_in_both_themes_and_no_picture_is_left_over():
    names = shown()
    assert len(names) == len(set(names))
    assert {path.name for path in FOLDER.glob("*.png")} == {
        f"{name}-{theme}.png" for name in names for theme in THEMES
    }


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_shown_full_empty_and_failing(view: str):
    names = set(shown())
    for states in VIEWS[view]:
        assert {f"{view}-{state}".rstrip("-") for state in states} <= names
