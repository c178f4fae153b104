"""Start a job: ``python bootstrap.py <job_dir>/launch-<n>.json``.

Run by its path with the Python of the job, which may have no `trackside`. The folder is loaded as
a package of its own, so that none of its modules can shadow one of the user's.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path


def main() -> int:
    """Run the job and return its exit code."""
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        "_trackside_job", str(folder / "__init__.py"), submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["_trackside_job"] = package
    spec.loader.exec_module(package)
    # Python puts the folder of a script first on the path: the job must not see this one.
    if sys.path and Path(sys.path[0]).resolve() == folder:
        del sys.path[0]
    code: int = importlib.import_module("_trackside_job.run").run(Path(sys.argv[1]))
    return code


if __name__ == "__main__":
    sys.exit(main())
