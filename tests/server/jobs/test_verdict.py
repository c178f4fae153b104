"""Each way to end has its code and one plain sentence."""

from __future__ import annotations

import signal

import pytest

from trackside_server.jobs.verdict import Ending, Failure, judge

GIB = 1024**3
VALUE_ERROR = Failure(
    "ValueError",
    "shapes (64,) and (10,) not aligned\nmore",
    cell_line=14,
    source_label="cell [7] of digits.ipynb",
)

TABLE = [
    (Ending(exit_code=0), "succeeded", "COMPLETED", "Completed."),
    (
        Ending(exit_code=1, failure=VALUE_ERROR),
        "failed",
        "EXCEPTION",
        "ValueError in cell line 14: shapes (64,) and (10,) not aligned",
    ),
    (
        Ending(exit_code=1, failure=Failure("KeyError", "'lr'", cell_line=3, source_label="a.py")),
        "failed",
        "EXCEPTION",
        "KeyError in a.py line 3: 'lr'",
    ),
    (
        Ending(exit_code=1, failure=Failure("KeyError", "'lr'", "", 3, where="cell [2] line 3")),
        "failed",
        "EXCEPTION",
        "KeyError in cell [2] line 3: 'lr'",
    ),
    (
        Ending(exit_code=1, failure=Failure("SystemExit", "no data found")),
        "failed",
        "EXIT_CODE",
        "The program ended itself: no data found",
    ),
    (
        Ending(exit_code=1, failure=Failure("", "The notebook's kernel died.", hint="Try more.")),
        "failed",
        "EXCEPTION",
        "The notebook's kernel died. Try more.",
    ),
    (
        Ending(exit_code=1, failure=Failure("builtins.KeyboardInterrupt")),
        "failed",
        "EXCEPTION",
        "KeyboardInterrupt.",
    ),
    (
        Ending(
            exit_code=1,
            failure=Failure(
                "FileNotFoundError",
                "No such file: 'data.csv'",
                cell_line=2,
                source_label="cell [1] of a.ipynb",
                hint="Jobs run in a copy: add --file data.csv.",
            ),
        ),
        "failed",
        "EXCEPTION",
        (
            "FileNotFoundError in cell line 2: No such file: 'data.csv'. "
            "Jobs run in a copy: add --file data.csv."
        ),
    ),
    (
        Ending(exit_code=3),
        "failed",
        "EXIT_CODE",
        "Exited with code 3. The end of the log may say why.",
    ),
    (
        Ending(signal=signal.SIGKILL),
        "failed",
        "SIGNAL",
        "Killed by SIGKILL from outside Trackside.",
    ),
    (
        Ending(signal=signal.SIGSEGV),
        "failed",
        "SIGNAL",
        "Crashed with SIGSEGV: native code touched memory that is not its own.",
    ),
    (Ending(signal=99), "failed", "SIGNAL", "Killed by signal 99 from outside Trackside."),
    (
        Ending(signal=signal.SIGKILL, cause="memory", memory_limit=GIB, peak_memory=GIB + 2**20),
        "failed",
        "OUT_OF_MEMORY",
        "Out of memory: used 1.0 of 1 GiB.",
    ),
    (
        Ending(signal=signal.SIGKILL, oom_kill=True, peak_memory=14 * GIB),
        "failed",
        "OUT_OF_MEMORY",
        "Out of memory: the system's kernel killed the job at 14 GiB.",
    ),
    (
        Ending(exit_code=1, failure=Failure("MemoryError", "", cell_line=5)),
        "failed",
        "OUT_OF_MEMORY",
        "Out of memory in cell line 5.",
    ),
    (
        Ending(
            exit_code=1,
            failure=Failure(
                "torch.OutOfMemoryError", "CUDA out of memory. Tried to allocate 2 GiB", cell_line=9
            ),
        ),
        "failed",
        "OUT_OF_MEMORY",
        "Out of GPU memory in cell line 9: CUDA out of memory. Tried to allocate 2 GiB",
    ),
    (
        Ending(exit_code=1, disk_full=True),
        "failed",
        "DISK_FULL",
        "Exited with code 1, and the disk was full. Free some space, and run it again.",
    ),
    (
        Ending(
            exit_code=1,
            failure=Failure("OSError", "No space left", where="a.py line 3", no_space=True),
        ),
        "failed",
        "DISK_FULL",
        "OSError in a.py line 3: No space left",
    ),
    (
        Ending(signal=signal.SIGTERM, cause="time_limit", time_limit=7200),
        "failed",
        "TIME_LIMIT",
        "Stopped at its time limit of 2 h.",
    ),
    (
        Ending(signal=signal.SIGTERM, cause="canceled", canceled_by="ana"),
        "canceled",
        "CANCELED",
        "Canceled by ana.",
    ),
    (
        Ending(signal=signal.SIGKILL, cause="canceled", canceled_by="ana", killed=True, grace=10),
        "canceled",
        "CANCELED",
        "Canceled by ana; it was killed because it did not stop within 10 s.",
    ),
    (
        # It handled SIGTERM and left in peace: canceled all the same.
        Ending(exit_code=0, cause="canceled", canceled_by="ana"),
        "canceled",
        "CANCELED",
        "Canceled by ana.",
    ),
    (
        # Python raised KeyboardInterrupt or the like on the way out.
        Ending(exit_code=1, cause="time_limit", time_limit=60, failure=VALUE_ERROR),
        "failed",
        "TIME_LIMIT",
        "Stopped at its time limit of 1 min.",
    ),
    (
        Ending(signal=signal.SIGTERM, cause="terminated"),
        "failed",
        "SIGNAL",
        "Stopped by SIGTERM from outside Trackside, as at a shutdown of the machine.",
    ),
    (
        Ending(cause="launch_failed", error="/opt/python: No such file or directory"),
        "failed",
        "LAUNCH_FAILED",
        "Could not start: /opt/python: No such file or directory.",
    ),
    (
        Ending(lost="supervisor", was_alive=True),
        "failed",
        "SUPERVISOR_LOST",
        "The process that watches over the job was killed, so the job was stopped.",
    ),
    (
        Ending(lost="supervisor"),
        "failed",
        "SUPERVISOR_LOST",
        (
            "The process that watches over the job was killed, and the job ended without it: "
            "its exit status is unknown."
        ),
    ),
    (
        # The job itself told why before everything was gone.
        Ending(lost="supervisor", failure=VALUE_ERROR),
        "failed",
        "EXCEPTION",
        "ValueError in cell line 14: shapes (64,) and (10,) not aligned",
    ),
    (
        Ending(lost="host"),
        "failed",
        "HOST_RESTARTED",
        "The machine restarted while the job ran.",
    ),
]


