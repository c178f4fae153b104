"""Sending code off as a job."""

from __future__ import annotations

import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside._bundle import BundleError
from trackside._client import get_client, segment
from trackside._errors import ServerUnavailable, TracksideError
from trackside._job import Job
from trackside._options import body_of, check_params, options_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trackside._bundle import Bundle
    from trackside._capture import Capture
    from trackside._client import Client

_SUFFIXES = {".py": "script", ".ipynb": "notebook"}
_UPLOAD_TIMEOUT = 300.0
_IN_MEMORY = 16 * 1024 * 1024
_RETRY_AFTER = 1.0


def submit(
    what: Callable[..., Any] | str | Path | Sequence[str],
    *,
    params: Mapping[str, Any] | None = None,
    name: str | None = None,
    experiment: str | None = None,
    cpus: float | None = None,
    memory: str | int | None = None,
    gpus: int | str | None = None,
    nodes: int | None = None,
    time_limit: str | float | None = None,
    retries: int | None = None,
    env: Mapping[str, str | None] | Iterable[str] | None = None,
    files: Sequence[str | Path] = (),
    metric_pattern: str | None = None,
    arguments: Sequence[str] | None = None,
    tags: Mapping[str, str] | None = None,
    on: str | None = None,
    image: str | None = None,
    queue: str | None = None,
    runtime: str | None = None,
    install: bool | None = None,
    python: str | None = None,
) -> Job:
    """Run code as a job that outlives this notebook, and return at once.

    What the code needs travels with it: imports, functions and classes of the notebook, plain
    values, local modules and the files that it names. Data does not; what cannot travel is refused
    with a list.

    Parameters
    ----------
    what
        A function, the path of a script (``.py``) or notebook (``.ipynb``), a cell's source, or a
        command as a list of its words: ``["./train", "--lr", "0.1"]``. Files that the words name
        travel with it.
    params
        Keyword arguments of a function, variables of a cell, ``--name value`` of a script, values
        for the parameters cell of a notebook. Logged as the run's params. A command takes none.
    name
        The job's name. Default: the experiment's, with a number.
    experiment
        Where the run belongs. Default: the name of the notebook or script.
    cpus, memory, gpus
        What the job needs, or each of its nodes: ``2``, ``"16Gi"``, ``1``. GPUs can be chosen by
        name: ``"A100"``, ``"2 x A100-80GB"``, a slice ``"1g.10gb"``.
    nodes
        How many machines of the cluster work on it together.
    time_limit
        After which it is stopped: ``"2h"``, or seconds.
    retries
        How often it is started again after a failure.
    env
        Environment variables; those with the value None, or named in a list, are taken from here.
    files
        Further files, folders and patterns (``"data/*.csv"``) that shall travel.
    metric_pattern
        A regular expression with the groups ``name`` and ``value`` for metrics in printed lines.
    arguments
        Further command-line arguments of a script or command.
    tags
        Tags of the run.
    on
        Where it runs: ``"local"`` or ``"cluster"``. Default: this machine where it can run the job,
        else the cluster.
    image
        The container image on the cluster. Default: that of this notebook.
    queue
        The queue of the cluster that it waits in.
    runtime
        The training runtime of the cluster that it is made with.
    install
        Whether the packages that were installed on top of this notebook's image are installed in
        the job as well.
    python
        The Python that runs it. Default: on this machine this one, on the cluster the image's.

    Returns
    -------
    Job
        To wait for, follow or cancel.

    Raises
    ------
    CannotTravel
        When the code needs what cannot be sent with it.
    TracksideError
        When the server refuses the job.
    """
    # Before anything looks at their names.
    params = None if params is None else check_params(params)
    options = options_of(locals())
    from trackside import _capture

    if isinstance(what, str | Path):
        path = _as_path(what)
        if path is None:
            return submit_cell(str(what), files=files, **options)
        captured = _capture_path(path, files)
        _capture.check_names(captured, params or ())
    elif isinstance(what, list | tuple):
        options["arguments"] = command = _words(what, params, arguments)
        captured = _capture.capture_command(command, files=files)
    elif callable(what):
        captured = _capture.capture_function(what, params=params or {}, files=files)
    else:
        raise TracksideError(
            f"A {type(what).__name__} cannot be submitted.",
            "Give a function, the path of a script or notebook, the source of a cell, or the words"
            " of a command.",
        )
    return send(captured, options)


