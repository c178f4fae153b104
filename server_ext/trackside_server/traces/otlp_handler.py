"""The route to which any exporter of OpenTelemetry sends its spans."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from jupyter_server.auth.decorator import authorized
from tornado import web

from trackside_server.errors import InvalidInput
from trackside_server.tracking.reach import Reach
from trackside_server.web import MLflowHandler

from .otlp import inflated, read_json, read_protobuf
from .reach import admit_known

if TYPE_CHECKING:
    from trackside_server.protocol.call import Domains
    from trackside_server.web import Core

    from .entities import Batch

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
EXPERIMENT_HEADER = "x-mlflow-experiment-id"
RUN_HEADER = "x-mlflow-run-id"


class MissingHeader(InvalidInput):
    """The exporter does not say where its spans belong."""

    status = 422


class OtlpHandler(MLflowHandler):
    """Takes spans."""

    job_access: ClassVar[bool] = True

    def initialize(self, core: Core, domains: Domains) -> None:  # type: ignore[override]
        """Take the collaborators that the app injects."""
        super().initialize(core)
        self.domains = domains

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Store the spans of a request: all of them, or none."""
        traces = self.domains.traces
        reach = Reach(self.principal, self.core, self.domains.tracking)
        experiment_id = self.request.headers.get(EXPERIMENT_HEADER, "") or reach.experiment_id
        if not experiment_id:
            raise MissingHeader(
                f"The header {EXPERIMENT_HEADER} is missing: it says to which experiment the spans "
                "belong."
            )
        run_id = self.request.headers.get(RUN_HEADER) or None
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in (PROTOBUF, JSON):
            raise InvalidInput(
                f"The Content-Type of this request must be {PROTOBUF} or {JSON}, not {kind[:80]!r}."
            )
        reach.experiment(experiment_id)
        if run_id is not None:
            await reach.run(run_id)
        encoding = self.request.headers.get("Content-Encoding", "")
        body = self.body()
        loop = asyncio.get_running_loop()
        batches = await loop.run_in_executor(None, _read, body, encoding, kind)
        await admit_known(
            reach, traces, {span.trace_id for batch in batches for span in batch.spans}
        )
        await traces.log_spans(experiment_id, batches, run_id=run_id, own_run=reach.run_id)
        # The answer is an empty message, in the form of the question.
        self.finish(b"" if kind == PROTOBUF else b"{}", set_content_type=kind)


def _read(body: bytes, encoding: str, kind: str) -> list[Batch]:
    plain = inflated(body, encoding)
    return read_protobuf(plain) if kind == PROTOBUF else read_json(plain)
