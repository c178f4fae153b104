-- What is read out of the logs of jobs. `log_offset` and `state` move in the transaction that logs
-- the points found up to there: after a crash the reading goes on behind the last logged point.

CREATE TABLE job_capture (
    job_id     TEXT PRIMARY KEY REFERENCES jobs (job_id) ON DELETE CASCADE,
    log_offset INTEGER NOT NULL,
    state      TEXT NOT NULL,
    activity   TEXT NOT NULL,
    revision   INTEGER NOT NULL
) WITHOUT ROWID;