def submit_cell(
    source: str,
    *,
    namespace: Mapping[str, Any] | None = None,
    first_line: int = 1,
    files: Sequence[str | Path] = (),
    **options: Any,
) -> Job:
    """Run the source of a cell as a job.

    Parameters
    ----------
    source
        The cell, without a magic on top.
    namespace
        Where its names are looked up. Default: the notebook's.
    first_line
        The line at which `source` begins in the cell that the user sees; 2 below a magic.
    files
        Further files that shall travel.
    **options
        Those of `submit`.
    """
    from trackside import _capture

    captured = _capture.capture_cell(
        source,
        namespace=namespace,
        params=options.get("params") or {},
        first_line=first_line,
        files=files,
    )
    return send(captured, options)


def send(captured: Capture, options: Mapping[str, Any], client: Client | None = None) -> Job:
    """Send captured code with its options.

    Parameters
    ----------
    captured
        What `trackside._capture` returned.
    options
        Those of `submit`; None stands for not given.
    client
        The server. Default: the one that this process finds.
    """
    from trackside import _context

    body = body_of(options)
    bundle = captured.bundle()
    client = client or get_client()
    upload(client, bundle)
    body["kind"] = captured.kind
    body["bundle"] = bundle.digest
    if captured.function:
        body["function"] = captured.function
    body["source"] = _context.source(captured, client)
    body.setdefault("experiment", captured.experiment or _context.experiment(body["source"]))
    job = Job(post_once(client, "jobs", body), client)
    for note in captured.notes:
        print(note)  # noqa: T201
    return job


def upload(client: Client, bundle: Bundle) -> bool:
    """Send a bundle unless the server has it, and tell whether it was sent."""
    path = f"/api/v1/bundles/{bundle.digest}"
    try:
        client.request("HEAD", path)
    except TracksideError as error:
        # An answer to HEAD cannot say what is wrong with the server; the one to PUT can.
        if error.status is None or (error.status < 500 and error.status != 404):
            raise
    else:
        return False
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as packed:
        try:
            bundle.pack(packed)
        except BundleError as error:
            raise TracksideError(str(error), "Submit it again.") from error
        headers = {"Content-Type": "application/gzip", "Content-Length": str(packed.tell())}
        client.request("PUT", path, body=packed, headers=headers, timeout=_UPLOAD_TIMEOUT)
    return True


def script_or_notebook(what: str | Path) -> Path:
    """Return the path of a script or notebook that is there.

    Raises
    ------
    TracksideError
        When it is neither, or not there.
    """
    return _file(Path(what).expanduser())


def post_once(client: Client, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Have something made that must not be made twice, and return it.

    The key makes it safe to send the same request again when its answer was lost.
    """
    keyed = {**body, "idempotency_key": uuid.uuid4().hex}
    try:
        return dict(client.api("POST", path, keyed, repeatable=True))
    except ServerUnavailable:
        time.sleep(_RETRY_AFTER)
        return dict(client.api("POST", path, keyed, repeatable=True))


def get_job(id_or_name: str) -> Job:
    """Return a job of the server by its id or name."""
    client = get_client()
    return Job(client.api("GET", f"jobs/{segment(id_or_name)}"), client)


def _capture_path(path: Path, files: Sequence[str | Path]) -> Capture:
    from trackside import _capture

    # A script below the current folder runs as it does in a terminal here: in this folder.
    here = Path.cwd()
    root = here if path.absolute().is_relative_to(here) else path.absolute().parent
    asked = [here / Path(file).expanduser() for file in files]
    return _capture.capture_path(path, files=asked, root=root)


def _words(
    what: Sequence[object], params: Mapping[str, Any] | None, arguments: Sequence[str] | None
) -> list[str]:
    """Return the words of a command."""
    if params:
        raise TracksideError(
            "A command takes no params.",
            'Write them among its words, as in ["./train", "--lr", "0.1"], or pass them as env.',
        )
    return [str(word) for word in (*what, *(arguments or ()))]


def _as_path(what: str | Path) -> Path | None:
    """Return the path of a script or notebook, None for the source of a cell."""
    if isinstance(what, str) and ("\n" in what or not what.strip().endswith(tuple(_SUFFIXES))):
        return None
    return _file(Path(what).expanduser())


def _file(path: Path) -> Path:
    if path.suffix not in _SUFFIXES:
        raise TracksideError(
            f"{path} is neither a script nor a notebook.",
            f'Give a .py or .ipynb, or the words of a command: ["./{path.name}"].',
        )
    if not path.is_file():
        raise TracksideError(f"There is no file {path} in {Path.cwd()}.", "Check the path.")
    return path
