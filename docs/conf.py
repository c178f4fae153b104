"""Configuration of the documentation."""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

package = json.loads((HERE.parent / "package.json").read_text())

project = "Trackside"
author = "Trackside contributors"
project_copyright = "2026, Trackside contributors"
version = release = package["version"]

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "trackside_pictures",
    "trackside_reference",
]
exclude_patterns = ["_build", "_extensions"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = False
nitpicky = False

html_theme = "pydata_sphinx_theme"
html_title = "Trackside"
html_static_path = ["_static"]
html_css_files = ["trackside.css"]
html_show_sourcelink = False
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
}
