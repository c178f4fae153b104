"""Tasks on this machine get its GPUs in turn."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from tests.kfp_clients import NEWEST

from trackside_server.jobs.entities import Gpu

SCRIPT = Path(__file__).parents[1] / "api" / "scripts" / "gpus.py"


class OneCard:
    """The inventory of a machine with one GPU."""

    def devices(self):
        return (Gpu(0, "GPU-00", "A100", 40 * 1024**3),)


async def test_tasks_that_want_the_same_gpu_run_one_after_the_other_and_more_gpus_are_refused(
    driver, jp_http_port, jp_base_url, jp_serverapp, tmp_path
):
    driver.services.jobs._runners.local._inventory = OneCard()
    folder = tmp_path / "folder"
    folder.mkdir()
    env = {
        **os.environ,
        "KF_PIPELINES_ENDPOINT": f"http://127.0.0.1:{jp_http_port}{jp_base_url}trackside",
        "KFP_TOKEN": jp_serverapp.identity_provider.token,
        "FOLDER": str(folder),
    }
    seen = await asyncio.to_thread(NEWEST.run, SCRIPT, env=env, cwd=tmp_path)
    assert seen["waits"].startswith("Waiting for the GPU: train")
    assert "asks for 2 GPUs, and this machine has 1." in seen["refused"]
