"""Loading many modules without looking for garbage among what is there to stay."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def no_collection() -> Iterator[None]:
    """Put off garbage collection for a moment.

    Modules make many objects that live as long as the process. Counting them sets off collections
    of the whole heap of the Jupyter server, each a tenth of a second long, that find nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
