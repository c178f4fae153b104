"""The stock MLflow clients that the tests use, each as its users have it."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.stock_clients import CLIENTS, StockClient

NEWEST = StockClient("3.18.0", Path(sys.executable), (CLIENTS / "mlflow-3.18",))
LAST_OF_2 = StockClient("2.22.5", CLIENTS / "mlflow-2.22" / "bin" / "python")
