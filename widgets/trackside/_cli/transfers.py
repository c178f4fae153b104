"""``trackside import`` and ``trackside export``."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

from trackside import _transfers
from trackside._client import get_client, segment
from trackside._display import words
from trackside._errors import TracksideError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside._client import Client

_NOTE_EVERY = 5.0


def import_(options: Mapping[str, Any], *, as_json: bool) -> int:
    """Bring what MLflow holds."""
    source = _transfers.whole(options["source"])
    client = get_client()
    if options.get("stop"):
        return _stop(client, "imports", source)
    root = options.get("artifact_root")
    body = {
        **{key: value for key, value in options.items() if key != "source"},
        "source": source,
        "artifact_root": _transfers.whole(root) if root else None,
        **(_transfers.credentials() if source.startswith("http") else {}),
    }
    return _carry_out(client, "imports", body, as_json=as_json)


def export(options: Mapping[str, Any], *, as_json: bool) -> int:
    """Write what Trackside holds where MLflow reads it."""
    if not options.get("to"):
        raise TracksideError(
            "It is not said where to.", "Name a folder or an MLflow server: --to mlruns."
        )
    place = _transfers.whole(options["to"])
    client = get_client()
    if options.get("stop"):
        return _stop(client, "exports", place)
    body = {
        **options,
        "to": place,
        **(_transfers.credentials() if place.startswith("http") else {}),
    }
    return _carry_out(client, "exports", body, as_json=as_json)


def _carry_out(client: Client, kind: str, body: Mapping[str, Any], *, as_json: bool) -> int:
    begun = _transfers.begin(client, kind, body)
    seen = begun
    line = _Line()
    try:
        for seen in _transfers.follow(client, kind, begun["id"]):
            line.show(_transfers.line(seen))
    except KeyboardInterrupt:
        line.end()
        word = kind.removesuffix("s")
        _note(
            f"The {word} goes on in the server. The same command follows it again, and with "
            "--stop ends it."
        )
        raise
    line.end()
    problems = list(_problems(client, kind, begun["id"]))
    if as_json:
        print(json.dumps({**seen, "problems": problems}, indent=2))  # noqa: T201
    else:
        for text in _transfers.summary(seen):
            print(text)  # noqa: T201
    for problem in problems:
        _note(words.clean(problem["message"]))
    _transfers.check(seen)
    if seen["state"] == "CANCELED":
        _note("It was stopped; what came so far is there.")
        return 1
    return 0


def _problems(client: Client, kind: str, identifier: str) -> Any:
    offset = 0
    while True:
        page = client.api(
            "GET",
            f"{kind}/{segment(identifier)}/problems",
            query={"limit": 500, "offset": offset},
        )["problems"]
        yield from page
        if len(page) < 500:
            return
        offset += len(page)


def _stop(client: Client, kind: str, place: str) -> int:
    for found in client.api("GET", kind, query={"limit": 50})[kind]:
        if found.get("source", found.get("to")) == place and found["state"] not in _transfers.ENDED:
            client.api("POST", f"{kind}/{segment(found['id'])}/cancel", {}, repeatable=True)
            print("Stopping.")  # noqa: T201
            return 0
    raise TracksideError(f"Nothing is under way with {place}.")


class _Line:
    """How far it is: one line that is written over, or a line now and then."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = time.monotonic()
        self._width = 0

    def show(self, text: str) -> None:
        text = words.clean(text)
        if self._live:
            sys.stderr.write("\r" + text[:100].ljust(self._width))
            self._width = min(len(text), 100)
            sys.stderr.flush()
        elif time.monotonic() - self._last >= _NOTE_EVERY:
            self._last = time.monotonic()
            _note(text)

    def end(self) -> None:
        if self._live and self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")


def _note(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201
