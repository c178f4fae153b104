"""What Binder does with the folder ``binder``, in an environment of its own."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.timeout(900)

TOOLS = "/usr/local/bin:/usr/bin:/bin"


def test_the_steps_of_binder_install_trackside_and_start_a_server_that_has_it(
    bare_environment, source
) -> None:
    bare_environment.run("binder/postBuild", cwd=source, path=TOOLS)
    listed = bare_environment.run(
        "binder/start", "jupyter", "server", "extension", "list", cwd=source, path=TOOLS
    )
    assert "trackside_server" in listed
    for package in ("jupyterlab", "mlflow", "sklearn", "pandas", "matplotlib"):
        bare_environment.run("python", "-W", "ignore", "-c", f"import {package}")
