"""The stock KFP SDKs and clients of the tests, beside Trackside and MLflow in one environment.

`StockClient.run` runs a script with one of them. A Jupyter server whose pipelines run Python
components is started with ``env=NEWEST.environment()`` (or that in ``JupyterProcess.env``): the
tasks inherit it, and find an importable ``kfp``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.stock_clients import CLIENTS, StockClient

NEWEST = StockClient("2.17.3", Path(sys.executable), (CLIENTS / "kfp-2.17",))
OLD = StockClient("2.14.6", Path(sys.executable), (CLIENTS / "kfp-2.14", CLIENTS / "kfp-2.17"))
