"""What the wheel holds: the two packages, the labextension, the server's configuration, no more."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

DATA = re.compile(r"^trackside-[\d.]+\.data/data/")
INFO = re.compile(r"^trackside-[\d.]+\.dist-info/")
LABEXTENSION = "share/jupyter/labextensions/trackside/"
# Bundler output: named by content hash, so the names change and their shapes stay.
CHUNK = re.compile(r"^static/(remoteEntry\.)?[\w-]+(\.[0-9a-f]{8,})?\.js(\.LICENSE\.txt)?$")
SOURCE_MAP = re.compile(rb"^//# sourceMappingURL=.*", re.MULTILINE)
# The builder keeps package.json as it was beside the settings schemas.
SCHEMA = re.compile(r"^schemas/trackside/([\w-]+\.json|package\.json\.orig)$")
FIXED = {"install.json", "package.json", "static/style.js", "static/third-party-licenses.json"}


@pytest.fixture(scope="session")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_packages_in_the_wheel_are_exactly_the_tracked_ones(
    names: set[str], source: Path
) -> None:
    packages = {name for name in names if not DATA.match(name) and not INFO.match(name)}
    expected = {
        str(path.relative_to(source / home))
        for home, package in (("server_ext", "trackside_server"), ("widgets", "trackside"))
        for path in (source / home / package).rglob("*")
        if path.is_file()
    }
    assert packages == expected | {"trackside_server/_version.py"}


def test_the_wheel_carries_the_widgets_and_the_marker_that_it_is_typed(names: set[str]) -> None:
    assert {
        *(f"trackside/static/{name}.js" for name in ("compare", "job", "model", "run", "runs")),
        *(f"trackside/static/{name}.css" for name in ("charts", "job", "views")),
        "trackside/py.typed",
        "trackside_server/py.typed",
    } <= names


def test_beside_the_packages_the_wheel_holds_only_the_labextension_and_the_server_configuration(
    names: set[str],
) -> None:
    data = {DATA.sub("", name) for name in names if DATA.match(name)}
    configuration = {"etc/jupyter/jupyter_server_config.d/trackside_server.json"}
    assert configuration <= data
    rest = {name.removeprefix(LABEXTENSION) for name in data - configuration}
    unknown = {name for name in rest - FIXED if not CHUNK.match(name) and not SCHEMA.match(name)}
    assert unknown == set()
    assert FIXED - {"static/third-party-licenses.json"} <= rest
    assert "schemas/trackside/plugin.json" in rest


def test_the_wheel_carries_its_licence(names: set[str]) -> None:
    assert any(re.search(r"dist-info/licenses/LICENSE$", name) for name in names)


def test_the_wheel_holds_no_source_map_no_build_log_and_no_path_of_the_build_machine(
    wheel: Path, source: Path
) -> None:
    root = str(Path(__file__).resolve().parents[2])
    suspicious = [root.encode(), str(source).encode(), b"/node_modules/.bin"]
    found = []
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith((".map", "build_log.json")):
                found.append(name)
            content = archive.read(name)
            found += [f"{name}: {text.decode()}" for text in suspicious if text in content]
            found += [f"{name}: {url.decode()}" for url in SOURCE_MAP.findall(content)]
    assert found == []


def test_the_front_end_and_the_wheel_have_one_version(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (package,) = (
            name for name in archive.namelist() if name.endswith(LABEXTENSION + "package.json")
        )
        version = json.loads(archive.read(package))["version"]
    assert wheel.name.startswith(f"trackside-{version}-py3-none-any")
