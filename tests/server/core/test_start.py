"""What a start of the Jupyter server costs."""

from __future__ import annotations

import json
import subprocess
import sys

# Loaded as a server does it. What is a dataclass by then was compiled for that.
COMPILED = """
import json, sys
from trackside_server import _jupyter_server_extension_points

_jupyter_server_extension_points()
ours = [module for name, module in sys.modules.items() if name.startswith("trackside_server.")]
found = {
    thing
    for module in ours
    for thing in vars(module).values()
    if isinstance(thing, type)
    and thing.__module__.startswith("trackside_server.")
    and "__dataclass_fields__" in vars(thing)
}
print(json.dumps([f"{thing.__module__}.{thing.__name__}" for thing in found]))
"""


def test_a_start_compiles_no_classes_but_those_that_hold_a_secret() -> None:
    told = subprocess.run(
        [sys.executable, "-c", COMPILED], check=True, capture_output=True, text=True
    )
    assert sorted(json.loads(told.stdout)) == [
        "trackside_server.cluster.access.Access",
        "trackside_server.imports.sources.Place",
        "trackside_server.outside.credentials.Credentials",
    ]
