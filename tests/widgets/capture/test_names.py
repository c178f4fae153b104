"""Which names code needs from outside."""

import ast
import sys

import pytest

from trackside._capture.names import analyse


def needs(source):
    found = analyse(ast.parse(source))
    return set(found.required), set(found.optional)


REQUIRED = {
    # reading and setting
    "x": {"x"},
    "x = 1\nx": set(),
    "x = x": {"x"},
    "x += 1": {"x"},
    "x[0] = 1": {"x"},
    "x.y = 1": {"x"},
    "x: int = y": {"int", "y"},
    "x: A": {"A"},
    "del x": {"x"},
    "a, (b, *c) = d\na, b, c": {"d"},
    "(y := x)\ny": {"x"},
    "print(f'{x!r:>{width}} {y=}')": {"print", "x", "width", "y"},
    # what imports bind
    "import a.b.c\na": set(),
    "import a.b as c\nc": set(),
    "from a import b, c as d\nb, d": set(),
    # functions
    "def f(): return x": {"x"},
    "def f(x): return x": set(),
    "def f(*a, k=1, **kw): return a, k, kw": set(),
    "def f():\n    x = 1\n    return x": set(),
    "def f():\n    return y\ny = 1": set(),
    "def f():\n    global g\n    g = 1\nf()\ng": set(),
    "def f():\n    global g\n    return g": {"g"},
    "def f():\n    a = 1\n    def g():\n        nonlocal a\n        a = 2\n    return g": set(),
    "def f(): return f()": set(),
    "def f(x=y): pass": {"y"},
    "def f(x: A) -> B: pass": {"A", "B"},
    "@deco(arg)\ndef f(): pass": {"deco", "arg"},
    "def f():\n    x: NotEvaluated = 1\n    return x": set(),
    "lambda a, b=c: a + b + d": {"c", "d"},
    "async def f():\n    async with a as b:\n        async for c in b:\n            await c": {"a"},
    "def f():\n    import os\n    return os": set(),
    "def f():\n    try:\n        pass\n    except E as e:\n        return e": {"E"},
    "def f():\n    if (n := g()):\n        return n": {"g"},
    "def f():\n    return [y for x in xs if (y := x)], y": {"xs"},
    # comprehensions
    "[x for x in xs]": {"xs"},
    "[x for x in x]": {"x"},
    "[a + b for a in xs for b in a if b > c]": {"xs", "c"},
    "{k: v for k, v in d.items()}": {"d"},
    "[(y := x) for x in xs]\ny": {"xs"},
    "[x for x in xs]\nx": {"xs", "x"},
    "[f(x) for x in range(n)]": {"f", "range", "n"},
    # classes
    "class A(B, metaclass=M):\n    x = y\n    z = x": {"B", "M", "y"},
    "class A:\n    x = 1\n    def f(self): return x": {"x"},
    "class A:\n    def f(self): return A": set(),
    "class A:\n    xs = [1]\n    ys = [x for x in xs]": set(),
    "class A:\n    n = 2\n    ys = [n for x in ()]": {"n"},
    "class A:\n    def f(self): return __class__": set(),
    "class A:\n    x = x": {"x"},
    "@dataclass\nclass A:\n    x: int = field(default=d)": {"dataclass", "int", "field", "d"},
    # control flow
    "for i in xs:\n    pass\ni": {"xs"},
    "for i in xs:\n    t = t + i": {"xs", "t"},
    "for i in xs:\n    loss = i\nloss": {"xs"},
    "while c:\n    c = f()": {"c", "f"},
    "with a as b:\n    c = b\nc": {"a"},
    "if c:\n    x = 1\nelse:\n    x = 2\nx": {"c"},
    "if c:\n    x = 1\nelse:\n    raise E\nx": {"c", "E"},
    "if c:\n    x = 1\nelif d:\n    x = 2\nelse:\n    x = 3\nx": {"c", "d"},
    "try:\n    import a\nexcept ImportError:\n    a = None\na": {"ImportError"},
    "try:\n    x = f()\nfinally:\n    g()\nx": {"f", "g"},
    "try:\n    pass\nexcept E as e:\n    e": {"E"},
    "match v:\n    case {'a': a, **r}: print(a, r)\n    case [x, *y] | x: pass": {"v", "print"},
    "match v:\n    case P(x=a) if a > b: pass": {"v", "P", "b"},
    "from __future__ import annotations\ndef f(x: A) -> B: pass": set(),
    # names that are certainly read before they are set later on
    "print(x)\nx = 1": {"print", "x"},
    "for i in xs:\n    x = g(x)": {"xs", "g", "x"},
}

OPTIONAL = {
    "if c:\n    x = 1\nx": {"x"},
    "for i in xs:\n    if i:\n        print(prev)\n    prev = i": {"prev"},
    "try:\n    pass\nexcept E:\n    x = 1\nx": {"x"},
    "for i in xs:\n    if i and last:\n        pass\n    last = i": {"last"},
    "from __future__ import annotations\ndef f(x: A): pass": {"A"},
    "match v:\n    case 1:\n        x = 1\nx": {"x"},
}


@pytest.mark.parametrize("source", REQUIRED)
def test_the_names_that_code_needs(source):
    assert needs(source)[0] == REQUIRED[source]


@pytest.mark.parametrize("source", OPTIONAL)
def test_the_names_that_code_may_need(source):
    assert needs(source)[1] == OPTIONAL[source]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f[T: Bound](x: T) -> T: return x", set()),
        ("class A[T](Base[T]): pass", {"Base"}),
        ("type X[T] = list[T] | Later\nX", {"list", "Later"}),
    ],
)
def test_type_parameters_are_names_of_their_own(source, expected):
    assert needs(source)[0] == expected


def test_names_set_before_they_are_read_are_told_apart():
    found = analyse(ast.parse("a = 1\nb = b\nif a:\n    c = 1\nfor d in a:\n    pass"))
    assert found.overwritten == {"a", "d"}
    assert found.stored == {"a", "b", "c", "d"}


def test_names_needed_at_once_are_told_from_those_needed_later():
    found = analyse(ast.parse("@deco\ndef f(x=default):\n    return later"))
    assert found.immediate == {"deco", "default"}


def test_dotted_paths_are_kept():
    found = analyse(ast.parse("np.random.rand(x.shape[0])"))
    assert found.chains == {"np": {"np.random.rand"}, "x": {"x.shape"}}
