"""Installing the wheel on a machine without Node.js, beside its neighbours, and removing it."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(900)

NEIGHBOURS = ["kfp", "kubeflow", "mlflow"]


def test_without_node_the_wheel_installs_enables_both_extensions_and_leaves_nothing_behind(
    environment, wheel: Path
) -> None:
    before = environment.files()
    environment.run("pip", "install", "-q", str(wheel))

    labextensions = environment.run("jupyter", "labextension", "list")
    assert "trackside v" in labextensions
    assert "enabled OK" in labextensions.split("trackside v")[1].splitlines()[0].replace(
        "\x1b[32m", ""
    ).replace("\x1b[0m", "")
    extensions = environment.run("jupyter", "server", "extension", "list")
    line = extensions.split("trackside_server")[1]
    assert "enabled" in line
    assert "OK" in extensions.split("Validating trackside_server")[-1]

    imported = environment.run("python", "-c", "import trackside; print(trackside.__version__)")
    assert imported.strip() == wheel.name.split("-")[1]
    assert "submit" in environment.run("trackside", "--help")

    environment.run("pip", "uninstall", "-q", "-y", "trackside")
    assert environment.files() - before == set()


def test_the_wheel_shares_one_environment_with_kfp_kubeflow_and_mlflow(
    environment, wheel: Path
) -> None:
    environment.run("pip", "install", "-q", str(wheel), *NEIGHBOURS)
    assert "No broken requirements found" in environment.run("pip", "check")
    environment.run(
        "python", "-W", "ignore", "-c", "import kfp, kubeflow, mlflow, trackside, trackside_server"
    )
