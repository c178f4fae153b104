"""Archives between a pod and the server: whole or not at all, and never more than they hold."""

from __future__ import annotations

import io
import tarfile

import pytest

from trackside_server.jobs.runners.kubernetes.podside import parcels


class Endless:
    """An archive whose first member says something about itself for as long as somebody reads."""

    def __init__(self, kind: bytes):
        info = tarfile.TarInfo("said")
        info.type, info.size = kind, 2**32
        self._begin = io.BytesIO(info.tobuf(tarfile.USTAR_FORMAT))
        self.given = 0

    def read(self, size):
        data = self._begin.read(size) or b"1" * size
        self.given += len(data)
        # Held as a whole by who believes it.
        assert self.given < 8 * 2**20
        return data


def sparse(**pax) -> bytes:
    """An archive of some hundred bytes with a file of a terabyte."""
    info = tarfile.TarInfo("large")
    info.pax_headers = {f"GNU.sparse.{name}": value for name, value in pax.items()}
    if not pax:
        info.type = tarfile.GNUTYPE_SPARSE
    return info.tobuf(tarfile.PAX_FORMAT) + b"\0" * 1024


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_what_is_said_about_a_file_is_not_held_without_limit(tmp_path, kind) -> None:
    with pytest.raises(ValueError, match="bytes are said about one file"):
        parcels.unpack(Endless(kind), tmp_path)


def test_words_about_words_without_end_are_refused(tmp_path) -> None:
    info = tarfile.TarInfo("said")
    info.type = tarfile.XHDTYPE
    archive = io.BytesIO(info.tobuf(tarfile.USTAR_FORMAT) * 5000)
    with pytest.raises(ValueError, match="damaged"):
        parcels.unpack(archive, tmp_path)


@pytest.mark.parametrize(
    "archive",
    [sparse(), sparse(size="1000000000000", numblocks="0", map="0,0")],
    ids=["old", "new"],
)
def test_a_small_archive_does_not_fill_the_disk(tmp_path, archive) -> None:
    with pytest.raises(ValueError, match="makes more of"):
        parcels.unpack(io.BytesIO(archive), tmp_path)
    assert not list(tmp_path.iterdir())


def test_names_as_long_as_a_disk_takes_them_arrive(tmp_path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    deep = source.joinpath(*["ä" * 120] * 12)
    deep.mkdir(parents=True)
    (deep / "file").write_text("here")
    (deep / "link").symlink_to("x" * 4000)
    target.mkdir()
    parcels.unpack(io.BytesIO(b"".join(parcels.pieces({"one": str(source)}))), target)
    arrived = target / "one" / deep.relative_to(source)
    assert (arrived / "file").read_text() == "here"
    assert str((arrived / "link").readlink()) == "x" * 4000
