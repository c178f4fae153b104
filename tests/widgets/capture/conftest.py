"""A notebook: a real IPython session in a folder of its own."""

import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from trackside import _capture


class Notebook:
    """Cells that were executed, and captures of further ones."""

    def __init__(self, folder):
        self.folder = folder
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.ipython_dir = str(folder / ".ipython")
        self.shell = InteractiveShell(config=config)
        self.shell.user_ns["__name__"] = "__main__"

    def run(self, *cells):
        for cell in cells:
            result = self.shell.run_cell(cell, store_history=True)
            result.raise_error()
        return self

    def write(self, path, text="", size=None):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if size is None:
            file.write_text(text, encoding="utf-8")
        else:
            with file.open("wb") as out:
                out.truncate(size)
        return file

    def cell(self, source, **options):
        return _capture.capture_cell(source, namespace=self.shell.user_ns, **options)

    def function(self, name, **options):
        return _capture.capture_function(
            self.shell.user_ns[name], namespace=self.shell.user_ns, **options
        )

    def preamble(self, source, **options):
        capture = self.cell(source, **options)
        capture.check()
        return capture.contents["__trackside__/preamble.py"].decode()

    def refused(self, source, **options):
        return {item.name: str(item) for item in self.cell(source, **options).refused}

    def files(self, source, **options):
        capture = self.cell(source, **options)
        capture.check()
        return sorted(path for path in capture.contents if not path.startswith("__trackside__/"))


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    main = sys.modules["__main__"]
    before = set(sys.modules)
    found = Notebook(folder)
    yield found
    for name in set(sys.modules) - before:
        module = sys.modules[name]
        if str(tmp_path) in f"{getattr(module, '__file__', '')}{getattr(module, '__path__', '')}":
            del sys.modules[name]
    sys.modules["__main__"] = main
