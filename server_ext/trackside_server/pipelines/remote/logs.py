"""The log of a task's pod: through the cluster where that is known, else through the KFP server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from trackside_server.cluster.errors import ApiError
from trackside_server.errors import NotFound, TracksideError, Unavailable

from .errors import KfpRefused

if TYPE_CHECKING:
    from trackside_server.cluster.api import Api
    from trackside_server.cluster.connection import Connection

    from .wire import Pod

# Where the pods of a server with one user are.
_NAMESPACE: Final = "kubeflow"
_CONTAINER: Final = "main"
# Of lines that are long fewer are asked for: what is cut off is the end, where errors are.
_LINES: Final = (10_000, 1000, 100, 10)
_MOST: Final = 4 * 1024 * 1024
_NODE: Final = "workflows.argoproj.io/node-name"
_RUN: Final = "pipeline/runid"
_OPEN: Final = "Open it in Kubeflow Pipelines, which may have kept it."


class Logs:
    """Reads logs.

    Parameters
    ----------
    connection
        The way to the cluster.
    namespace
        Where the pods are; empty for that of a server with one user.
    """

    def __init__(self, connection: Connection, namespace: str) -> None:
        self._connection = connection
        self._namespace = namespace or _NAMESPACE

    async def read(self, run_id: str, pod: Pod) -> str:
        """Give the last lines that a task printed.

        Parameters
        ----------
        run_id
            Its run.
        pod
            What is known of its pod.

        Raises
        ------
        TracksideError
            They cannot be read; the sentence says why.
        """
        api = await self._api()
        try:
            name = await self._name(api, run_id, pod)
            path = f"/api/v1/namespaces/{quote(self._namespace, safe='')}/pods/{name}/log"
            for lines in _LINES:
                raw = await api.read(path, container=_CONTAINER, tailLines=lines, limitBytes=_MOST)
                if len(raw) < _MOST:
                    break
        except ApiError as error:
            raise self._told(error) from None
        return raw.decode("utf-8", "replace")

    async def _api(self) -> Api:
        api = await self._connection.api()
        if api is None:
            raise NotFound(
                "The log is in a cluster that this server does not know.",
                hint="Open it in Kubeflow Pipelines, or tell Jupyter of the cluster by a "
                "kubeconfig.",
                reason="NO_CLUSTER",
            )
        return api

    async def _name(self, api: Api, run_id: str, pod: Pod) -> str:
        if pod.name:
            return quote(pod.name, safe="")
        # Argo makes names out of more than is told; what it notes at its pods is whole.
        path = f"/api/v1/namespaces/{quote(self._namespace, safe='')}/pods"
        async for one in api.items(path, label_selector=f"{_RUN}={run_id}"):
            metadata: dict[str, Any] = one.get("metadata") or {}
            if (metadata.get("annotations") or {}).get(_NODE) == pod.node:
                return quote(str(metadata.get("name")), safe="")
        raise _gone()

    def _told(self, error: ApiError) -> TracksideError:
        if error.status == 404:
            return _gone()
        if error.status in (401, 403):
            return KfpRefused(
                f"You may not read the logs of pods in the namespace {self._namespace}.",
                hint="Ask for the right to get pods/log and to list pods there, or open the run "
                "in Kubeflow Pipelines.",
                reason="NO_RIGHT",
            )
        if error.status == 400:
            # Its container has not started.
            return NotFound("The pod of this task has printed nothing yet.", reason="NOT_STARTED")
        return Unavailable(f"The cluster did not give the log: {error.message.rstrip('.')}.")


def _gone() -> NotFound:
    return NotFound(
        "The pod of this task is gone, and its log with it.", hint=_OPEN, reason="POD_GONE"
    )
