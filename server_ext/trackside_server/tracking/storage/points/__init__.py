"""Points of metrics: how they are kept, and the only ways to them.

Where a point lies
    A small request becomes rows of ``points``, a large one is kept as it came, as one row of
    ``batches``. Both is quick, and both are sealed later: a background thread turns them into
    *chunks* of up to 4,096 points, which take about 10 bytes a point. A row of ``series`` keeps the
    latest point of each curve, for searches.

What readers see
    A curve is the union of its rows, its run's batches and its chunks, each point once. A repeat is
    dropped by whoever reads, and for good when chunks are merged. So nothing that is written ever
    looks for what is there already, and a seal or merge that is killed half-way shows nothing.

Order
    Inside a chunk, and between chunks of tier 0, points lie by (step, time stamp, value). Points
    that belong between sealed ones (a run that was resumed at an earlier step, two writers) are
    sealed into chunks of tier 1, which may overlap anything. Eight of them become a sorted run of
    tier 2, and so on; once they hold a quarter of the points that they overlap, all are merged
    into tier 0. So each point is written a few times at most, and a short range touches few chunks.

What is drawn
    Of each chunk there is a summary (ends, extremes, a NaN if there is one), and one of each 128 of
    its points. Curves of millions of points have an overview besides, of at most 1,024 summaries of
    about equally many points, however long they become: it covers the chunks of tier 0 from the
    first one up to some point. A merge cuts it off where the merged chunks begin, and it grows
    again. A curve for the eye is picked from whichever of these has enough entries; where few
    points are asked for, they are read themselves.

Not a number
    Rows, chunks and comparisons hold a NaN as value 0 with a flag, so that points have an order.
"""

from __future__ import annotations

from .bulk import append_bulk, append_columns, delete, delete_batches, delete_some
from .codec import Columns
from .compaction import Compactor
from .curve import find
from .history import Block, Point, Timed, blocks, history
from .sampling import sample
from .writing import log

__all__ = [
    "Block",
    "Columns",
    "Compactor",
    "Point",
    "Timed",
    "append_bulk",
    "append_columns",
    "blocks",
    "delete",
    "delete_batches",
    "delete_some",
    "find",
    "history",
    "log",
    "sample",
]
