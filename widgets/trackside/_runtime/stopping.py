"""Being stopped: what SIGTERM does in a job, and in the processes that the job forks.

Also run by itself in the kernel of a notebook, so nothing of this package is imported here.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

_STOPS = {signal.SIGTERM}
_LATER = 0.02
_OURS = "of_trackside"


def install(stop: Callable[[bool, FrameType | None], None]) -> None:
    """Call a function at SIGTERM; forked children die of it as they would without us.

    Parameters
    ----------
    stop
        What to do; it runs in the main thread, between two steps of the program. It is told
        whether what it raised before was lost, and the frame that is interrupted.
    """
    masks: list[set[int]] = []
    was_lost = False
    otherwise = sys.unraisablehook

    def handler(_number: int, frame: FrameType | None) -> None:
        nonlocal was_lost
        again, was_lost = was_lost, False
        try:
            stop(again, frame)
        except BaseException as error:
            error.__dict__[_OURS] = True
            raise

    def unraisable(lost: Any) -> None:
        # Python goes on where a hook of a fork or a `__del__` was interrupted: the signal comes
        # again, after that.
        nonlocal was_lost
        if _OURS in getattr(lost.exc_value, "__dict__", ()):
            was_lost = True
            _again()
        else:
            otherwise(lost)

    def before() -> None:
        # Python forgets a signal that reaches a child before the child is set up. Blocked, it
        # waits until then: a worker that is terminated right after its start does not live on.
        # The mask is kept first, as a signal that just comes ends this hook behind either line.
        masks.append(set(signal.pthread_sigmask(signal.SIG_BLOCK, ())))
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)

    def in_parent() -> None:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, masks.pop())

    def in_child() -> None:
        if signal.getsignal(signal.SIGTERM) is handler:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, masks.pop())

    sys.unraisablehook = unraisable
    signal.signal(signal.SIGTERM, handler)
    os.register_at_fork(before=before, after_in_parent=in_parent, after_in_child=in_child)


def interrupter(shell: Any) -> Callable[[bool, FrameType | None], None]:
    """Return what stops a notebook in its kernel: the running cell is interrupted, once.

    Parameters
    ----------
    shell
        IPython's shell in the kernel.

    Notes
    -----
    The process that runs the notebook could send SIGINT instead. But where SIGTERM goes to all
    processes of a job, the two come together, and Linux gives the second one to any thread while
    the first waits for the main one: a cell that sleeps would not hear it before it wakes.
    """
    in_cell = type(shell).run_code.__code__
    in_callback = type(shell.events).trigger.__code__
    interrupted = False

    def is_heard(frame: FrameType | None) -> bool:
        while frame is not None:
            if frame.f_code is in_callback:
                # IPython goes on where a callback was interrupted.
                return False
            if frame.f_code is in_cell:
                return True
            frame = frame.f_back
        return False

    def stop(was_lost: bool, frame: FrameType | None) -> None:
        nonlocal interrupted
        if interrupted and not was_lost:
            return
        handler = signal.getsignal(signal.SIGINT)
        # A cell that awaits something is on no frame, and has a handler of its own.
        awaits = handler is not signal.default_int_handler
        if callable(handler) and (awaits or is_heard(frame)):
            interrupted = True
            handler(signal.SIGINT, frame)
        else:
            # Between two cells. One that was sent already is interrupted when it runs.
            _again()

    return stop


def _again() -> None:
    """Let SIGTERM come again a little later, to the thread whose work it ends."""
    import threading

    main = threading.main_thread().ident
    again = threading.Timer(_LATER, signal.pthread_kill, (main, signal.SIGTERM))
    again.daemon = True
    # While Python ends there are no new threads, and nothing is left to stop.
    with contextlib.suppress(RuntimeError):
        again.start()
