"""Which certificates `mlflow` in kernels and jobs trusts when this server speaks HTTPS."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import re
import ssl
import tempfile
from pathlib import Path

# A file of certificates may hold the private key too, which has to stay where it is.
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def write_trusted(root: Path, certfile: str) -> Path:
    """Write the usual authorities and the server's certificate into one file.

    MLflow takes a single file, which replaces the authorities that it would trust otherwise. The
    certificate alone is enough for one that signed itself, and not for one that an authority
    signed.

    Parameters
    ----------
    root
        The folder of everything that Trackside keeps.
    certfile
        The server's certificate.

    Returns
    -------
    Path
        The file, ``runtime/ca-….pem``: servers that share a store may have certificates of their
        own, so each certificate has a file of its own.

    Raises
    ------
    OSError
        A file cannot be read or written.
    """
    found = _certificates(Path(certfile))
    for file in authorities():
        with contextlib.suppress(OSError):
            found += _certificates(file)
    folder = root / "runtime"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"ca-{hashlib.sha256(os.path.realpath(certfile).encode()).hexdigest()[:12]}.pem"
    descriptor, aside = tempfile.mkstemp(dir=folder, prefix="ca.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as written:
            written.write("\n".join([*dict.fromkeys(found), ""]))
        # Replaced as a whole: a job may read it at any moment.
        Path(aside).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(aside).unlink()
        raise
    return path


def authorities() -> list[Path]:
    """Return the files of those that Python and the clients of MLflow trust by default."""
    files = [os.environ.get("REQUESTS_CA_BUNDLE"), ssl.get_default_verify_paths().cafile]
    if importlib.util.find_spec("certifi") is not None:
        import certifi

        files.append(certifi.where())
    return [Path(file) for file in files if file]


def _certificates(file: Path) -> list[str]:
    # What stands around the certificates are remarks, in whatever encoding.
    return _CERTIFICATE.findall(file.read_text(encoding="ascii", errors="replace"))
