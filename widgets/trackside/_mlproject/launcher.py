"""Runs the command of an entry point, in the environment that its project asks for.

It is no module of this package where it runs: its text travels with a project, beside a JSON file
of what is to be run, and is the script of the job. It needs Python 3.9 and nothing else. Its own
arguments are the parameters: ``--lr 0.1 --data data.csv``.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path


def main(words: list[str]) -> None:
    """Become the command."""
    facts = json.loads(Path(__file__).with_name("mlproject.json").read_text(encoding="utf-8"))
    pairs = iter(words)
    values = {option[2:]: next(pairs) for option in pairs}
    declared = [values.pop(name, "") for name in facts["order"]]
    for name in facts["declared"]:
        values.pop(name, None)
    # What is not declared goes to the command as options, as MLflow does it.
    further = [word for name, value in values.items() for word in (f"--{name}", value)]
    script = facts["script"]
    if further:
        places = [f'"${{{len(declared) + place}}}"' for place in range(1, len(further) + 1)]
        script = " ".join([script.rstrip(), *places])
    binaries = Path(sys.executable).parent
    if facts["packages"] is not None:
        binaries = environment(facts["python"], facts["packages"]) / "bin"
        os.environ["VIRTUAL_ENV"] = str(binaries.parent)
    os.environ["PATH"] = f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"
    sys.stdout.flush()
    # The script holds no value: these are its arguments.
    command = ["bash", "-c", script, facts["name"], *declared, *further]
    os.execvp("bash", command)  # noqa: S606, S607


def environment(version: str | None, packages: list[str]) -> Path:
    """Return the virtual environment for these packages, which is made once."""
    here = ".".join(map(str, sys.version_info[:3]))
    if version is not None and not f"{here}.".startswith(f"{version}."):
        if here.split(".")[:2] != version.split(".")[:2]:
            sys.exit(
                f"The project asks for Python {version}, and this is {here}. Give one with"
                " --python, or use --env-manager local."
            )
        print(f"The project asks for Python {version}; it runs with {here}.")  # noqa: T201
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    asked = json.dumps([sys.executable, here, packages])
    folder = Path(base, "trackside", "mlproject", hashlib.sha256(asked.encode()).hexdigest()[:16])
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Two jobs of one project begin at the same time.
    with Path(f"{folder}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            print(f"Making the environment of the project in {folder}.", flush=True)  # noqa: T201
            _run([sys.executable, "-m", "venv", str(folder)])
            if packages:
                pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
                _run([*pip, "--disable-pip-version-check", *packages])
            (folder / "ready").touch()
    return folder


def _run(command: list[str]) -> None:
    if subprocess.run(command, check=False).returncode:
        sys.exit("The environment of the project could not be made; the lines above say why.")


if __name__ == "__main__":
    main(sys.argv[1:])
