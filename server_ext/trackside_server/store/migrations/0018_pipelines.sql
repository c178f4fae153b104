-- Pipelines: their runs, what is stored of each task, the artifacts between tasks, and the cache.
--
--   * Times are seconds since the epoch, as the machine that moves the runs counts them.
--   * A run's state is that of its node with the empty path; it stands with the run for the lists.
--   * `job_id` and `mlflow_run_id` are those of a node's newest attempt.

-- What was compiled, each stored once however many runs and versions are of it.
CREATE TABLE pipeline_specs (
    digest    TEXT PRIMARY KEY,
    document  TEXT NOT NULL,
    platforms TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE pipeline_runs (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id          TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    description     TEXT NOT NULL,
    experiment_id   TEXT NOT NULL,
    experiment_name TEXT NOT NULL,
    pipeline        TEXT NOT NULL,
    spec            TEXT NOT NULL REFERENCES pipeline_specs (digest),
    pipeline_id     TEXT,
    version_id      TEXT,
    recurring_id    TEXT,
    pipeline_root   TEXT NOT NULL,
    given           TEXT NOT NULL,  -- JSON: the arguments as they were sent
    machine         TEXT NOT NULL,  -- the run without its nodes, as the machine writes it
    python          TEXT,
    cached          INTEGER,        -- NULL leaves it to the tasks
    user            TEXT NOT NULL,
    state           TEXT NOT NULL,
    reason_code     TEXT,
    reason_message  TEXT,
    history         TEXT NOT NULL,  -- JSON: [[time, state, message], …]
    archived        INTEGER NOT NULL DEFAULT 0,
    wish            TEXT,           -- 'terminate' or 'retry', until it is heeded
    created         REAL NOT NULL,
    scheduled       REAL,
    ended           REAL,
    mlflow_run_id   TEXT,
    folder          TEXT,           -- where its artifacts are; NULL before it begins
    revision        INTEGER NOT NULL
);
-- Lists are counted and sorted in an index: a row holds far more than the columns they ask for.
CREATE INDEX pipeline_runs_by_experiment ON pipeline_runs (experiment_id, created, archived);
CREATE INDEX pipeline_runs_by_storage ON pipeline_runs (archived, created);
CREATE INDEX pipeline_runs_by_spec ON pipeline_runs (spec);
CREATE INDEX pipeline_runs_by_version ON pipeline_runs (version_id);
CREATE INDEX pipeline_runs_by_recurring ON pipeline_runs (recurring_id, state);
CREATE INDEX pipeline_runs_by_creation ON pipeline_runs (created);
CREATE INDEX pipeline_runs_by_revision ON pipeline_runs (revision);
-- What the engine looks at when it starts stays small however many runs there were. It is used by
-- those alone who ask with the very same words in the same order.
CREATE INDEX pipeline_runs_unsettled ON pipeline_runs (number) WHERE wish IS NOT NULL
    OR state NOT IN ('CACHED', 'CANCELED', 'FAILED', 'SKIPPED', 'SUCCEEDED');

CREATE TABLE pipeline_tasks (
    number        INTEGER PRIMARY KEY,
    run           INTEGER NOT NULL REFERENCES pipeline_runs (number) ON DELETE CASCADE,
    path          TEXT NOT NULL,
    parent        TEXT,           -- the path of the graph or loop that it is in
    task_id       TEXT NOT NULL UNIQUE,
    node          TEXT NOT NULL,  -- as the machine writes it
    job_id        TEXT,
    mlflow_run_id TEXT,
    UNIQUE (run, path)
);
-- Holds the number too, so the tasks of a run are counted and found in the order of their making.
CREATE INDEX pipeline_tasks_by_run ON pipeline_tasks (run);
CREATE INDEX pipeline_tasks_by_parent ON pipeline_tasks (run, parent);

CREATE TABLE pipeline_artifacts (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    artifact_id TEXT NOT NULL UNIQUE,
    run         INTEGER NOT NULL REFERENCES pipeline_runs (number) ON DELETE CASCADE,
    task_id     TEXT NOT NULL,
    output      TEXT NOT NULL,
    name        TEXT NOT NULL,
    type        TEXT NOT NULL,
    version     TEXT NOT NULL,
    uri         TEXT NOT NULL,
    metadata    TEXT NOT NULL,  -- JSON
    created     REAL NOT NULL
);
CREATE INDEX pipeline_artifacts_by_run ON pipeline_artifacts (run);
CREATE INDEX pipeline_artifacts_by_uri ON pipeline_artifacts (uri);

-- What tasks gave that succeeded, the newest of each key.
CREATE TABLE pipeline_cache (
    key     TEXT PRIMARY KEY,
    run_id  TEXT NOT NULL,
    task_id TEXT NOT NULL,
    outputs TEXT NOT NULL,  -- JSON
    present TEXT NOT NULL,  -- JSON: the files and folders that were there
    created REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX pipeline_cache_by_creation ON pipeline_cache (created);
