"""The reference says everything: what a user can set, call, type or listen to stands in it."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory):
    """Build the documentation, with warnings as errors, and return the text of its pages."""
    out = tmp_path_factory.mktemp("html")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", out],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    def text(name: str) -> str:
        source = (out / f"{name}.html").read_text()
        main = source[source.index("<article") : source.index("</article>")]
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", main)))

    return text


def test_every_setting_of_the_server_is_documented(page) -> None:
    from trackside_server.app import Trackside

    reference = page("reference/configuration")
    for name, trait in Trackside.class_own_traits(config=True).items():
        assert f"c.Trackside.{name}" in reference
        assert trait.help.strip(), f"c.Trackside.{name} has no help text"


def test_every_reason_why_a_pipeline_is_refused_is_documented_and_so_are_the_limits(page) -> None:
    from trackside_server.pipelines.expressions import lexing
    from trackside_server.pipelines.ir import archives, checks, mistakes, names, yamltext

    reference = page("reference/pipelines-ir")
    for code in get_args(mistakes.Code):
        assert code in reference
    assert f"{archives.MAX_FILE // 2**20} MiB" in reference
    assert f"{names.MAX_NAME} bytes" in reference
    for limit in (
        yamltext.MAX_VALUES,
        yamltext.MAX_DEPTH,
        checks.MAX_TASKS,
        checks.MAX_NESTING,
        lexing.MAX_LENGTH,
    ):
        assert f"{limit:,}" in reference


def test_every_event_and_each_of_its_fields_is_documented(page) -> None:
    reference = page("reference/events")
    schemas = sorted((ROOT / "server_ext/trackside_server/event_schemas").glob("*/v*.yaml"))
    assert schemas
    for file in schemas:
        schema = yaml.safe_load(file.read_text())
        assert schema["$id"] in reference
        assert "personal-data" in schema
        for name, field in schema["properties"].items():
            assert name in reference
            assert field["description"].strip()


def test_every_route_that_the_server_has_is_documented(page) -> None:
    from trackside_server import openapi

    reference = page("reference/rest")
    for path, verbs in openapi.document()["paths"].items():
        for verb in set(verbs) - {"parameters"}:
            assert f"{verb.upper()} {path}" in reference


def test_every_setting_of_the_front_end_is_documented(page) -> None:
    reference = page("reference/settings")
    for file in (ROOT / "labextension/schema").glob("*.json"):
        for name, setting in json.loads(file.read_text()).get("properties", {}).items():
            assert name in reference
            assert setting["title"] in reference


def test_every_command_of_the_front_end_is_documented(page) -> None:
    reference = page("reference/commands")
    ids = re.findall(r"'(trackside:[\w-]+)'", (ROOT / "labextension/src/commands.ts").read_text())
    assert ids
    for identifier in ids:
        assert identifier in reference


def test_every_magic_and_each_of_its_options_is_documented(page) -> None:
    from trackside import _arguments

    reference = page("reference/magics")
    for command in _arguments.MAGICS:
        assert f"%{command.name}" in reference
        for option in command.at(_arguments.MAGIC):
            assert (option.metavar if option.positional else option.names[0]) in reference


def test_every_subcommand_and_each_of_its_options_is_documented(page) -> None:
    from trackside import _arguments

    reference = page("reference/command-line")
    for command in _arguments.COMMANDS:
        assert f"trackside {command.name}" in reference
        for option in command.at(_arguments.CLI):
            assert (option.metavar if option.positional else option.names[0]) in reference


def test_every_public_function_is_documented_with_its_docstring(page) -> None:
    import trackside
    from trackside import pipelines

    reference = page("reference/python")
    public = [(module, name) for module in (trackside, pipelines) for name in module.__all__]
    for module, name in public:
        assert f"{module.__name__}.{name}" in reference
        summary = getattr(module, name).__doc__.strip().splitlines()[0]
        assert re.sub(r"[`*]", "", summary).strip() in re.sub(r"[`*]", "", reference)


def test_every_command_of_the_makefile_has_a_line_of_help() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)
    shown = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in targets:
        assert f"make {target} " in shown


def test_every_link_between_the_pages_of_the_repository_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        if "_build" in page.parts:
            continue
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text()):
            home = ROOT if page.name == "CONTRIBUTING.md" else page.parent
            assert (home / target).exists(), f"{page.relative_to(ROOT)} links to {target}"
