"""Directives that write the reference from the sources, so that it cannot say something else.

Each directive takes its facts from the one place where the product has them: the traits of the
extension, the OpenAPI file, the event schemas, the settings schema, the table of job options.
"""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from docutils import nodes
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "server_ext" / "trackside_server"
KFP = "/apis/v2beta1"
KFP_SERVER = "/kfp/apis/v2beta1"
COMMAND = re.compile(r"/\*\* (.+?) \*/\s+\w+: '(trackside:[\w-]+)'")


def entry(term: str, *paragraphs: str) -> str:
    """Return one entry of a MyST definition list."""
    body = "\n\n".join(paragraph.strip() for paragraph in paragraphs if paragraph.strip())
    return f"{term}\n: " + body.replace("\n", "\n  ") + "\n"


def _own_traits(extension: Any) -> dict[str, Any]:
    """Give the traits of the extension and of those of its parts that are Trackside's."""
    return {
        name: trait
        for part in reversed(extension.__mro__)
        if part.__module__.startswith("trackside_server")
        for name, trait in part.class_own_traits(config=True).items()
    }


def traits() -> Iterator[str]:
    """Describe the configurable traits of the extension."""
    from trackside_server.app import Trackside

    for name, trait in sorted(_own_traits(Trackside).items()):
        # Defaults that depend on the machine are said in the help text.
        is_fixed = f"_default_{name}" not in vars(Trackside)
        default = f", default `{trait.default_value_repr()}`" if is_fixed else ""
        yield entry(
            f"`c.Trackside.{name}`",
            f"{type(trait).__name__}{default}.",
            inspect.cleandoc(trait.help),
        )


def events() -> Iterator[str]:
    """Describe the event schemas."""
    for file in sorted((SERVER / "event_schemas").glob("*/v*.yaml")):
        schema = yaml.safe_load(file.read_text())
        yield f"## {schema['title']}\n\n`{schema['$id']}`, version {schema['version']}"
        yield str(schema.get("description", ""))
        yield "".join(
            entry(f"`{name}`", " ".join(str(field["description"]).split()))
            for name, field in schema["properties"].items()
        )


def settings() -> Iterator[str]:
    """Describe the settings of the front end."""
    for file in sorted((ROOT / "labextension" / "schema").glob("*.json")):
        schema = json.loads(file.read_text())
        for name, setting in schema.get("properties", {}).items():
            yield entry(
                f"`{name}`",
                f"**{setting['title']}.** {setting['description']}",
                f"Default: `{json.dumps(setting.get('default'))}`.",
            )


def routes() -> Iterator[str]:
    """Describe the routes of Trackside's own REST API."""
    yield "These lie below `<base_url>/trackside/api/v1`."
    yield from described_routes(lambda path: not path.startswith((KFP, KFP_SERVER)))


def kfp_routes() -> Iterator[str]:
    """Describe the routes of KFP's REST API that are served."""
    yield f"These lie below `<base_url>/trackside{KFP}`."
    yield from described_routes(lambda path: path.startswith(KFP))


def kfp_server_routes() -> Iterator[str]:
    """List the routes of a KFP server behind this one: what they take and give is said above."""
    from trackside_server import openapi

    for path, verbs in openapi.document()["paths"].items():
        for verb in verbs:
            if path.startswith(KFP_SERVER) and verb != "parameters":
                yield f"- `{verb.upper()} {path}`"


def described_routes(wanted: Callable[[str], bool]) -> Iterator[str]:
    """Describe some of the routes in the description of the REST API."""
    from trackside_server import openapi

    document = openapi.document()
    shared = document["components"]["responses"]
    for path, verbs in document["paths"].items():
        if not wanted(path):
            continue
        for verb, operation in verbs.items():
            if verb == "parameters":
                continue
            answers = (
                f"{code}: {said(answer, shared)}" for code, answer in operation["responses"].items()
            )
            yield entry(
                f"`{verb.upper()} {path}`",
                operation["summary"],
                operation.get("description", ""),
                f"*Answers* — {' '.join(answers)}",
            )


def said(answer: dict[str, Any], shared: dict[str, Any]) -> str:
    """Return the description of an answer, which may stand among the shared ones."""
    reference = answer.get("$ref")
    found = shared[reference.rsplit("/", 1)[-1]] if reference else answer
    return str(found["description"])


def mlflow_routes() -> Iterator[str]:
    """List the routes of MLflow's REST protocol that are served."""
    from trackside_server.protocol import routes as table

    for route in (*table.ROUTES, *table.FILE_ROUTES):
        yield f"- `{route.method} {route.url}`"


def magics() -> Iterator[str]:
    """Describe the magics and their options."""
    from trackside import _arguments

    for command in _arguments.MAGICS:
        percent = "%%" if command.cell else "%"
        yield from described(command, _arguments.MAGIC, f"{percent}{command.name}")


def command_line() -> Iterator[str]:
    """Describe the subcommands of the command line and their options."""
    from trackside import _arguments

    for command in _arguments.COMMANDS:
        yield from described(command, _arguments.CLI, f"trackside {command.name}")


def described(command: Any, door: str, title: str) -> Iterator[str]:
    """Describe a command as it is typed at a door."""
    yield f"## `{title}`\n\n{command.help}"
    for option in command.at(door):
        value = f" {option.metavar}" if option.metavar and not option.positional else ""
        names = ", ".join(f"`{name}{value}`" for name in option.names)
        yield entry(f"`{option.metavar}`" if option.positional else names, option.help)


def commands() -> Iterator[str]:
    """Describe the commands of the front end, by the comments beside their ids."""
    text = (ROOT / "labextension" / "src" / "commands.ts").read_text()
    for comment, identifier in COMMAND.findall(text):
        yield entry(f"`{identifier}`", re.sub(r"\{@link (\w+)\}", r"`\1`", comment))


def python() -> Iterator[str]:
    """Describe the public names of the package `trackside`."""
    import trackside

    yield from _public(trackside)


def python_pipelines() -> Iterator[str]:
    """Describe the public names of the module `trackside.pipelines`."""
    from trackside import pipelines

    yield from _public(pipelines)


def _public(module: Any) -> Iterator[str]:
    for name in module.__all__:
        kind = "autoclass" if inspect.isclass(getattr(module, name)) else "autofunction"
        members = ":members:\n" if kind == "autoclass" else ""
        yield f"```{{eval-rst}}\n.. {kind}:: {module.__name__}.{name}\n   {members}\n```"


SOURCES = {
    "trackside-traits": traits,
    "trackside-events": events,
    "trackside-settings": settings,
    "trackside-routes": routes,
    "trackside-mlflow-routes": mlflow_routes,
    "trackside-kfp-routes": kfp_routes,
    "trackside-kfp-server-routes": kfp_server_routes,
    "trackside-magics": magics,
    "trackside-command-line": command_line,
    "trackside-commands": commands,
    "trackside-python": python,
    "trackside-python-pipelines": python_pipelines,
}


class Reference(SphinxDirective):
    """Put what a source says in the place of the directive."""

    def run(self) -> list[nodes.Node]:
        """Return the parsed text of the source that the directive is named after."""
        source: Any = SOURCES[self.name]
        for file in (inspect.getsourcefile(source), *map(str, SERVER.rglob("*.yaml"))):
            self.env.note_dependency(str(file))
        return self.parse_text_to_nodes("\n\n".join(source()), allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    for name in SOURCES:
        app.add_directive(name, Reference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
