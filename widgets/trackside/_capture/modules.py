"""The files of local modules: those that are not installed, found as Python would find them."""

from __future__ import annotations

import ast
import sys
import sysconfig
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from trackside._bundle import size_text
from trackside._capture.paths import inside, is_secret, relative, walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackside._capture.model import Capture

MAX_PACKAGE_FILES = 1000
MAX_PACKAGE_BYTES = 100 * 1000 * 1000
_OURS = frozenset({"trackside", "trackside_server"})
_STDLIB = frozenset(sys.stdlib_module_names)


@dataclass(frozen=True)
class Entry:
    """A folder in which modules are looked for, and where it lies in the bundle."""

    folder: Path
    prefix: str = ""

    def bundled(self, path: Path) -> str:
        """Return where a file of this folder goes."""
        found = relative(path, self.folder)
        assert found is not None
        return f"{self.prefix}/{found}" if self.prefix else found


class Modules:
    """Adds the files of local modules to a capture, and of those that they import.

    Parameters
    ----------
    capture
        Where they are added.
    entries
        The search path without what is installed.
    """

    def __init__(self, capture: Capture, entries: Iterable[Entry]) -> None:
        self._capture = capture
        self._entries = list(dict.fromkeys(entries))
        self._seen: set[str] = set()
        self.trees: list[ast.Module] = []
        self.in_place: set[str] = set()

    def follow(self, tree: ast.AST, package: str = "") -> None:
        """Add what the import statements in a tree name.

        Parameters
        ----------
        tree
            The code.
        package
            The package that the code belongs to, for relative imports.
        """
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.add(alias.name)
            elif isinstance(node, ast.ImportFrom):
                base = _absolute(node, package)
                self.add(base)
                for alias in node.names:
                    # What is imported from a package may be a module of it.
                    self.add(f"{base}.{alias.name}", surely=False)
            elif isinstance(node, ast.Call):
                name = _imported_by_call(node)
                if name:
                    self.add(name)

    def add(self, name: str, *, surely: bool = True) -> bool:
        """Add a module by its dotted name, and tell whether it is a local one.

        Parameters
        ----------
        name
            ``utils`` or ``lab.models.cnn``.
        surely
            Whether it must be a module; else it may be a name in one.
        """
        top, _, rest = name.partition(".")
        if not top or top in _OURS:
            return False
        for index, entry in enumerate(self._entries):
            if top in _STDLIB and index > 0:
                return False
            if (entry.folder / top / "__init__.py").is_file():
                self._package(top, entry)
                return True
            module = entry.folder / f"{top}.py"
            if module.is_file():
                self._file(module, entry, top, package="")
                return True
            if rest and (entry.folder / top).is_dir() and self._below(name, entry, surely=surely):
                return True
        return False

    def add_loaded(self, name: str) -> bool:
        """Add a module that this process has loaded, and tell whether jobs can import it."""
        top = name.split(".")[0]
        loaded = sys.modules.get(top)
        file = getattr(loaded, "__file__", None)
        if file and not is_installed(Path(file)):
            path = Path(file)
            home = path.parent.parent if path.name == "__init__.py" else path.parent
            entry = Entry(home)
            # A finder of an editable installation knows places that are not on the path.
            if all(known.folder.resolve() != home.resolve() for known in self._entries):
                self._entries.append(entry)
        self.add(name)
        own = getattr(sys.modules.get(name), "__file__", None)
        if top in _OURS or top in self.in_place or not own or is_installed(Path(own)):
            return True
        taken = self._capture.contents.values()
        found = any(isinstance(t, Path) and t.resolve() == Path(own).resolve() for t in taken)
        # One that was refused for a reason of its own is told once.
        return found or bool(self._capture.refused)

    def _below(self, name: str, entry: Entry, *, surely: bool) -> bool:
        """Add a module of a folder without ``__init__.py``."""
        parts = name.split(".")
        folder = entry.folder
        for depth, part in enumerate(parts):
            if (folder / part / "__init__.py").is_file():
                self._package(".".join(parts[: depth + 1]), entry)
                return True
            module = folder / f"{part}.py"
            if module.is_file():
                package = ".".join(parts[:depth])
                self._file(module, entry, ".".join(parts[: depth + 1]), package=package)
                return True
            folder = folder / part
            if not folder.is_dir():
                return False
        return not surely

    def _package(self, name: str, entry: Entry) -> None:
        if name in self._seen:
            return
        self._seen.add(name)
        folder = entry.folder.joinpath(*name.split("."))
        files = list(islice(walk(folder), MAX_PACKAGE_FILES + 1))
        total = sum(file.stat().st_size for file in files if file.is_file())
        if len(files) > MAX_PACKAGE_FILES or total > MAX_PACKAGE_BYTES:
            what = f"package of {len(files)} files, {size_text(total)}"
            if len(files) > MAX_PACKAGE_FILES:
                what = f"package of more than {MAX_PACKAGE_FILES} files"
            if installed_in_place(entry.folder):
                self._capture.note(f"{name} ({what}) stays here; the job imports it in its place.")
                self.in_place.add(name)
                return
            self._capture.refuse(
                name,
                what,
                "too much to send with each job; install it where jobs run, or move the data out",
            )
            return
        self._capture.took.append(f"{name} ({len(files)} files)" if len(files) > 1 else name)
        for file in files:
            if is_secret(Path(entry.bundled(file))):
                self._capture.note(f"{entry.bundled(file)} looks like a secret and stays here.")
            elif file.is_dir() or not inside(file, entry.folder):
                self._refuse_link(entry.bundled(file))
            else:
                self._capture.add(entry.bundled(file), file)
        for file in files:
            if file.suffix == ".py" and file.is_file():
                inner = relative(file, entry.folder)
                assert inner is not None
                self._follow_file(file, inner.rpartition("/")[0].replace("/", "."))

    def _file(self, file: Path, entry: Entry, name: str, package: str) -> None:
        if name in self._seen:
            return
        self._seen.add(name)
        path = entry.bundled(file)
        if not inside(file, entry.folder):
            self._refuse_link(path)
            return
        if is_secret(Path(path)) and path not in self._capture.contents:
            why = f"use --env for secrets, or add --file {path} to send it all the same"
            self._capture.refuse(path, "looks like a secret", why)
            return
        self._capture.add(path, file)
        self._capture.took.append(path)
        self._follow_file(file, package)

    def _follow_file(self, file: Path, package: str) -> None:
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError):
            return  # The job will say it better, if it ever imports the file.
        self.trees.append(tree)
        self.follow(tree, package)

    def _refuse_link(self, path: str) -> None:
        self._capture.refuse(path, "link", "it leads out of its folder; copy the file instead")


