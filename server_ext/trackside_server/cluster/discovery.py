"""What the cluster serves: its version, and which of the APIs that Trackside knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from .memo import Memo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .api import Api

TRAINER = "trainer.kubeflow.org"
KUEUE = "kueue.x-k8s.io"
KUBEFLOW = "kubeflow.org"
VISIBILITY = "visibility.kueue.x-k8s.io"
JOBSET = "jobset.x-k8s.io"
DRA = "resource.k8s.io"
# From these versions on, DRA's objects have the form that is read here.
_DRA_VERSIONS = ("v1", "v1beta2", "v1beta1")
_SECONDS = 300


class Served(Struct, frozen=True):
    """What a cluster serves.

    Parameters
    ----------
    version
        Of the server: ``v1.34.1``.
    groups
        Versions by the group of the API, the preferred one first.
    """

    version: str
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def path(self, group: str) -> str | None:
        """Return where a group is served in its preferred version, or None."""
        versions = self.groups.get(group, ())
        if group == DRA:
            versions = tuple(version for version in _DRA_VERSIONS if version in versions)
        return f"/apis/{group}/{versions[0]}" if versions else None

    def has(self, group: str) -> bool:
        """Whether a group is served."""
        return self.path(group) is not None

    def features(self) -> dict[str, bool]:
        """Return what a view has to know."""
        groups = {"trainer": TRAINER, "kueue": KUEUE, "jobset": JOBSET, "dra": DRA}
        return {name: self.has(group) for name, group in groups.items()}


class Discovery:
    """Asks a cluster what it serves, and remembers it for some minutes.

    Parameters
    ----------
    api
        The way to it.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._memo: Memo[Served] = Memo(_SECONDS)
        self._documents: Memo[dict[str, Any]] = Memo(_SECONDS)

    async def served(self) -> Served:
        """Return what is served."""
        return await self._memo.get("served", self._ask)

    async def openapi(self, path: str) -> dict[str, Any]:
        """Return the description of a group that is served.

        Parameters
        ----------
        path
            As `Served.path` gives it.
        """
        return await self._documents.get(path, lambda: self._api.get(f"/openapi/v3{path}"))

    def forget(self) -> None:
        """Ask anew the next time."""
        self._memo.forget()
        self._documents.forget()

    async def _ask(self) -> Served:
        version = await self._api.get("/version")
        groups = await self._api.get("/apis")
        return Served(str(version.get("gitVersion", "")), read_groups(groups))


def read_groups(groups: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Read the list of groups as the API gives it."""
    found = {}
    for group in groups.get("groups") or ():
        preferred = (group.get("preferredVersion") or {}).get("version")
        versions = [entry["version"] for entry in group.get("versions") or ()]
        found[group["name"]] = tuple(sorted(versions, key=lambda version: version != preferred))
    return found
