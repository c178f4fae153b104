"""What travels of a notebook's names, and in which form."""

import subprocess
import sys

import pytest

from trackside import TracksideError


def runs(preamble, cell, folder):
    """Run what was captured in a new process, as a job does."""
    code = f"{preamble}\n{cell}\n"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False
    )
    assert done.returncode == 0, f"{done.stderr}\n--- preamble\n{preamble}"
    return done.stdout.strip()


@pytest.fixture
def outcome(notebook, tmp_path):
    """Run cells in the notebook, then a further one elsewhere, and return what it prints."""

    def run(*cells, params=None):
        *before, last = cells
        notebook.run(*before)
        return runs(notebook.preamble(last, params=params), last, tmp_path)

    return run


@pytest.mark.parametrize(
    ("before", "cell", "expected"),
    [
        ("import math", "math.pi > 3", "import math\n"),
        ("import numpy as np", "np.pi", "import numpy as np\n"),
        ("import os.path", "os.path.sep", "import os\nimport os.path\n"),
        (
            "import xml.etree.ElementTree",
            "xml.etree.ElementTree.parse",
            "import xml\nimport xml.etree\nimport xml.etree.ElementTree\n",
        ),
        (
            "import xml.etree.ElementTree as ET",
            "ET.parse",
            "import xml.etree.ElementTree as ET\n",
        ),
        (
            "from math import pi, sin as s",
            "pi, s",
            "from math import pi\nfrom math import sin as s\n",
        ),
        ("from math import *", "cos", "from math import cos\n"),
        ("from os import path", "path", "from os import path\n"),
        (
            "from sklearn.datasets import load_digits",
            "load_digits",
            "from sklearn.datasets import load_digits\n",
        ),
        (
            "from typing import Any, Optional",
            "Optional[Any]",
            "from typing import Any\nfrom typing import Optional\n",
        ),
        (
            "from collections import defaultdict as dd",
            "dd",
            "from collections import defaultdict as dd\n",
        ),
        (
            "try:\n    import numpy as np\nexcept ImportError:\n    np = None",
            "np",
            "import numpy as np\n",
        ),
    ],
)
def test_imports_travel_as_they_were_written(notebook, before, cell, expected):
    preamble = notebook.run(before).preamble(cell)
    assert preamble == expected


@pytest.mark.parametrize(
    "value",
    [
        "None",
        "True",
        "7",
        "-0.5",
        "'ä\\n'",
        "b'x'",
        "(1,)",
        "()",
        "[1, [2]]",
        "{'a': {1: 2}}",
        "{3, 1, 2}",
        "set()",
        "frozenset([2, 1])",
        "1j",
        "range(3)",
        "slice(1, None)",
        "float('inf')",
        "...",
        "__import__('pathlib').Path('data')",
        "__import__('datetime').date(2024, 2, 29)",
        "__import__('datetime').datetime(2024, 2, 29, 1)",
        "__import__('datetime').timezone.utc",
        "__import__('datetime').timedelta(days=2)",
        "__import__('types').SimpleNamespace(lr=1)",
        "__import__('numpy').float32(0.5)",
        "__import__('numpy').int64(7)",
        "__import__('re').compile('a+', 2)",
        "__import__('logging').getLogger('mine')",
        "__import__('decimal').Decimal('1.10')",
        "__import__('collections').OrderedDict(a=1)",
        "__import__('collections').defaultdict(None, a=1)",
        "__import__('collections').Counter('aab')",
        "__import__('collections').deque([1], maxlen=2)",
    ],
)
def test_plain_values_travel_as_source(notebook, tmp_path, value):
    notebook.run(f"x = {value}")
    found = {}
    exec(notebook.preamble("x"), found)
    assert found["x"] == notebook.shell.user_ns["x"]
    assert type(found["x"]) is type(notebook.shell.user_ns["x"])


