"""The tokens of kernels and jobs, and what each of them may do.

A Jupyter user proves who they are to Jupyter. Kernels, terminals and jobs cannot, so the server
hands them tokens of its own: one for all kernels, which may do what the user may do inside
Trackside, and one for each job, which may write to the run of that job and nothing else.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import hmac
import os
import secrets
import time
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from .store import Store

# The prefixes tell our tokens from Jupyter's without a look into the store, and let logs and
# differences be searched for them.
KERNEL_PREFIX = "tsk_"
JOB_PREFIX = "tsj_"
# Another server on the same store may end a job; its token works here for this long afterwards.
_CACHE_SECONDS = 2.0


class Principal(Struct, frozen=True):
    """Who a Trackside token stands for."""

    kind: Literal["kernel", "job"]
    job_id: str | None = None
    run_id: str | None = None
    experiment_id: str | None = None


class Tokens:
    """Issues, checks and revokes the tokens of kernels and jobs.

    Parameters
    ----------
    store : Store
        Keeps hashes of the job tokens, and in its ``runtime`` folder the kernel token, so that the
        kernels and terminals that outlive a server stay welcome at the next one.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache: dict[str, tuple[float, Principal]] = {}
        self.kernel_token = _kept_token(store.root / "runtime" / "kernel_token")

    async def issue(self, job_id: str, run_id: str | None, experiment_id: str | None) -> str:
        """Return a new token for a job; only its hash is stored."""
        return await self._store.write(
            lambda connection: self.issue_in(connection, job_id, run_id, experiment_id)
        )

    @staticmethod
    def issue_in(
        connection: sqlite3.Connection, job_id: str, run_id: str | None, experiment_id: str | None
    ) -> str:
        """Do the same inside a write of the caller."""
        token = JOB_PREFIX + secrets.token_urlsafe(32)
        connection.execute(
            "INSERT INTO job_tokens (hash, job_id, run_id, experiment_id) VALUES (?, ?, ?, ?)",
            (_hash(token), job_id, run_id, experiment_id),
        )
        return token

    async def revoke(self, job_id: str) -> None:
        """End the tokens of a job."""
        await self._store.write(lambda connection: self.revoke_in(connection, job_id))
        self.forget(job_id)

    @staticmethod
    def revoke_in(connection: sqlite3.Connection, job_id: str) -> None:
        """Do the same inside a write of the caller, who lets them be forgotten after the commit."""
        connection.execute("DELETE FROM job_tokens WHERE job_id = ?", (job_id,))

    def forget(self, job_id: str) -> None:
        """Remember the tokens of a job no longer: they were revoked."""
        self._cache = {
            key: entry for key, entry in self._cache.items() if entry[1].job_id != job_id
        }

    def known(self, token: str) -> Principal | None:
        """Return whom a token stands for as far as that is known without a look into the store."""
        if token.startswith(KERNEL_PREFIX):
            right = hmac.compare_digest(token.encode(), self.kernel_token.encode())
            return Principal("kernel") if right else None
        cached = self._cache.get(_hash(token)) if token.startswith(JOB_PREFIX) else None
        return cached[1] if cached is not None and cached[0] > time.monotonic() else None

    async def resolve(self, token: str) -> Principal | None:
        """Return whom a token stands for, None when it is not (or no longer) one of ours."""
        known = self.known(token)
        if known is not None or not token.startswith(JOB_PREFIX):
            return known
        key = _hash(token)

        def work(connection: sqlite3.Connection) -> Principal | None:
            row = connection.execute(
                "SELECT job_id, run_id, experiment_id FROM job_tokens WHERE hash = ?", (key,)
            ).fetchone()
            return Principal("job", *row) if row else None

        principal = await self._store.read(work)
        if principal is None:
            self._cache.pop(key, None)
        else:
            self._cache[key] = (time.monotonic() + _CACHE_SECONDS, principal)
        return principal


def is_ours(token: str) -> bool:
    """Whether a token has the shape of a Trackside token."""
    return token.startswith((KERNEL_PREFIX, JOB_PREFIX))


def account_name() -> str:
    """Return the name of the account that this server runs for."""
    hub_user = os.environ.get("JUPYTERHUB_USER")
    if hub_user:
        return hub_user
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        return str(os.getuid())


def _hash(token: str) -> str:
    # The tokens are long and random, so a plain hash cannot be guessed backwards.
    return hashlib.sha256(token.encode()).hexdigest()


def _kept_token(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = KERNEL_PREFIX + secrets.token_urlsafe(32)
    with contextlib.suppress(FileNotFoundError):
        kept = path.read_text(encoding="utf-8").strip()
        if kept.startswith(KERNEL_PREFIX) and len(kept) == len(fresh):
            path.chmod(0o600)
            return kept
        path.unlink()
    # Written aside and linked into place: of two servers that start together one wins, whole.
    aside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(fresh)
    try:
        os.link(aside, path)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        # Some file systems have no hard links.
        aside.replace(path)
        return fresh
    finally:
        aside.unlink(missing_ok=True)
    return fresh
