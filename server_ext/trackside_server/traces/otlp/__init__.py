"""Reads what OpenTelemetry's exporters send to ``/v1/traces``: protocol buffers or JSON.

The wire format is read here and not by the ``protobuf`` package: one message needs forty lines of
it, while the versions of that package that KFP, MLflow and TensorFlow ask for exclude each other.
"""

from __future__ import annotations

from .inflate import inflated
from .json_format import read_json
from .protobuf import read_protobuf

__all__ = ["inflated", "read_json", "read_protobuf"]
