"""Bundles: the same content has the same name, and no archive can do harm."""

import gzip
import io
import tarfile

import pytest

from trackside import _bundle
from trackside._bundle import Bundle, BundleError, File, Manifest, check_path, size_text, unpack


def packed(bundle):
    target = io.BytesIO()
    bundle.pack(target)
    return target.getvalue()


def archive(*members, mode="w:gz"):
    """Return an archive of (name, content) pairs or of ready-made TarInfo objects."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
                continue
            name, content = member
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return target.getvalue()


def tree(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def bundle(tmp_path):
    file = tmp_path / "data.bin"
    file.write_bytes(bytes(range(256)) * 1000)
    return Bundle.build({"b/ä.txt": "ä".encode(), "a.py": b"x = 1\n", "b/data.bin": file})


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def test_what_was_packed_comes_out_the_same(bundle, target):
    manifest = unpack(io.BytesIO(packed(bundle)), target, bundle.digest)
    assert manifest == bundle.manifest
    assert tree(target) == {
        "a.py": b"x = 1\n",
        "b/data.bin": bytes(range(256)) * 1000,
        "b/ä.txt": "ä".encode(),
    }


def test_written_to_a_folder_it_is_the_same(bundle, target):
    bundle.write(target)
    assert set(tree(target)) == {"a.py", "b/data.bin", "b/ä.txt"}


def test_the_same_content_has_the_same_name_and_the_same_archive(tmp_path):
    (tmp_path / "x").write_bytes(b"1")
    one = Bundle.build({"x": tmp_path / "x", "y": b"2"})
    two = Bundle.build({"y": b"2", "x": b"1"})
    assert one.digest == two.digest
    assert packed(one) == packed(two)


@pytest.mark.parametrize("other", [{"x": b"2"}, {"y": b"1"}, {"x": b"1", "y": b""}, {}])
def test_other_content_has_another_name(other):
    assert Bundle.build(other).digest != Bundle.build({"x": b"1"}).digest


def test_the_name_is_fixed_for_all_times():
    # Stored bundles go by it: another name for the same content would lose them.
    digest = Bundle.build({"a": b"1", "b/c": b""}).digest
    assert digest == "d734d87ff1cc05f07b01320b20f3eeef7b4a337370cef856cb29af0058834548"


def test_a_manifest_survives_its_json(bundle):
    assert Manifest.from_json(bundle.manifest.to_json()) == bundle.manifest


@pytest.mark.parametrize(
    "text",
    ["", "[1]", "{}", '[{"path": "a"}]', '[{"path": "../a", "size": 1, "sha256": ""}]'],
)
def test_a_damaged_manifest_is_refused(text):
    with pytest.raises(BundleError):
        assert Manifest.from_json(text).files


BAD_PATHS = [
    "",
    "/etc/passwd",
    "../x",
    "a/../../x",
    "a/./b",
    "a//b",
    "a/",
    ".",
    "..",
    "a\\..\\b",
    "C:\\x",
    "a\nb",
    "a\0b",
    "a\x7f",
    "x" * 256,
    "/".join(["abcdefghi"] * 60),
    "a\udc80",
]


@pytest.mark.parametrize("path", BAD_PATHS)
def test_paths_that_could_leave_the_folder_are_refused(path):
    with pytest.raises(BundleError, match="is not a path that a bundle may hold"):
        check_path(path)


@pytest.mark.parametrize("path", ["a", "a/b.c", ".hidden", "ä/日本", "a b/(c)", "..a", "a..b/...x"])
def test_ordinary_paths_are_fine(path):
    check_path(path)


@pytest.mark.parametrize(
    "path", [path for path in BAD_PATHS if path and "\0" not in path and not path.endswith("/")]
)
def test_an_archive_cannot_write_outside_of_its_folder(target, path):
    content = archive((path, b"evil"))
    with pytest.raises(BundleError):
        unpack(io.BytesIO(content), target, "0" * 64)
    assert tree(target.parent) == {}


@pytest.mark.parametrize(
    ("kind", "link"),
    [
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.SYMTYPE, "a.py"),
        (tarfile.LNKTYPE, "a.py"),
        (tarfile.DIRTYPE, ""),
        (tarfile.FIFOTYPE, ""),
        (tarfile.CHRTYPE, ""),
        (tarfile.BLKTYPE, ""),
    ],
)
def test_an_archive_may_hold_nothing_but_files(target, kind, link):
    member = tarfile.TarInfo("x")
    member.type, member.linkname = kind, link
    with pytest.raises(BundleError, match="is not a plain file"):
        unpack(io.BytesIO(archive(("a.py", b""), member)), target, "0" * 64)
    assert not (target / "x").exists()


def test_a_link_planted_before_is_not_followed(target, tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    (target / "x").symlink_to(outside)
    with pytest.raises(OSError, match="File exists"):
        unpack(io.BytesIO(archive(("x", b"evil"))), target, "0" * 64)
    assert outside.read_text() == "mine"


@pytest.mark.parametrize(
    "members",
    [[("x", b"1"), ("x", b"2")], [("x", b"1"), ("x/y", b"2")], [("x/y", b"1"), ("x", b"2")]],
)
def test_paths_that_clash_are_refused(target, members):
    with pytest.raises((BundleError, OSError)):
        unpack(io.BytesIO(archive(*members)), target, "0" * 64)
    with pytest.raises(BundleError):
        Manifest.of(File(name, 1, "") for name, _ in members)


def test_content_that_is_not_what_its_name_says_is_refused(bundle, target):
    other = Bundle.build({"a.py": b"x = 2\n"})
    with pytest.raises(BundleError, match="is not what the name says"):
        unpack(io.BytesIO(packed(other)), target, bundle.digest)


def test_every_damaged_archive_is_refused(bundle, tmp_path):
    whole = packed(bundle)
    half = len(whole) // 2
    flipped = whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :]
    variants = [b"", b"x", whole[:10], whole[:half], flipped, gzip.compress(b"x")]
    variants.append(gzip.compress(gzip.decompress(whole)[:100_000]))
    for index, content in enumerate(variants):
        folder = tmp_path / f"t{index}"
        folder.mkdir()
        with pytest.raises(BundleError):
            unpack(io.BytesIO(content), folder, bundle.digest)


def test_an_archive_that_unpacks_to_too_much_is_refused(target, monkeypatch):
    monkeypatch.setattr(_bundle, "MAX_BYTES", 1000)
    monkeypatch.setattr(_bundle, "MAX_FILES", 5)
    with pytest.raises(BundleError, match=r"at most 5 files and 1\.0 kB"):
        unpack(io.BytesIO(archive(("x", b"0" * 1001))), target, "0" * 64)
    with pytest.raises(BundleError, match=r"at most 5 files and 1\.0 kB"):
        unpack(io.BytesIO(archive(*[(str(n), b"") for n in range(6)])), target, "0" * 64)
    # A header that is itself a bomb: the extended headers of tar may be of any size.
    member = tarfile.TarInfo("y")
    member.pax_headers = {"comment": "0" * 100_000}
    with pytest.raises(BundleError, match="at most"):
        unpack(io.BytesIO(archive(member)), target, "0" * 64)


def test_too_much_is_refused_before_it_is_sent(monkeypatch):
    monkeypatch.setattr(_bundle, "MAX_BYTES", 1000)
    with pytest.raises(BundleError, match=r"2\.0 kB in all; a bundle holds at most 1\.0 kB"):
        Bundle.build({"x": b"0" * 2000})
    monkeypatch.setattr(_bundle, "MAX_FILES", 1)
    with pytest.raises(BundleError, match="2 files; a bundle holds at most 1"):
        Bundle.build({"x": b"", "y": b""})


@pytest.mark.parametrize("change", [b"longer than before", b""])
def test_a_file_that_changes_while_it_is_packed_is_noticed(tmp_path, target, change):
    file = tmp_path / "x"
    file.write_bytes(b"before")
    bundle = Bundle.build({"x": file})
    file.write_bytes(change)
    with pytest.raises(BundleError):
        unpack(io.BytesIO(packed(bundle)), target, bundle.digest)
    with pytest.raises(BundleError):
        bundle.write(tmp_path / "copy")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1234, "1.2 kB"),
        (14_200, "14 kB"),
        (999_400, "999 kB"),
        (999_600, "1.0 MB"),
        (8_100_000_000, "8.1 GB"),
        (5 * 10**15, "5000 TB"),
    ],
)
def test_sizes_are_written_as_people_read_them(size, text):
    assert size_text(size) == text
