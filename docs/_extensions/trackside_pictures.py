"""The pictures of the gallery: each in the theme of the page that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

FOLDER = "_static/screenshots/gallery"
THEMES = ("light", "dark")


class Picture(SphinxDirective):
    """A sentence and the picture of which it speaks, light and dark."""

    required_arguments = 1
    has_content: ClassVar[bool] = True

    def run(self) -> list[nodes.Node]:
        """Draw both; the page shows the one of its own theme."""
        sentence = self.parse_content_to_nodes()
        said = " ".join(node.astext() for node in sentence).rstrip(".")
        images = [
            nodes.image(
                uri=f"{FOLDER}/{self.arguments[0]}-{theme}.png", alt=said, classes=[f"only-{theme}"]
            )
            for theme in THEMES
        ]
        return [*sentence, *images]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive."""
    app.add_directive("picture", Picture)
    return {"version": "1", "parallel_read_safe": True}
