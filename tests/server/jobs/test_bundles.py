"""A bundle is stored once, whole, and only when it is what its name says."""

from __future__ import annotations

import io
import os
import tarfile
import time

import pytest

from trackside._bundle import Bundle
from trackside_server.errors import InvalidInput, NotFound
from trackside_server.jobs.bundles import Bundles


@pytest.fixture
def bundles(tmp_path):
    return Bundles(tmp_path)


def packed(bundle):
    archive = io.BytesIO()
    bundle.pack(archive)
    archive.seek(0)
    return archive


def test_what_was_sent_is_there_afterwards(bundles):
    bundle = Bundle.build({"a/b.py": b"x = 1", "c.csv": b"1,2"})
    assert not bundles.has(bundle.digest)
    bundles.receive(bundle.digest, packed(bundle))
    assert bundles.has(bundle.digest)
    assert (bundles.files(bundle.digest) / "a/b.py").read_bytes() == b"x = 1"
    assert bundles.manifest(bundle.digest) == bundle.manifest


def test_sending_it_twice_is_harmless(bundles):
    bundle = Bundle.build({"a.py": b"x"})
    for _ in range(2):
        bundles.receive(bundle.digest, packed(bundle))
    assert bundles.add(bundle) == bundle.digest


def test_another_content_than_the_name_says_is_refused(bundles, tmp_path):
    good, other = Bundle.build({"a.py": b"good"}), Bundle.build({"a.py": b"evil"})
    with pytest.raises(InvalidInput, match="not what the name says"):
        bundles.receive(good.digest, packed(other))
    assert not bundles.has(good.digest)
    assert list((tmp_path / "bundles").iterdir()) == []


@pytest.mark.parametrize("digest", ["x", "../../etc", "A" * 64, "a" * 63, ""])
def test_only_a_digest_is_a_name(bundles, digest):
    with pytest.raises(InvalidInput, match="64 hex digits"):
        bundles.receive(digest, io.BytesIO())
    with pytest.raises(NotFound):
        bundles.manifest(digest)


def test_nothing_is_written_outside_the_store(bundles, tmp_path):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("../../escaped.txt")
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    archive.seek(0)
    with pytest.raises(InvalidInput, match="not a path"):
        bundles.receive("a" * 64, archive)
    assert not list(tmp_path.rglob("escaped.txt"))


def test_a_damaged_archive_is_the_senders_fault(bundles):
    with pytest.raises(InvalidInput):
        bundles.receive("a" * 64, io.BytesIO(b"no archive"))


def test_a_full_disk_is_said(bundles, tmp_path):
    (tmp_path / "bundles").write_text("a file where the folder should be")
    bundle = Bundle.build({"a.py": b"x"})
    with pytest.raises(Exception, match="could not be stored") as refused:
        bundles.receive(bundle.digest, packed(bundle))
    assert refused.value.status == 507


def test_old_bundles_that_no_job_uses_are_removed(bundles):
    old, used, fresh = (Bundle.build({"a.py": text}) for text in (b"old", b"used", b"fresh"))
    for bundle in (old, used, fresh):
        bundles.add(bundle)
    long_ago = time.time() - 48 * 3600
    for bundle in (old, used):
        os.utime(bundles.files(bundle.digest).parent, (long_ago, long_ago))
    bundles.remove_unused({used.digest})
    assert [bundles.has(bundle.digest) for bundle in (old, used, fresh)] == [False, True, True]
