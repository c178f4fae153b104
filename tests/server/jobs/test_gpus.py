"""Which GPUs there are, and how a job sees its own and no others."""

from __future__ import annotations

import pynvml
import pytest

from trackside_server.jobs.entities import Gpu
from trackside_server.jobs.runners.local.gpus import NvmlInventory, cuda_variables, visible_of

GPUS = [Gpu(index, f"GPU-{index}{index}-aaaa", "A100") for index in range(4)]


@pytest.mark.parametrize(
    ("visible", "indices"),
    [
        (None, [0, 1, 2, 3]),
        ("", []),
        ("-1", []),
        ("2", [2]),
        ("3,1", [3, 1]),
        (" 1 , 2 ", [1, 2]),
        ("GPU-22-aaaa", [2]),
        ("GPU-22", [2]),
        ("0,7,1", [0]),
        ("0,0", [0]),
        ("NoDevFiles", []),
    ],
)
def test_only_what_the_server_may_use_is_handed_out(visible, indices):
    assert [gpu.index for gpu in visible_of(GPUS, visible)] == indices


def test_a_job_sees_its_own_gpus_by_their_numbers():
    assert cuda_variables(GPUS[1:3], machine_has_some=True) == {
        "CUDA_VISIBLE_DEVICES": "1,2",
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
    }


def test_a_job_that_asked_for_none_sees_none():
    assert cuda_variables([], machine_has_some=True) == {"CUDA_VISIBLE_DEVICES": ""}
    assert cuda_variables([], machine_has_some=False) == {}


def test_parts_of_a_gpu_are_named_by_their_ids():
    part = Gpu(0, "MIG-1234", "A100 MIG 1g.5gb")
    assert cuda_variables([part], machine_has_some=True)["CUDA_VISIBLE_DEVICES"] == "MIG-1234"
    assert visible_of([part], "MIG-1234") == [part]
    assert visible_of([part], "0") == []


def test_the_driver_is_asked_where_there_is_one():
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        assert NvmlInventory().devices() == ()
        return
    count = pynvml.nvmlDeviceGetCount()
    found = NvmlInventory().devices()
    assert len(found) >= count
    assert all(gpu.uuid.startswith(("GPU-", "MIG-")) and gpu.name for gpu in found)
    assert all(gpu.memory > 0 for gpu in found)
    assert NvmlInventory("").devices() == ()
