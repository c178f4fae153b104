"""What cannot travel is refused all at once, with its name, what it is and what to do."""

import pytest

from trackside import CannotTravel, TracksideError

REFUSED = {
    "import numpy as np\nX = np.zeros((1797, 64))": (
        "X: ndarray (1797, 64) — data does not travel; "
        "load it in the cell, or save it and add --file X.npy"
    ),
    "import pandas as pd\nX = pd.DataFrame({'a': [1, 2]})": (
        "X: DataFrame (2, 1) — data does not travel; "
        "load it in the cell, or save it and add --file X.parquet"
    ),
    "X = list(range(100_000))": (
        "X: list of 100000 items — values up to 64 kB travel; "
        "load it in the cell, or save it and add --file X.json"
    ),
    "X = 'x' * 70_000": (
        "X: str of 70 kB — values up to 64 kB travel; "
        "load it in the cell, or save it and add --file X.json"
    ),
    "import numpy as np\nX = [np.zeros(3)]": (
        "X: list of 1 item — it holds a ndarray (3,), which does not travel; build it in the cell"
    ),
    "from sklearn.linear_model import LinearRegression\nX = LinearRegression()": (
        "X: LinearRegression — objects do not travel; "
        "make it in the cell, or in a function that the cell calls"
    ),
    "X = (i for i in ())": (
        "X: generator — it belongs to this kernel's process; make it in the cell"
    ),
    "import threading\nX = threading.Lock()": (
        "X: lock — it belongs to this kernel's process; make it in the cell"
    ),
    "X = {}\nX['self'] = X": ("X: dict of 1 item — it is nested too deeply; build it in the cell"),
    "class A: pass\nX = A()": (
        "X: A — objects do not travel; make it in the cell, or in a function that the cell calls"
    ),
    "class A:\n    def f(self): pass\nX = A().f": (
        "X: method f of A — it is bound to an object; make the object in the cell"
    ),
    "exec('def X(): pass')": (
        "X: function X — its source is not known; define it in a cell with def"
    ),
    "X = [lambda: 1][0]": (
        "X: function <lambda> — its source is not known; define it in a cell with def"
    ),
    "exec('class X: pass')": "X: class X — its source is not known; define it in a cell",
    "import types\nX = types.ModuleType('made')": (
        "X: module made — it cannot be imported by its name; "
        "put its code into a file beside the notebook"
    ),
    "import enum\nclass E(enum.Enum):\n    A = 1\nX = E.A": (
        "X: E — objects do not travel; make it in the cell, or in a function that the cell calls"
    ),
    "": "X — used in line 1, but not defined in the notebook",
}


@pytest.mark.parametrize("before", REFUSED)
def test_each_thing_says_what_it_is_and_what_to_do(notebook, before):
    assert notebook.run(before).refused("X") == {"X": REFUSED[before]}


def test_all_of_it_is_named_at_once(notebook):
    notebook.run("import numpy as np\nX = np.zeros(3)\nf = open('x.txt', 'w')")
    with pytest.raises(CannotTravel) as caught:
        notebook.cell("print(X, f, nothing)\n!ls").check()
    notebook.shell.user_ns["f"].close()
    text = str(caught.value)
    assert text.startswith("4 things that the cell needs cannot travel with it:\n  X: ndarray (3,)")
    assert "f: TextIOWrapper — it belongs to this kernel's process" in text
    assert "line 2: !ls — use subprocess.run in the cell" in text
    assert "nothing — used in line 1, but not defined in the notebook" in text
    assert len(caught.value.refused) == 4


def test_lines_are_counted_as_the_user_sees_them(notebook):
    assert notebook.refused("\nnothing\n%timeit x", first_line=2) == {
        "line 4": "line 4: %timeit x — jobs run plain Python; take this line out of the cell",
        "nothing": "nothing — used in line 3, but not defined in the notebook",
    }


def test_a_name_missing_in_a_helper_names_the_helper(notebook):
    notebook.run("def helper(): return nothing")
    assert notebook.refused("helper()") == {
        "nothing": "nothing — used in helper(), but not defined in the notebook"
    }


def test_a_table_names_what_in_it_cannot_travel(notebook):
    notebook.run("table = {'f': lambda: 1}")
    assert (
        "it holds a function <lambda>, which does not travel" in notebook.refused("table")["table"]
    )


