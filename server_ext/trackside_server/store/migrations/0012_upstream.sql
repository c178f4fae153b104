-- An outside MLflow server in the place of the embedded store.
--
--   * `server` is the address: what waits for one server is never told to another.
--   * What jobs write for their runs waits in `upstream_outbox`, in the order of `number` for each
--     queue (one for a job's run and the runs nested in it), and is deleted when the server has acknowledged it.
--   * A run that was started while the server was away has a `run_id` of our own until the server
--     has given it one, the `remote_id`.
--   * A reservation is the intent to create a run, written before the server is asked, so that
--     after a crash the run is found again by its tag and not created twice.

CREATE TABLE upstream_runs (
    server        TEXT NOT NULL,
    run_id        TEXT NOT NULL,
    remote_id     TEXT,
    experiment_id TEXT NOT NULL,
    parent_id     TEXT,
    start_id      TEXT,
    artifact_uri  TEXT,
    status        TEXT NOT NULL,
    revision      INTEGER NOT NULL,
    PRIMARY KEY (server, run_id)
) WITHOUT ROWID;
CREATE INDEX upstream_runs_by_revision ON upstream_runs (server, revision);
CREATE INDEX upstream_runs_by_start ON upstream_runs (server, start_id) WHERE start_id IS NOT NULL;

CREATE TABLE upstream_outbox (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    server  TEXT NOT NULL,
    queue   TEXT NOT NULL,
    run_id  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    content TEXT NOT NULL
);
CREATE INDEX upstream_outbox_by_queue ON upstream_outbox (server, queue, number);

CREATE TABLE upstream_reservations (
    job_id          TEXT PRIMARY KEY,
    server          TEXT NOT NULL,
    idempotency_key TEXT UNIQUE,
    experiment_id   TEXT NOT NULL,
    created_at      INTEGER NOT NULL
) WITHOUT ROWID;
