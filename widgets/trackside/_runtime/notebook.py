"""Running a notebook, its output in the log, the executed copy beside it."""

from __future__ import annotations

import asyncio
import atexit
import os
import re
import signal
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import failure, stopping
from .files import write_bytes
from .parameters import assigned, unknown

if TYPE_CHECKING:
    from .run import Task

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PLACE = re.compile(r"(?:Cell )?In ?\[(\d+)\], (?:in <cell )?line:? (\d+)")
_SAVE_EVERY = 2.0


def run(task: Task) -> None:
    """Execute the notebook in a kernel of this Python.

    Raises
    ------
    SystemExit
        When a cell failed; the failure is recorded by then.
    """
    assert task.source is not None
    nbclient, nbformat = _libraries(task)
    path = task.work / task.source
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        notebook = nbformat.read(str(path), as_version=4)
    for name in unknown_params(notebook, task.params):
        print(unknown(task.source, name), file=sys.stderr)  # noqa: T201
    inject(notebook, task.params, nbformat)
    saver = _Saver(notebook, nbformat, task.job_dir / "notebook.ipynb")
    stop = _Stop()
    client = _client(nbclient, notebook, path, saver, stop)
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    try:
        # nbclient lets a kernel live on whose manager it was given.
        client.execute(cleanup_kc=True)
    except nbclient.exceptions.CellExecutionError as error:
        stop.leave()
        _report(task, notebook, error)
        raise SystemExit(1) from None
    except _Stopped:
        stop.leave()
    except nbclient.exceptions.DeadKernelError:
        stop.leave()
        message = "The notebook's kernel died."
        print(message, file=sys.stderr)  # noqa: T201
        hint = "It often means that the memory did not suffice."
        failure.write(task, type=None, message=message, hint=hint)
        raise SystemExit(1) from None
    finally:
        saver.save()


def unknown_params(notebook: Any, params: dict[str, Any]) -> list[str]:
    """Return the params that the cell tagged ``parameters`` does not set: perhaps misspelt."""
    for cell in reversed(notebook.cells):
        if cell.cell_type == "code" and "parameters" in cell.get("metadata", {}).get("tags", ()):
            known = assigned(cell.source)
            return [] if known is None else [name for name in params if name not in known]
    return []


def inject(notebook: Any, params: dict[str, Any], nbformat: Any) -> None:
    """Add a cell that sets the params, below the one tagged ``parameters`` or else on top."""
    if not params:
        return
    cells = notebook.cells
    at = 0
    for index, cell in enumerate(cells):
        tags = cell.get("metadata", {}).get("tags", ())
        if "injected-parameters" in tags:
            # Left by an earlier execution: these params take its place.
            del cells[index]
            at = index
            break
        if "parameters" in tags:
            at = index + 1
    source = "\n".join(f"{name} = {value!r}" for name, value in params.items())
    cell = nbformat.v4.new_code_cell(source=f"# Parameters\n{source}")
    cell["metadata"]["tags"] = ["injected-parameters"]
    if notebook.get("nbformat_minor", 0) < 5:
        cell.pop("id", None)
    cells.insert(at, cell)


