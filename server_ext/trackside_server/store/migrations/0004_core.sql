-- The highest revision ever given out. One row; each group commit that changed something moves it.
CREATE TABLE clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL
);
INSERT INTO clock (id, revision) VALUES (1, 0);

-- What was deleted, so that a view that was away learns of it.
CREATE TABLE tombstones (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX tombstones_revision ON tombstones (revision);

-- The tokens of living jobs. Only a hash: whoever reads the store cannot use them.
CREATE TABLE job_tokens (
    hash TEXT PRIMARY KEY,
    job_id TEXT NOT NULL,
    run_id TEXT,
    experiment_id TEXT
) WITHOUT ROWID;
CREATE INDEX job_tokens_job ON job_tokens (job_id);
