"""The package costs next to nothing to import."""

import subprocess
import sys
import time

import trackside

HEAVY = {
    "IPython",
    "anywidget",
    "asyncio",
    "http.client",
    "ipywidgets",
    "jupyter_server",
    "kubernetes",
    "mlflow",
    "numpy",
    "pandas",
    "ssl",
    "tornado",
    "trackside_server",
    "traitlets",
    "urllib.request",
}


def _python(code, timeout=60):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=timeout
    )
    return done.stdout


def test_importing_it_loads_nothing_heavy():
    loaded = set(_python("import sys, trackside; print(*sys.modules)").split())
    assert loaded & HEAVY == set()
    assert {name for name in loaded if name.startswith("trackside.")} == set()


def test_importing_it_takes_less_than_50_ms_over_a_bare_python():
    # Of a processor: on a busy machine others have it in between.
    code = "import time; a = time.process_time(); import trackside; print(time.process_time() - a)"
    assert min(float(_python(code)) for _ in range(5)) < 0.05


def test_submitting_needs_the_standard_library_only():
    code = (
        "import sys, trackside._submit, trackside._job, trackside._capture, trackside._client;"
        "print(*{name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    )
    site = {"trackside", "__editable__", "sitecustomize", "usercustomize", "__main__"}
    loaded = {name for name in _python(code).split() if not name.startswith("_")}
    assert loaded - site <= {"google", "mpl_toolkits", "sphinxcontrib", "distutils-precedence"}


def test_every_public_name_can_be_used():
    for name in trackside.__all__:
        assert getattr(trackside, name) is not None
    assert set(trackside.__all__) <= set(dir(trackside))
    assert trackside.__version__.count(".") == 2


def test_every_public_name_can_be_the_first_one_that_is_used():
    code = (
        "import os, trackside\nfor name in trackside.__all__:\n"
        # A forked child has loaded nothing yet.
        "    child = os.fork()\n"
        "    if child == 0:\n        getattr(trackside, name); os._exit(0)\n"
        "    assert os.waitpid(child, 0)[1] == 0, name\n"
    )
    # As many as there are names, and some load much.
    _python(code, timeout=150)


def test_a_name_that_is_not_there_is_told_as_usual():
    start = time.perf_counter()
    assert not hasattr(trackside, "no_such_name")
    assert time.perf_counter() - start < 1
