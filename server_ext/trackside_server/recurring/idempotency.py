"""By what a request is known that is sent again because its answer was lost."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from trackside_server.jobs.fields import Fields
from trackside_server.jobs.spec import read_key
from trackside_server.pipelines.fields import object_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class Idempotency(Struct, frozen=True):
    """A key that the client has chosen, and a hash of what was asked for under it."""

    key: str
    fingerprint: str

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Idempotency | None:
        """Read it from a request to let a notebook or script recur; None where it has no key.

        Raises
        ------
        InvalidInput
            It is no key.
        """
        key = read_key(Fields(body))
        if key is None:
            return None
        job = dict(object_of(body, "job"))
        # Told by the kernel at the moment of sending, and so not the same in a repeated request.
        job.pop("source", None)
        asked = {**body, "job": job, "idempotency_key": None}
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        return cls(key, digest)