@pytest.mark.parametrize(("ending", "outcome", "code", "message"), TABLE)
def test_the_sentence_fits_the_ending(ending, outcome, code, message):
    verdict = judge(ending)
    assert (verdict.outcome, verdict.code, verdict.message) == (outcome, code, message)


@pytest.mark.parametrize(("ending", "outcome", "code", "message"), TABLE)
def test_sentences_are_short_and_plain(ending, outcome, code, message):
    assert "please" not in message.lower()
    assert "!" not in message
    assert message.count(". ") <= 1 + (code in ("OUT_OF_MEMORY", "EXCEPTION"))


def test_an_endless_message_is_cut():
    verdict = judge(Ending(exit_code=1, failure=Failure("ValueError", "x" * 5000)))
    assert len(verdict.message) < 350
    assert verdict.message.endswith("…")


@pytest.mark.parametrize(
    ("ending", "again"),
    [
        (Ending(exit_code=3), True),
        (Ending(exit_code=1, failure=VALUE_ERROR), True),
        (Ending(signal=signal.SIGKILL), True),
        (Ending(lost="supervisor"), True),
        (Ending(lost="host"), True),
        (Ending(cause="terminated"), True),
        (Ending(exit_code=0), False),
        (Ending(cause="canceled"), False),
        (Ending(cause="time_limit", time_limit=1), False),
        (Ending(cause="launch_failed"), False),
    ],
)
def test_only_what_may_end_differently_is_tried_again(ending, again):
    assert judge(ending).retry is again
