"""Files and folders as a stream: all that was there comes out, and nothing beside its folder."""

from __future__ import annotations

import io
import os
import tarfile

import pytest

from trackside_server.jobs.runners.kubernetes.podside import parcels


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "made"
    (made / "inner" / "empty").mkdir(parents=True)
    (made / "inner" / "file").write_bytes(b"content" * 1000)
    (made / "program").write_text("#!")
    (made / "program").chmod(0o700)
    (made / "link").symlink_to("inner/file")
    (made / ("n" * 150)).write_text("long")
    os.mkfifo(made / "pipe")
    (made / os.fsdecode(b"\xff")).write_text("no text")
    return made


@pytest.fixture
def target(tmp_path):
    (tmp_path / "target").mkdir()
    return tmp_path / "target"


def packed(**of):
    return b"".join(parcels.pieces({name: str(path) for name, path in of.items()}))


def archive(*members):
    """Make an archive of names and what they are."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as made:
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind == tarfile.REGTYPE:
                info.size = len(content)
                made.addfile(info, io.BytesIO(content))
            else:
                info.linkname = os.fsdecode(content)
                made.addfile(info)
    return io.BytesIO(buffer.getvalue())


def names(folder):
    return sorted(os.path.relpath(one, folder) for one in folder.rglob("*"))


def test_what_was_packed_comes_out_as_it_was(folder, target, tmp_path) -> None:
    content = packed(outputs=folder, nothing=tmp_path / "nothing")
    parcels.unpack(io.BytesIO(content), target)
    there = target / "outputs"
    assert names(there) == [name for name in names(folder) if name != "pipe"]
    assert (there / "inner" / "file").read_bytes() == b"content" * 1000
    assert str((there / "link").readlink()) == "inner/file"
    assert (there / "program").stat().st_mode & 0o777 == 0o755
    assert parcels.size_of([str(folder)]) == 7000 + 2 + 4 + 7


def test_a_stream_that_breaks_off_anywhere_is_never_taken_for_whole(folder, target) -> None:
    content = packed(outputs=folder)
    # Of the zeros at the end some may be missing without a loss.
    for length in range(0, len(content) - 1024, 511):
        with pytest.raises(ValueError, match=r"cut off|damaged"):
            parcels.unpack(io.BytesIO(content[:length]), target)


@pytest.mark.parametrize(
    "members",
    [
        [("/etc/x", tarfile.REGTYPE, b"x")],
        [("../x", tarfile.REGTYPE, b"x")],
        [("a/../../x", tarfile.REGTYPE, b"x")],
        [("a", tarfile.SYMTYPE, b".."), ("a/x", tarfile.REGTYPE, b"x")],
        [("a", tarfile.SYMTYPE, b"/tmp"), ("a/x", tarfile.DIRTYPE, b"")],
    ],
    ids=["absolute", "above", "through", "link", "folder"],
)
def test_no_name_and_no_link_leads_out_of_the_folder(members, target) -> None:
    with pytest.raises(ValueError, match="leads elsewhere"):
        parcels.unpack(archive(*members), target)
    assert [name for name in names(target.parent) if name.rpartition("/")[2] == "x"] == []


def test_a_file_takes_the_place_of_a_link_and_not_of_what_it_leads_to(target, tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("kept")
    members = [("a", tarfile.SYMTYPE, bytes(secret)), ("a", tarfile.REGTYPE, b"x")]
    parcels.unpack(archive(*members), target)
    assert (secret.read_text(), (target / "a").read_text()) == ("kept", "x")


def test_devices_and_hard_links_are_left_out(target) -> None:
    members = [("a", tarfile.CHRTYPE, b""), ("b", tarfile.LNKTYPE, b"/etc/passwd")]
    parcels.unpack(archive(*members), target)
    assert names(target) == []
