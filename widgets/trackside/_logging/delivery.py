"""Turns records of the spool into requests, in their order, each of them harmless to repeat."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from trackside._client import get_client
from trackside._errors import TracksideError
from trackside._logging.batches import Batch, Record, is_plain
from trackside._logging.creation import Created, create_run
from trackside._logging.say import say_once
from trackside._logging.upload import upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from trackside._logging.spool import SpoolFile

# Runs that are named by their start and not by an id: the server has not made them yet.
NEW = "new:"
TIMEOUT = 10.0
_MAX_SERVER_ERRORS = 5
_MAX_SAME_REFUSALS = 5
_PROXY = "mlflow-artifacts:/"
_PARENT_TAG = "mlflow.parentRunId"
_MISSING = "RESOURCE_DOES_NOT_EXIST"


class Away(Exception):
    """The server cannot take anything now; the records stay where they are."""


class Delivery:
    """Sends records.

    Parameters
    ----------
    folder
        Tells where the spool is: files of artifacts are named relative to it.
    """

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._wanted: dict[str, dict[str, Any]] = {}
        self._made: dict[str, Created] = {}
        self._roots: dict[str, str | None] = {}
        self._server_errors = 0
        self._refusals: tuple[str, int] = ("", 0)

    def made(self, name: str) -> Created | None:
        """Return the run that the server made for a name that begins with `NEW`."""
        return self._made.get(name)

    def send(self, data: bytes) -> Iterator[int]:
        """Send whole records, and yield how many more bytes have arrived after each request.

        Raises
        ------
        Away
            The server does not take them now.
        """
        batch: Batch | None = None
        for line in data.splitlines(keepends=True):
            record = _parse(line)
            if batch is not None and (record is None or batch.takes(record)):
                if record is not None:
                    batch.add(record)
                batch.size += len(line)
                continue
            if batch is not None:
                self._log(batch)
                yield batch.size
                batch = None
            if record is not None and is_plain(record):
                batch = Batch(record["r"], len(line))
                batch.add(record)
                continue
            if record is not None:
                self._try(lambda record=record: self._do(record))  # type: ignore[misc]
            yield len(line)
        if batch is not None:
            self._log(batch)
            yield batch.size

    def knows(self, orphan: SpoolFile) -> bool:
        """Tell whether a file that was left behind is for this server."""
        left = orphan.acknowledged
        with orphan.path.open("rb") as file:
            while left > 0 and (line := file.readline()):
                left -= len(line)
                record = _parse(line) if NEW.encode() in line else None
                if record is not None and "c" in record:
                    self._wanted[record["r"]] = record["c"]
            first = _parse(file.readline())
        if first is None or first["r"].startswith(NEW):
            return True
        try:
            self._mlflow("GET", "runs/get", query={"run_id": first["r"]})
        except TracksideError as error:
            if self._is_away(error):
                raise Away(error.message) from error
            return False
        return True

    def _do(self, record: Record) -> None:
        if "c" in record:
            self._wanted[record["r"]] = record["c"]
        run_id = self._run_id(record["r"])
        if "a" in record:
            self._upload(run_id, record["a"])
        elif "e" in record:
            self._mlflow("POST", "runs/update", {"run_id": run_id, **record["e"]}, repeatable=True)
        elif "v" in record:
            body = {"run_id": run_id, **record["v"]}
            get_client().api("POST", "provenance", body, timeout=TIMEOUT, repeatable=True)

    def _run_id(self, name: str) -> str:
        if not name.startswith(NEW):
            return name
        if name not in self._made:
            wanted = self._wanted.get(name)
            if wanted is None:
                raise TracksideError("It belongs to a run that could not be made.", code=_MISSING)
            tags = dict(wanted["tags"])
            if (parent := tags.get(_PARENT_TAG)) is not None:
                tags[_PARENT_TAG] = self._run_id(parent)
            try:
                made = create_run(
                    get_client(), {**wanted, "tags": tags}, timeout=TIMEOUT, again=True
                )
            except TracksideError as error:
                if not self._is_away(error):
                    del self._wanted[name]
                raise
            self._made[name] = made
        return self._made[name].run_id

    def _log(self, batch: Batch) -> None:
        try:
            body = batch.body(self._run_id(batch.run))
            self._mlflow("POST", "runs/log-batch", body, repeatable=True)
            self._refusals = ("", 0)
        except TracksideError as error:
            if self._is_away(error):
                raise Away(error.message) from error
            parts = batch.parts()
            # One thing that is refused must not take its neighbours along; but where everything
            # is refused for the same reason, asking on is of no use.
            if parts and error.code != _MISSING and not self._hopeless(error):
                for part in parts:
                    self._log(part)
                return
            self._refused(error)

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except TracksideError as error:
            if self._is_away(error):
                raise Away(error.message) from error
            self._refused(error)

    def _mlflow(self, method: str, path: str, body: object = None, **options: Any) -> Any:
        answer = get_client().mlflow(method, path, body, timeout=TIMEOUT, **options)
        self._server_errors = 0
        return answer

    def _refused(self, error: TracksideError) -> None:
        text, count = self._refusals
        self._refusals = (error.message, count + 1 if text == error.message else 1)
        say_once(f"refused: {error.message[:60]}", f"Something logged was refused. {error}")

    def _hopeless(self, error: TracksideError) -> bool:
        return self._refusals[0] == error.message and self._refusals[1] >= _MAX_SAME_REFUSALS

    def _is_away(self, error: TracksideError) -> bool:
        """Tell whether the same request may be accepted later."""
        status = error.status
        if error.transient or status is None or status in (401, 408, 507):
            return error.code != _MISSING
        if status == 403:
            return not self._token_works()
        if status == 404:
            # Without a code it was not Trackside that answered.
            return error.code in (None, "ENDPOINT_NOT_FOUND")
        if status >= 500:
            self._server_errors += 1
            return self._server_errors < _MAX_SERVER_ERRORS
        return False

    def _token_works(self) -> bool:
        """Tell a request that this job may not make from a token that is not valid."""
        own = os.environ.get("TRACKSIDE_RUN_ID")
        if not own:
            return False
        try:
            get_client().mlflow("GET", "runs/get", query={"run_id": own}, timeout=TIMEOUT)
        except TracksideError:
            return False
        return True

    def _upload(self, run_id: str, artifact: dict[str, str]) -> None:
        root = self._artifact_root(run_id)
        spooled = not os.path.isabs(artifact["file"])  # noqa: PTH117 - said of text, not of a file
        file = self._folder() / artifact["file"]
        if root is None:
            raise TracksideError(
                f"The artifacts of run {run_id} are kept where Trackside cannot write.", status=400
            )
        path = quote(f"{root}/{artifact['path']}")
        try:
            upload(path, file)
        except OSError as error:
            raise TracksideError(
                f"The file {file} cannot be read ({error.strerror}).", status=400
            ) from error
        if spooled:
            with suppress(OSError):
                file.unlink()

    def _artifact_root(self, run_id: str) -> str | None:
        if run_id not in self._roots:
            run = self._mlflow("GET", "runs/get", query={"run_id": run_id})["run"]
            uri = str(run["info"].get("artifact_uri") or "")
            inside = uri.startswith(_PROXY)
            self._roots[run_id] = uri.removeprefix(_PROXY).strip("/") if inside else None
        return self._roots[run_id]


def _parse(line: bytes) -> Record | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and isinstance(record.get("r"), str) else None
