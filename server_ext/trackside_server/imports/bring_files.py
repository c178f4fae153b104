"""Artifacts: copied into the artifact root, or referred to where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackside_server.errors import InvalidInput
from trackside_server.tracking.paths import PROXY_SCHEME, proxied_path, safe_path

from .sources.base import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from trackside_server.tracking.artifacts import Artifacts

    from .settings import Wanted
    from .sources.base import Files, Source
    from .tally import Tally

    # Takes a path below the artifact root and the folder that it stands for.
    Refer: TypeAlias = Callable[[str, str], None]

_CHUNK = 1024 * 1024


class FileBringer:
    """Brings the files of runs, models and traces.

    Parameters
    ----------
    source
        Where they are.
    artifacts
        The artifact root.
    tally
        Counts.
    wanted
        Whether to copy them.
    refer
        Makes a path below the artifact root read what is in a folder.
    """

    def __init__(
        self,
        source: Source,
        artifacts: Artifacts,
        tally: Tally,
        wanted: Wanted,
        refer: Refer,
    ) -> None:
        self._source = source
        self._artifacts = artifacts
        self._tally = tally
        self._wanted = wanted
        self._refer = refer

    def bring(
        self,
        kind: str,
        identifier: str,
        experiment: str,
        uri: str,
        here: str | None,
        own: str,
        *,
        quiet: bool = False,
    ) -> str:
        """Bring the files of one thing and give the URI that they have here.

        Parameters
        ----------
        kind, identifier, experiment
            Whose they are, and in which experiment of the source that is.
        uri
            What the source calls their place.
        here
            The URI that the thing has here already.
        own
            The path below the artifact root that it gets otherwise.
        quiet
            That files which cannot be read are no loss.
        """
        # What could not be read at an earlier import may be readable now.
        place = here if here and here != uri else f"{PROXY_SCHEME}/{own}"
        path = proxied_path(place)
        if self._wanted.artifacts == "none" or path is None:
            return place
        try:
            if self._wanted.artifacts == "copy":
                files = self._source.files(kind, identifier, experiment, uri)
                self._copy(kind, identifier, files, path)
            else:
                folder = self._source.local_folder(kind, identifier, experiment, uri)
                if folder is None:
                    raise Unreadable(  # noqa: TRY301
                        "Files that another server serves cannot be referred to: copy them."
                    )
                self._refer(path, folder)
        except Unreadable as error:
            if quiet:
                return place
            self._tally.complain(kind, identifier, str(error))
            # A client may well be able to read what we cannot. But what another server serves
            # would be read from this one.
            if uri and not uri.startswith(PROXY_SCHEME):
                return here or uri
        return place

    def _copy(self, kind: str, identifier: str, files: Files, target: str) -> None:
        for path, size in files.walk():
            self._tally.check()
            try:
                place = f"{target}/{safe_path(path)}"
                if size is not None and self._size(place) == size:
                    continue
                with files.open(path) as source, self._artifacts.upload(place) as upload:
                    while chunk := source.read(_CHUNK):
                        self._tally.check()
                        upload.write(chunk)
                        self._tally.add(size=len(chunk))
                    upload.commit()
                self._tally.add(files=1)
            except (InvalidInput, Unreadable, OSError) as error:
                self._tally.complain(kind, identifier, f"File {path!r}: {error}")

    def _size(self, path: str) -> int | None:
        try:
            return self._artifacts.resolve(path).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None
