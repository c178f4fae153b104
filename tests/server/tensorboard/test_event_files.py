"""What is read of event files, beside what TensorBoard reads of them."""

from __future__ import annotations

import io
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util

from trackside._event_files import BATCH, Damaged, batches

from .events import write_scalars


def read(path, offset=0):
    with path.open("rb") as file:
        return [point for _, points in batches(file, offset) for point in points]


@pytest.mark.parametrize("tf2", [False, True], ids=["TensorFlow 1 and PyTorch", "TensorFlow 2"])
def test_scalars_come_with_value_step_and_time(tmp_path, tf2):
    points = read(write_scalars(tmp_path, values=(1.5, float("nan"), float("inf")), tf2=tf2))
    assert [(p.tag, p.step, p.time) for p in points] == [
        ("loss", step, 1_700_000_000_000 + 1000 * step) for step in range(3)
    ]
    assert points[0].value == 1.5
    assert np.isnan(points[1].value)
    assert np.isinf(points[2].value)


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "float64", "int8", "int32", "int64", "uint8", "uint64", "bool"]
)
@pytest.mark.parametrize("shape", [(), (1,)])
def test_a_tensor_of_one_number_is_a_scalar_whatever_its_type(tmp_path, dtype, shape):
    writer = EventFileWriter(str(tmp_path))
    event = event_pb2.Event(wall_time=1.0, step=-1)
    value = np.full(shape, 1, dtype=dtype)
    event.summary.value.add(tag="x", tensor=tensor_util.make_tensor_proto(value))
    writer.add_event(event)
    writer.close()
    (path,) = tmp_path.glob("*")
    assert read(path) == [("x", 1.0, 1000, -1)]


def test_what_is_no_scalar_is_left_out(tmp_path):
    writer = EventFileWriter(str(tmp_path))
    event = event_pb2.Event(wall_time=1.0, step=1)
    many = tensor_util.make_tensor_proto(np.zeros((2, 2), np.float32))
    event.summary.value.add(tag="matrix", tensor=many)
    event.summary.value.add(tag="text", tensor=tensor_util.make_tensor_proto("words"))
    event.summary.value.add(tag="picture").image.encoded_image_string = b"png"
    one = event.summary.value.add(tag="hparams", tensor=tensor_util.make_tensor_proto(1.0))
    one.metadata.plugin_data.plugin_name = "hparams"
    event.summary.value.add(tag="loss", simple_value=2.0)
    writer.add_event(event)
    writer.close()
    (path,) = tmp_path.glob("*")
    assert [point.tag for point in read(path)] == ["loss"]


def test_reading_goes_on_where_it_ended_and_a_half_written_event_waits(tmp_path):
    path = write_scalars(tmp_path, values=range(5))
    content = path.read_bytes()
    path.write_bytes(content[:-3])
    with path.open("rb") as file:
        ((offset, points),) = batches(file)
    assert [point.step for point in points] == [0, 1, 2, 3]
    path.write_bytes(content)
    assert [point.step for point in read(path, offset)] == [4]


def test_long_files_are_read_in_batches(tmp_path):
    path = write_scalars(tmp_path, values=range(2 * BATCH + 1))
    with path.open("rb") as file:
        assert [len(points) for _, points in batches(file)] == [BATCH, BATCH, 1]


def test_what_came_before_damage_is_read(tmp_path):
    path = write_scalars(tmp_path)
    with path.open("ab") as file:
        file.write(b"no event at all, but long enough")
    found = []
    with path.open("rb") as file, pytest.raises(Damaged):
        found.extend(point for _, points in batches(file) for point in points)
    assert len(found) == 3


def write_events(folder, *events):
    writer = EventFileWriter(str(folder))
    for event in events:
        writer.add_event(event)
    writer.close()
    (path,) = folder.glob("*")
    return path


def event(tag, time=1.0):
    made = event_pb2.Event(wall_time=time, step=1)
    made.summary.value.add(tag=tag, simple_value=1.0)
    return made


def test_no_batch_is_long_whatever_the_tags_are(tmp_path):
    path = write_events(tmp_path, *(event("\x01" * 900_000) for _ in range(4)), event("loss"))
    with path.open("rb") as file:
        lines = [json.dumps(batch) for batch in batches(file)]
    assert len(lines) == 5
    assert max(map(len, lines)) < 10 * 1024 * 1024


@pytest.mark.parametrize("time", [1e306, 1e308, 1e20, -5.0, float("nan"), float("inf")])
def test_a_time_that_is_none_costs_no_point(tmp_path, time):
    path = write_events(tmp_path, event("a"), event("b", time), event("c"))
    assert [(point.tag, point.time) for point in read(path)] == [("a", 1000), ("b", 0), ("c", 1000)]


@given(st.binary(max_size=300))
def test_no_record_breaks_the_reader(record):
    from trackside._event_files import _masked_checksum

    head = struct.pack("<Q", len(record))
    whole = head + struct.pack("<I", _masked_checksum(head)) + record + b"\0\0\0\0"
    assert [end for end, _ in batches(io.BytesIO(whole))] == [len(whole)]