def test_a_function_brings_what_it_needs_in_turn(outcome):
    assert (
        outcome(
            "import math\nscale = 2\nunused = object()",
            "def double(x):\n    return scale * x",
            "class Area:\n    def of(self, r):\n        return round(double(math.pi * r))",
            "print(Area().of(1))",
        )
        == "6"
    )


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # recursion, mutual and direct
        (
            [
                "def even(n): return n == 0 or odd(n - 1)",
                "def odd(n): return n > 0 and even(n - 1)",
                "print(even(4))",
            ],
            "True",
        ),
        # decorators, with and without functools.wraps
        (
            [
                "from functools import wraps",
                "def twice(f):\n    @wraps(f)\n    def w(x): return f(f(x))\n    return w",
                "@twice\ndef inc(x): return x + 1",
                "print(inc(1))",
            ],
            "3",
        ),
        (
            [
                "def twice(f):\n    def w(x): return f(f(x))\n    return w",
                "@twice\ndef inc(x): return x + 1",
                "print(inc(1))",
            ],
            "3",
        ),
        (
            ["from functools import lru_cache\n@lru_cache\ndef f(x): return x", "print(f(1))"],
            "1",
        ),
        # classes
        (
            [
                "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 1",
                "print(P(2))",
            ],
            "P(x=2)",
        ),
        (["class A:\n    n = 1\nclass B(A):\n    pass", "print(B.n)"], "1"),
        (["class Z:\n    n = 1\nclass A(Z):\n    pass", "print(A.n)"], "1"),
        (
            [
                "import enum\nclass Colour(enum.Enum):\n    RED = 1",
                "def f(c=Colour.RED): return c.name",
                "print(f())",
            ],
            "RED",
        ),
        # lambdas and aliases
        (["k = 3\nf = lambda x: x * k", "print(f(2))"], "6"),
        (["def f(): return 1\ng = f", "print(g())"], "1"),
        (["f = g = lambda x: x", "print(f(1), g(2))"], "1 2"),
        # tables of functions and classes, and functions with arguments filled in
        (
            [
                "from fractions import Fraction\ndef a(): return helper()\ndef helper(): return 1",
                "table = {'a': a, 'f': [Fraction], 'n': 1}",
                "print(table['a'](), table['f'][0](2), table['n'])",
            ],
            "1 2 1",
        ),
        (["from functools import partial\nf = partial(int, base=2)", "print(f('101'))"], "5"),
        (
            [
                "def f(x, y): return x - y",
                "import functools\ng = functools.partial(f, 5)",
                "print(g(2))",
            ],
            "3",
        ),
        (
            [
                "from collections import defaultdict\nd = defaultdict(list, a=[1])",
                "d['b'].append(2)\nprint(dict(d))",
            ],
            "{'a': [1], 'b': [2]}",
        ),
        # classes and types that an assignment made
        (
            ["from collections import namedtuple\nP = namedtuple('P', 'x y')", "print(P(1, 2))"],
            "P(x=1, y=2)",
        ),
        (["from enum import Enum\nE = Enum('E', 'A B')", "print(E.B)"], "E.B"),
        (
            [
                "from typing import NewType, Optional, TypeVar\nT = TypeVar('T')",
                "U = NewType('U', int)\nO = Optional[U]\nV = list[int]\nW = int | None",
                "def f(x: T, y: O, z: V, w: W = None) -> T: return x",
                "print(f(1, 2, 3))",
            ],
            "1",
        ),
        # globals that functions set
        (
            ["n = 0\ndef inc():\n    global n\n    n += 1\n    return n", "print(inc(), inc())"],
            "1 2",
        ),
        (["def setg():\n    global res\n    res = 5", "setg()\nprint(res)"], "5"),
        # what runs while a definition is made stands above it, with all that it uses
        (
            [
                "def deco(f):\n    zero()\n    return f",
                "def zero(): one()\ndef one(): pass",
                "@deco\ndef a(): return 1",
                "print(a())",
            ],
            "1",
        ),
        (
            [
                "class Z:\n    def __init_subclass__(cls): zz(cls)",
                "def zz(c): c.n = 3",
                "class A(Z): pass",
                "print(A.n)",
            ],
            "3",
        ),
        # functions made in functions
        (
            [
                "def make(f):\n    def w(x): return f(x) + 1\n    return w\ndef base(x): return x",
                "g = make(base)",
                "print(g(1))",
            ],
            "2",
        ),
        (
            [
                'def maker(n):\n  def add(x):\n    """a\nb"""\n    return x + n\n  return add',
                "add3 = maker(3)",
                "print(add3(1), repr(add3.__doc__))",
            ],
            "4 'a\\nb'",
        ),
        # definitions below an if
        (["if True:\n    def f():\n        return 1", "print(f())"], "1"),
        # defaults are those of the moment of definition
        (["n = 1\ndef f(x=n): return x", "print(f())"], "1"),
        # redefinitions
        (["def f(): return 1", "def f(): return 2", "print(f())"], "2"),
        # text that looks like code
        (
            ['def f():\n    return """\ndef g(): pass\n"""', "print(repr(f()))"],
            "'\\ndef g(): pass\\n'",
        ),
        (["async def f(): return 1", "import asyncio\nprint(asyncio.run(f()))"], "1"),
    ],
)
def test_definitions_work_elsewhere(outcome, cells, expected):
    assert outcome(*cells) == expected


