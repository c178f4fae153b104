"""Event files as TensorBoard's own writer makes them."""

from __future__ import annotations

import numpy as np
from tensorboard.compat.proto import event_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util


def write_scalars(folder, tag="loss", values=(1.0, 0.5, 0.25), *, tf2=False, start=0):
    """Write a file of scalars, as TensorFlow 1 and PyTorch or as TensorFlow 2 do; give its path."""
    before = set(folder.glob("*")) if folder.exists() else set()
    writer = EventFileWriter(str(folder))
    for step, value in enumerate(values, start):
        event = event_pb2.Event(wall_time=1.7e9 + step, step=step)
        item = event.summary.value.add(tag=tag)
        if tf2:
            item.tensor.CopyFrom(tensor_util.make_tensor_proto(np.float32(value)))
            # As the writers do, once.
            if step == start:
                item.metadata.plugin_data.plugin_name = "scalars"
        else:
            item.simple_value = value
        writer.add_event(event)
    writer.close()
    (made,) = set(folder.glob("*")) - before
    return made
