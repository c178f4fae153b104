"""Running a Python component of a pipeline in the job's process, most by KFP's own executor."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .files import read_json

if TYPE_CHECKING:
    from types import ModuleType

    from .run import Task


def run(task: Task) -> None:
    """Call the function with what the executor input says, and have its outputs written.

    The arguments of the job are the file of the executor input, and the folder of the environments
    for what the component has installed.
    """
    executor_input, environments = map(Path, task.arguments)
    if task.packages:
        from . import overlay  # seldom, and it takes longer to load than all the rest here

        overlay.enter(task, environments)
    if task.function is None:
        # A step of a notebook: a program that reads its inputs and writes its outputs itself.
        program = _module(task)
        task.hidden = (str(program.__file__),)
        program.executor_main(["--executor_input", executor_input.read_text(encoding="utf-8")])
        return
    executor = _executor(task)
    # The SDK's own start has it too, and the code of components counts on it.
    logging.basicConfig(stream=sys.stdout, format="%(levelname)s: %(message)s", level=logging.INFO)
    task.hidden = (str(executor.__file__),)
    module = _module(task)
    executor.Executor(
        executor_input=read_json(executor_input),
        function_to_execute=getattr(module, task.function),
    ).execute()


def _executor(task: Task) -> Any:
    # Without this, the SDK would load its compiler and its client.
    os.environ["_KFP_RUNTIME"] = "true"
    try:
        return importlib.import_module("kfp.dsl.executor")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "kfp":
            raise
        from . import failure

        message = f"Python components need kfp, which {sys.executable} does not have."
        failure.end(task, message, f"Install it: {sys.executable} -m pip install kfp")


def _module(task: Task) -> ModuleType:
    assert task.source is not None
    path = task.work / task.source
    spec = importlib.util.spec_from_file_location(path.stem, str(path))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, str(path.parent))
    spec.loader.exec_module(module)
    return module
