"""What importing costs, and how the extension is found and configured."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from trackside_server.app import Trackside


def _python(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout


def test_asking_for_the_version_loads_no_server():
    loaded = json.loads(
        _python("import sys, json, trackside_server; print(json.dumps(sorted(sys.modules)))")
    )
    assert not {"tornado", "jupyter_server", "sqlite3", "psutil"} & set(loaded)


def test_the_extension_loads_nothing_heavy():
    """Beyond what a Jupyter server has loaded anyway."""
    code = (
        "import sys, json, jupyter_server.serverapp; before = set(sys.modules);"
        "import trackside_server.app; print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    loaded = {name.partition(".")[0] for name in json.loads(_python(code))}
    heavy = {"mlflow", "numpy", "pandas", "nbclient", "nbconvert", "IPython", "anywidget", "pynvml"}
    assert not heavy & loaded


def test_jupyter_finds_the_extension():
    import trackside_server

    (point,) = trackside_server._jupyter_server_extension_points()
    assert point == {"module": "trackside_server", "app": Trackside}


def test_every_setting_says_what_it_is_and_what_its_default_means():
    for name, trait in Trackside.class_own_traits(config=True).items():
        assert len(trait.help) > 40, name
        assert trait.help.strip().endswith("."), name


class TestCommandLine:
    @pytest.fixture
    def jp_argv(self):
        return ["--Trackside.max_jobs=3"]

    async def test_settings_can_be_given_on_the_command_line(self, trackside):
        assert trackside.max_jobs == 3


class TestConfigFile:
    @pytest.fixture
    def jp_server_config(self, trackside_server_config, jp_config_dir):
        path = jp_config_dir / "jupyter_trackside_server_config.py"
        path.write_text("c.Trackside.max_jobs = 4\n")
        return trackside_server_config

    async def test_settings_can_be_given_in_a_file_of_their_own(self, trackside):
        assert trackside.max_jobs == 4
