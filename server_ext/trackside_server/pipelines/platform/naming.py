"""The volumes of a pod, each under a name that a volume may have."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Final

from .words import VOLUME_NAME

_NOT_PLAIN: Final = re.compile(r"[^a-z0-9]+")
# What Trackside itself calls the volumes of a pod.
_OURS: Final = "trackside-"
_SLUG: Final = 40


class Volumes:
    """Collects volumes, and where they are mounted.

    A KFP server gives each volume the name of the Secret, ConfigMap or claim that it holds. So do
    these where that can be: it may be too long, hold dots, or stand for two things.

    Attributes
    ----------
    made, mounts
        As Kubernetes writes them.
    """

    def __init__(self) -> None:
        self.made: list[dict[str, Any]] = []
        self.mounts: list[dict[str, Any]] = []
        self._by_source: dict[str, str] = {}
        self._by_name: dict[str, str] = {}

    def mount(self, name: str, source: dict[str, Any], path: str, sub_path: str = "") -> None:
        """Mount a volume; what is mounted twice is one volume."""
        key = json.dumps([name, source], sort_keys=True)
        called = self._by_source.get(key)
        if called is None:
            called = self._free(name, key)
            self._by_source[key] = called
            self._by_name.setdefault(name, called)
            self.made.append({"name": called, **source})
        mount = {"name": called, "mountPath": path}
        self.mounts.append({**mount, "subPath": sub_path} if sub_path else mount)

    def named(self, name: str) -> str:
        """Return what a volume is called that somebody knows by this name."""
        return self._by_name.get(name, name)

    def _free(self, name: str, key: str) -> str:
        if (
            VOLUME_NAME.match(name)
            and not name.startswith(_OURS)
            and name not in self._by_name.values()
        ):
            return name
        slug = _NOT_PLAIN.sub("-", name.lower())[:_SLUG].strip("-")
        digest = hashlib.sha256(key.encode()).hexdigest()[:8]
        return f"v-{slug}-{digest}" if slug else f"v-{digest}"
