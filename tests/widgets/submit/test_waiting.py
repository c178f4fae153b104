"""How long something is waited for."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trackside import Job, TracksideError
from trackside._pipelines.running import PipelineRun
from trackside._waiting import limit_of

# What waits asks its server only when the timeout can be meant.
JOB = Job({"job_id": "j", "name": "digits", "state": "RUNNING"}, client=object())
RUN = PipelineRun({"run_id": "r"}, client=object())


@pytest.mark.parametrize("wait", [JOB.wait, JOB.result, RUN.wait])
@pytest.mark.parametrize("timeout", ["x", "60", [60], math.nan, True])
def test_a_timeout_that_is_no_number_is_told_with_what_to_write(wait, timeout):
    with pytest.raises(TracksideError) as told:
        wait(timeout=timeout)
    said = f"timeout must be a number of seconds, not {timeout!r}. Write timeout=60."
    assert str(told.value) == said


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [(None, None), (0, 0.0), (1.5, 1.5), (np.int64(3), 3.0), (np.float32(0.5), 0.5)],
)
def test_any_number_of_seconds_will_do(timeout, seconds):
    assert limit_of(timeout) == seconds