def is_installed(path: Path) -> bool:
    """Tell whether a file belongs to Python or to an installed package."""
    if any(part in ("site-packages", "dist-packages") for part in path.parts):
        return True
    homes = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    return any(path.resolve().is_relative_to(Path(home).resolve()) for home in homes if home)


def installed_in_place(folder: Path) -> bool:
    """Tell whether packages of a folder are installed for development (``pip install -e``)."""
    for site in {name for name in sys.path if is_installed(Path(name))}:
        for file in Path(site).glob("*.pth"):
            try:
                lines = file.read_text(encoding="utf-8").splitlines()
            except (OSError, UnicodeDecodeError):
                continue
            if any(line.strip() == str(folder) for line in lines):
                return True
    finders = [module for name, module in sys.modules.items() if name.startswith("__editable__")]
    mappings = [getattr(finder, "MAPPING", {}) for finder in finders]
    return any(Path(place).parent == folder for m in mappings for place in m.values())


def search_path(folder: Path) -> list[Entry]:
    """Return where this process finds modules that are not installed, its own folder first."""
    entries = [Entry(folder)]
    for name in sys.path:
        path = Path(name or ".").absolute()
        if path.is_dir() and not is_installed(path) and path.resolve() != folder.resolve():
            entries.append(Entry(path))
    return entries


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".") if package else []
    base = parts[: len(parts) - (node.level - 1)]
    return ".".join([*base, node.module] if node.module else base)


def _imported_by_call(node: ast.Call) -> str | None:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
    if name not in ("import_module", "__import__") or not node.args:
        return None
    first = node.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
