-- Jobs: what was asked for, where each one is, and the attempts to run it.
--
--   * `number` is the order of arrival, and so the queue.
--   * `spec` holds no secret: values of secret environment variables lie in the job's folder until
--     the job ends.
--   * An attempt's row is the intent to launch it, written before anything is started.

CREATE TABLE jobs (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id          TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL UNIQUE,
    idempotency_key TEXT UNIQUE,
    fingerprint     TEXT NOT NULL,
    spec            TEXT NOT NULL,
    state           TEXT NOT NULL,
    reason_code     TEXT,
    reason_message  TEXT,
    run_id          TEXT NOT NULL,
    experiment_id   TEXT NOT NULL,
    experiment_name TEXT NOT NULL,
    user            TEXT NOT NULL,
    attempt         INTEGER NOT NULL,
    max_attempts    INTEGER NOT NULL,
    queue_position  INTEGER,
    not_before      INTEGER,
    gpus            TEXT NOT NULL,
    cancel_by       TEXT,
    cancel_at       INTEGER,
    created_at      INTEGER NOT NULL,
    started_at      INTEGER,
    ended_at        INTEGER,
    exit_code       INTEGER,
    signal          INTEGER,
    failure         TEXT,
    peak_memory     INTEGER,
    revision        INTEGER NOT NULL
);
CREATE INDEX jobs_by_revision ON jobs (revision);
CREATE INDEX jobs_by_run ON jobs (run_id);
CREATE INDEX jobs_by_experiment ON jobs (experiment_id);
-- What the scheduler looks at again and again stays small however many jobs there were.
CREATE INDEX jobs_alive ON jobs (state) WHERE state IN ('QUEUED', 'STARTING', 'RUNNING');

CREATE TABLE job_attempts (
    job_id     TEXT NOT NULL REFERENCES jobs (job_id) ON DELETE CASCADE,
    attempt    INTEGER NOT NULL,
    intent_at  INTEGER NOT NULL,
    started_at INTEGER,
    ended_at   INTEGER,
    code       TEXT,
    message    TEXT,
    PRIMARY KEY (job_id, attempt)
) WITHOUT ROWID;

-- The last number given to a job of each base name; numbers are not used again.
CREATE TABLE job_names (
    base TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) WITHOUT ROWID;