def test_params_are_not_taken_from_the_notebook(notebook):
    notebook.run("import numpy as np\nlr = np.zeros(3)\ndef f(): return lr")
    assert "lr" not in notebook.preamble("f(), lr", params={"lr": 1}).split("return lr")[0]


def test_what_the_cell_sets_itself_is_not_taken_from_the_notebook(notebook):
    notebook.run("model = object()\ndef predict(): return model")
    assert "object" not in notebook.preamble("model = 1\npredict()")


def test_what_only_a_branch_sets_is_taken_when_it_can_be(notebook):
    notebook.run("best = 1\nworst = object()")
    source = "if 0:\n    best = worst = 2\nprint(best, worst)"
    assert notebook.preamble(source) == "best = 1\n"


def test_builtins_and_ipythons_own_names_need_nothing(notebook):
    assert notebook.preamble("print(open, exit, __name__, display, len)") == ""


def test_the_same_notebook_gives_the_same_bundle(notebook):
    notebook.run("import math, os\nb = {3, 1, 2, 'x', 'y'}\na = 1")
    notebook.run("def f(): return a, b, g()\ndef g(): return math")
    notebook.write("utils.py", "x = 1")
    cells = "import utils\nprint(f(), os)"
    digests = {notebook.cell(cells).bundle().digest for _ in range(3)}
    assert len(digests) == 1
    assert notebook.cell(cells + " ").bundle().digest not in digests


def test_a_function_travels_with_what_it_needs(notebook, tmp_path):
    notebook.run("k = 2\ndef helper(x): return x * k\ndef train(lr): return helper(lr)")
    capture = notebook.function("train", params={"lr": 1})
    capture.check()
    assert capture.entry == {
        "kind": "function",
        "function": "train",
        "preamble": "__trackside__/preamble.py",
    }
    preamble = capture.contents["__trackside__/preamble.py"].decode()
    assert runs(preamble, "print(train(3))", tmp_path) == "6"
    assert sorted(capture.took) == ["helper", "k", "train"]


def test_a_function_of_a_module_is_imported_and_its_file_travels(notebook):
    notebook.write("lab.py", "def train(): return 1")
    notebook.run("from lab import train")
    capture = notebook.function("train")
    assert capture.contents["__trackside__/preamble.py"] == b"from lab import train\n"
    assert capture.contents["lab.py"] == notebook.folder / "lab.py"


def test_a_function_named_by_a_lambda_travels(notebook):
    notebook.run("train = lambda lr: lr")
    capture = notebook.function("train", params={"lr": 1})
    capture.check()
    assert capture.function == "train"


def test_params_that_do_not_fit_a_function_are_refused_at_once(notebook):
    notebook.run("def train(lr): return lr")
    with pytest.raises(TracksideError, match=r"train\(\) takes no rate\. .* train\(lr\)"):
        notebook.function("train", params={"rate": 1})
    with pytest.raises(TracksideError, match=r"train\(\) needs the params lr\. "):
        notebook.function("train")


def test_annotations_that_the_notebook_never_evaluates_are_not_evaluated_in_the_job(notebook):
    notebook.run("from __future__ import annotations", "def f(x: Later) -> Never: return x")
    capture = notebook.cell("y: Nowhere = 1\ndef g(z: Nothing): return z\nprint(f(g(y)))")
    capture.check()
    preamble = capture.contents["__trackside__/preamble.py"].decode()
    assert preamble.startswith("from __future__ import annotations\n")
    assert capture.entry["lazy_annotations"] is True
