"""The tests' pipelines, compiled as their users compile them: by the stock SDK."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from tests.kfp_clients import NEWEST

from trackside_server.pipelines.ir.parsing import parse
from trackside_server.pipelines.ir.reading import of_json

SAMPLES = Path(__file__).parent / "samples"
CONSTRUCTS = SAMPLES / "constructs.py"


@lru_cache
def compiled(path=CONSTRUCTS, client=NEWEST):
    """The text of each pipeline of a Python file, by the name of its function."""
    return client.run(SAMPLES / "compile_all.py", str(path), env=dict(os.environ))


def load_json(value):
    """The pipeline of a document as a request brings it."""
    return parse(of_json(value))
