"""Whom `mlflow` in kernels and jobs trusts when the server speaks HTTPS."""

from __future__ import annotations

import functools
import shutil
import ssl
import subprocess
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from trackside_server.certificates import write_trusted


@pytest.fixture
def signed(tmp_path):
    """A certificate for localhost with its key in one file, and the authority that signed it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    run = functools.partial(subprocess.run, check=True, capture_output=True, cwd=tmp_path)
    make = ("openssl", "req", "-newkey", "rsa:2048", "-nodes")
    authority = ("-x509", "-days", "1", "-subj", "/CN=an authority")
    run([*make, *authority, "-keyout", "authority.key", "-out", "authority.pem"])
    run([*make, "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "asked"])
    (tmp_path / "names").write_text("subjectAltName=DNS:localhost")
    sign = ("openssl", "x509", "-req", "-in", "asked", "-extfile", "names")
    by = ("-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial")
    run([*sign, *by, "-days", "1", "-out", "leaf.pem"])
    both = tmp_path / "server.pem"
    both.write_text((tmp_path / "leaf.pem").read_text() + (tmp_path / "key.pem").read_text())
    return both, tmp_path / "authority.pem"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def address(signed):
    """The address of a server that has this certificate."""
    server = HTTPServer(("127.0.0.1", 0), _Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed[0])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://localhost:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_certificate_that_a_trusted_authority_signed_is_trusted(
    signed, address, tmp_path, monkeypatch
):
    certfile, authority = signed
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    trusted = write_trusted(tmp_path, str(certfile))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(trusted)
    with urllib.request.urlopen(address, timeout=20, context=context) as answer:
        assert answer.status == 204


def test_the_private_key_stays_where_it_is(signed, tmp_path):
    trusted = write_trusted(tmp_path, str(signed[0]))
    text = trusted.read_text()
    assert "PRIVATE KEY" not in text
    assert (tmp_path / "leaf.pem").read_text().strip() in text
    assert trusted.stat().st_mode & 0o077 == 0


def test_servers_that_share_a_store_do_not_take_each_others_certificate_away(signed, tmp_path):
    certfile, authority = signed
    one = write_trusted(tmp_path, str(certfile))
    two = write_trusted(tmp_path, str(authority))
    assert one != two
    assert write_trusted(tmp_path, str(certfile)) == one
    assert sorted((tmp_path / "runtime").iterdir()) == sorted([one, two])


def test_without_any_authorities_the_certificate_is_left(signed, tmp_path, monkeypatch):
    monkeypatch.setattr("trackside_server.certificates.authorities", lambda: [tmp_path / "none"])
    text = write_trusted(tmp_path, str(signed[0])).read_text()
    assert text.count("BEGIN CERTIFICATE") == 1
