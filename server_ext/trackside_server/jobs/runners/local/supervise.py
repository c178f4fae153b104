"""The program of a supervisor: run by path, so it is compiled anew each time and holds little."""

from __future__ import annotations

import os
import sys

# The package is found whatever the environment says, and no module beside this file hides one of
# the standard library.
sys.path[0] = __file__.rsplit("/", 5)[0]

from trackside_server.jobs.runners.local.supervisor import run  # noqa: E402

# All is written by now: there is nothing to take down in an orderly way.
os._exit(run(sys.argv[1:]))