def test_a_closure_over_an_object_names_what_it_holds(notebook):
    notebook.run("def maker(m):\n    def f(): return m\n    return f\nf = maker(object())")
    assert "it holds on to m (object); pass that as a param" in notebook.refused("f()")["f"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HF_TOKEN", "x"),
        ("api_key", "x"),
        ("db_password", "x"),
        ("key", "sk-" + "a" * 40),
        ("header", "Bearer hf_" + "a" * 30),
    ],
)
def test_secrets_are_refused_with_the_way_to_pass_them(notebook, name, value):
    notebook.run(f"{name} = {value!r}")
    found = notebook.refused(f"print({name})")[name]
    assert "looks like a secret" in found
    assert f"--env {name}" in found
    assert value not in found


@pytest.mark.parametrize("name", ["tokens_per_batch", "tokenizer_name", "keys", "monkey"])
def test_names_that_only_sound_alike_are_no_secrets(notebook, name):
    notebook.run(f"{name} = 'x'")
    assert notebook.refused(f"print({name})") == {}


@pytest.mark.parametrize("name", ["_", "Out", "In"])
def test_the_history_stays_in_the_notebook(notebook, name):
    notebook.run("1 + 1")
    assert "the history of the notebook does not travel" in notebook.refused(f"print({name})")[name]


def test_get_ipython_is_refused(notebook):
    assert "jobs run plain Python" in notebook.refused("get_ipython()")["get_ipython"]


@pytest.mark.parametrize(
    "line",
    ["%matplotlib inline", "%config InlineBackend.figure_format = 'retina'", "%autoreload 2"],
)
def test_magics_that_only_change_the_looks_are_dropped(notebook, line):
    capture = notebook.cell(f"{line}\nx = 1\nif x:\n    {line}\n")
    assert capture.refused == []
    assert capture.contents["__trackside__/cell.py"] == b"\nx = 1\nif x:\n    pass\n"


@pytest.mark.parametrize(
    "line", ["!pip install x", "x = !ls", "%time f()", "x?", "?x", "x = %sql select", "%cd data"]
)
def test_other_notebook_syntax_is_refused_with_its_line(notebook, line):
    found = notebook.refused(f"y = 1\n{line}")
    assert list(found) == ["line 2"]
    assert line in found["line 2"]


def test_a_cell_of_another_language_is_refused(notebook):
    assert list(notebook.refused("%%bash\nls -l | grep x")) == ["line 1"]


def test_a_percent_sign_of_python_is_no_magic(notebook):
    assert notebook.refused("x = (5\n  % 3)\ns = '''\n!ls\n'''") == {}


def test_a_syntax_error_is_told_with_its_line(notebook):
    with pytest.raises(TracksideError, match="not valid Python: line 3: "):
        notebook.cell("x = 1\nif x\n", first_line=2)


def test_a_param_that_the_cell_would_overwrite_is_refused(notebook):
    found = notebook.refused("lr = 0.1\nprint(lr)", params={"lr": 1})
    assert found["lr"].startswith("lr: param — the cell sets lr itself")


@pytest.mark.parametrize("cell", ["lr = float(lr)", "lr *= 2", "if lr:\n    lr = 2"])
def test_a_param_that_the_cell_reads_first_is_fine(notebook, cell):
    assert notebook.refused(cell, params={"lr": 1}) == {}


def test_a_param_that_nothing_reads_is_noted(notebook):
    assert notebook.cell("x = 1", params={"lr": 1}).notes == ["The code does not use the param lr."]


def test_a_class_that_was_changed_after_it_was_made_is_refused(notebook):
    notebook.run("class A: pass", "def f(self): return 1", "A.f = f")
    assert notebook.refused("A")["A"] == (
        "A: class A — f was set after the class was made; write it into the class"
    )


def test_a_generic_function_with_registered_ones_is_refused(notebook):
    notebook.run(
        "from functools import singledispatch\n@singledispatch\ndef f(x): pass",
        "@f.register\ndef _(x: int): pass",
    )
    assert "the functions registered with it do not travel" in notebook.refused("f(1)")["f"]


def test_automatic_logging_of_another_cell_is_noted(notebook):
    notebook.run("class mlflow:\n    autolog = print", "mlflow.autolog()")
    assert "autolog() was called in another cell" in notebook.cell("print(1)").notes[0]
    assert notebook.cell("mlflow.autolog()").notes == []


def test_what_star_imports_may_bring_is_not_refused(notebook):
    notebook.write("stars.py", "moon = 1")
    assert notebook.refused("from stars import *\nprint(moon)") == {}
    assert "sun" in notebook.refused("from stars import *\nprint(sun)")
