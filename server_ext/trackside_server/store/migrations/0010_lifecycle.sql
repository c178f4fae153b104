-- Deleting for ever, and who logs the open runs.
--
--   * What is deleted for ever is out of sight at once, and its rows and files go in small steps: a
--     run moves to the hidden experiment -1 under a name that nobody asks for, an experiment gets
--     `purged_at`. So the intent is stored by the same transaction that hides it, and a server that
--     dies in between goes on at its next start.
--   * `purge_files` lists what lies on the disk: below the artifact root, or the folder of a job.

ALTER TABLE experiments ADD COLUMN purged_at INTEGER;

-- A name that no experiment can have: names are not blank.
INSERT INTO experiments
    (id, name, artifact_location, created_at, updated_at, deleted_at, purged_at, revision)
VALUES (-1, '', '', 0, 0, 0, 0, 0);

CREATE INDEX experiments_purged ON experiments (purged_at) WHERE purged_at IS NOT NULL;
CREATE INDEX runs_deleted ON runs (deleted_at, id) WHERE deleted_at IS NOT NULL;
-- Of a column that logging leaves alone, so that it costs nothing.
CREATE INDEX runs_open ON runs (experiment) WHERE status = 'RUNNING' AND deleted_at IS NULL;
CREATE INDEX logged_models_deleted ON logged_models (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE purge_files (
    id   INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,  -- 'artifacts' or 'job'
    path TEXT NOT NULL
);

-- Who logs a run that belongs to no job, as far as that is known: the process and its kernel.
-- `closed_at` is set when Trackside closed the run in its stead.
CREATE TABLE run_clients (
    run       INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    client    TEXT,
    closed_at INTEGER
);
