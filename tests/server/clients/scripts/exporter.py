"""Sends spans with OpenTelemetry alone, as an application does that never heard of MLflow."""

import json
import sys
from contextlib import suppress

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

url, token, experiment, compression = sys.argv[1:]
exporter = OTLPSpanExporter(
    f"{url}/v1/traces",
    headers={"Authorization": f"Bearer {token}", "x-mlflow-experiment-id": experiment},
    compression=Compression(compression),
)
provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
provider.add_span_processor(BatchSpanProcessor(exporter))
tracer = trace.get_tracer("tests", tracer_provider=provider)
with suppress(KeyError), tracer.start_as_current_span("buy", kind=trace.SpanKind.SERVER) as root:
    root.set_attribute("items", 3)
    for number in range(600):  # more than one batch
        with tracer.start_as_current_span(f"item {number}") as span:
            span.set_attribute("tags", ["a", "b"])
    raise KeyError("sold out")
provider.shutdown()
print(
    json.dumps(
        {"trace": f"tr-{root.get_span_context().trace_id:032x}", "mlflow": "mlflow" in sys.modules}
    )
)
