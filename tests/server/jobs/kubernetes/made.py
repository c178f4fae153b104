"""Jobs that were never stored, for what is made of them."""

from __future__ import annotations

from trackside_server.jobs.entities import Job, JobSpec, Resources


def job(*, name="digits-7", attempt=1, user="ana@example.org", max_attempts=1, **spec):
    """Return a job with its spec."""
    resources = Resources(**spec.pop("resources", {}))
    asked = {"kind": "script", "bundle": "b" * 64, "source": {"label": "train.py"}, **spec}
    return Job(
        job_id="0123456789abcdef",
        name=name,
        spec=JobSpec(**asked, resources=resources, on="cluster"),
        state="STARTING",
        run_id="f" * 32,
        experiment_id="1",
        experiment_name="digits",
        user=user,
        created_at=0,
        revision=1,
        attempt=attempt,
        max_attempts=max_attempts,
    )