class _Saver:
    """Writes the notebook as it fills, but not for every line of output."""

    def __init__(self, notebook: Any, nbformat: Any, path: Path) -> None:
        self._notebook = notebook
        self._nbformat = nbformat
        self._path = path
        self._saved = 0.0

    def save(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text: str = self._nbformat.writes(self._notebook)
        write_bytes(self._path, text.encode())
        self._saved = time.monotonic()

    def save_sometimes(self) -> None:
        if time.monotonic() - self._saved >= _SAVE_EVERY:
            self.save()


class _Stopped(Exception):
    """The job was stopped between two cells: the next one does not begin."""


class _Stop:
    """Stops the notebook as one does by hand: the running cell is interrupted."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.client: Any = None

    def listen(self) -> None:
        """Take the signals that nbclient would answer by killing the kernel."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, number)

    def check(self, **_: object) -> None:
        """Begin no cell once the job is stopped."""
        if self.number is not None:
            raise _Stopped

    def leave(self) -> None:
        """End the job as the signal asked for, if there was one."""
        if self.number is not None:
            raise SystemExit(128 + self.number)

    def _stop(self, number: int) -> None:
        self.number = number
        if self.client.km.has_kernel:
            self._interrupt = asyncio.ensure_future(self.client.km.interrupt_kernel())


def _libraries(task: Task) -> tuple[Any, Any]:
    try:
        import ipykernel  # noqa: F401
        import nbclient
        import nbclient.exceptions
        import nbformat
        import nbformat.v4
    except ModuleNotFoundError as error:
        message = f"Running a notebook needs {error.name}, which {sys.executable} does not have."
        hint = f"Install it: {sys.executable} -m pip install nbclient ipykernel"
        print(f"{message} {hint}", file=sys.stderr)  # noqa: T201
        failure.write(task, type=None, message=message, hint=hint)
        raise SystemExit(1) from None
    return nbclient, nbformat


def _client(nbclient: Any, notebook: Any, path: Path, saver: _Saver, stop: _Stop) -> Any:
    class Client(nbclient.NotebookClient):  # type: ignore[misc]  # a base that is imported late
        """Executes the notebook and repeats in the log what it prints."""

        def output(self, outs: Any, msg: Any, display_id: str, cell_index: int) -> Any:
            found = super().output(outs, msg, display_id, cell_index)
            _echo(msg)
            saver.save_sometimes()
            return found

        async def async_start_new_kernel(self, **options: Any) -> None:
            stop.listen()
            await super().async_start_new_kernel(**options)

        async def async_start_new_kernel_client(self) -> Any:
            try:
                return await super().async_start_new_kernel_client()
            except RuntimeError:
                # By now nbclient has tidied up, which it would try again at the end, and fail.
                atexit.unregister(self._cleanup_kernel)
                stop.check()
                raise

    def completed(**_: Any) -> None:
        saver.save()

    client = Client(
        notebook,
        timeout=None,
        kernel_name="python3",
        km=_kernel_manager(notebook),
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=stop.check,
        on_cell_executed=completed,
        allow_errors=False,
        record_timing=True,
    )
    stop.client = client
    return client


def _kernel_manager(notebook: Any) -> Any:
    """Return a manager that starts the kernel with this Python, whatever kernels are registered."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner

    spec = notebook.get("metadata", {}).get("kernelspec", {})
    if str(spec.get("language", "python")).lower() != "python":
        return AsyncKernelManager(kernel_name=spec["name"])

    class Manager(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            # A job leaves no trace in the history of the user's consoles, nor its start in the log.
            argv += ["--HistoryManager.enabled=False", "--log-level=ERROR"]
            # SIGTERM interrupts the running cell, so that the cell's `finally` blocks run.
            file = str(Path(stopping.__file__ or "").resolve())
            install = "install(interrupter(get_ipython()))"
            argv.append(f"--IPKernelApp.exec_lines=exec(open({file!r}).read() + {install!r}, {{}})")
            return KernelSpec(argv=argv, display_name="Python", language="python")

        async def interrupt_kernel(self) -> None:  # type: ignore[override]  # async in the base too
            # Often the kernel has it already: SIGTERM goes to all processes of a job.
            if isinstance(self.provisioner, LocalProvisioner) and self.provisioner.process:
                self.provisioner.process.send_signal(signal.SIGTERM)

    return Manager()


def _echo(message: Any) -> None:
    kind, content = message["msg_type"], message["content"]
    if kind == "stream":
        stream = sys.stderr if content["name"] == "stderr" else sys.stdout
        stream.write(content["text"])
        stream.flush()
    elif kind in ("execute_result", "display_data"):
        text = content.get("data", {}).get("text/plain")
        if text:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()


def _report(task: Task, notebook: Any, error: Any) -> None:
    text, count = _failed(notebook)
    text = text or _ANSI.sub("", str(getattr(error, "traceback", "")))
    places = _PLACE.findall(text)
    # The lowest frame in a cell is the one that the user can do something about.
    at = [(int(number), int(line)) for number, line in places]
    if count is None and at:
        count = at[-1][0]
    line = next((line for number, line in reversed(at) if number == count), None)
    where = None if count is None else f"cell [{count}]" + (f" line {line}" if line else "")
    name = str(getattr(error, "ename", "") or "Error")
    message = _ANSI.sub("", str(getattr(error, "evalue", "") or ""))
    sys.stderr.write(f"\nIn {where or 'the notebook'}:\n{text.rstrip()}\n")
    sys.stderr.flush()
    failure.write(
        task,
        type=name,
        module="builtins",
        message=message,
        args=[message],
        traceback=text,
        cell_line=line,
        where=where,
        hint=None,
    )


def _failed(notebook: Any) -> tuple[str, int | None]:
    """Return the traceback and the number of the cell that failed."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        for output in cell.get("outputs", ()):
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get(
                "tags", ()
            ):
                return _ANSI.sub("", "\n".join(output.traceback)), cell.get("execution_count")
    return "", None
