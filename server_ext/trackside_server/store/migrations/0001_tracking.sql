-- Experiments, runs and what runs log: the tables behind the MLflow protocol.
--
-- Shape, and why:
--   * Names of metrics, params and tags are interned once in `names`; rows hold integers, so
--     that the hot tables and their indexes stay small and compare fast.
--   * What is searched is kept apart from what is drawn: `series` holds one row per curve with
--     its latest point (the value that a search filters and orders by), `points` every point.
--   * `points` is clustered by its whole identity: an exact repeat has no room, a range of steps
--     is one seek, and a curve reads in the order in which it is drawn.
--   * Deleting is a time stamp; NULL means alive.
--   * Nothing newer than SQLite 3.26 is needed (no STRICT, no RETURNING).

CREATE TABLE names (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE experiments (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,  -- numbers are never used twice
    name              TEXT NOT NULL UNIQUE,
    artifact_location TEXT NOT NULL,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    deleted_at        INTEGER,
    revision          INTEGER NOT NULL
);
CREATE INDEX experiments_by_revision ON experiments (revision);

CREATE TABLE experiment_tags (
    experiment INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    key        TEXT NOT NULL,
    value      TEXT NOT NULL,
    PRIMARY KEY (experiment, key)
) WITHOUT ROWID;

-- `mlflow.start_run()` without an experiment writes here, so it must always exist.
INSERT INTO experiments (id, name, artifact_location, created_at, updated_at, revision)
SELECT 0, 'Default', 'mlflow-artifacts:/0', now, now, now * 1000
FROM (SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS now);

CREATE TABLE runs (
    id           INTEGER PRIMARY KEY,
    run_id       TEXT NOT NULL UNIQUE,
    experiment   INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    user_id      TEXT NOT NULL,
    status       TEXT NOT NULL,
    start_time   INTEGER NOT NULL,
    end_time     INTEGER,
    artifact_uri TEXT NOT NULL,
    deleted_at   INTEGER,
    revision     INTEGER NOT NULL
);
CREATE INDEX runs_by_revision ON runs (revision);
CREATE INDEX runs_by_start ON runs (experiment, start_time DESC, run_id) WHERE deleted_at IS NULL;
CREATE INDEX runs_of_experiment ON runs (experiment);

CREATE TABLE params (
    run   INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key   INTEGER NOT NULL REFERENCES names (id),
    value TEXT NOT NULL,
    PRIMARY KEY (run, key)
) WITHOUT ROWID;

CREATE TABLE tags (
    run   INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key   INTEGER NOT NULL REFERENCES names (id),
    value TEXT NOT NULL,
    PRIMARY KEY (run, key)
) WITHOUT ROWID;
-- Finds the runs below a run (mlflow.parentRunId) and a run by an id that its client chose.
-- The condition keeps notes and model histories out of the index.
CREATE INDEX tags_by_value ON tags (key, value) WHERE length(value) <= 64;

-- One curve: the values of one metric in one run. The point that counts as its latest is the one
-- with the largest (step, timestamp, value).
CREATE TABLE series (
    id        INTEGER PRIMARY KEY,
    run       INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    key       INTEGER NOT NULL REFERENCES names (id),
    step      INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    value     REAL NOT NULL,
    is_nan    INTEGER NOT NULL,
    UNIQUE (run, key)
);
CREATE INDEX series_by_value ON series (key, is_nan, value, run);

-- No foreign key: the check would double the cost of the hottest insert. A series is never
-- deleted without its points.
CREATE TABLE points (
    series    INTEGER NOT NULL,
    step      INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    value     REAL NOT NULL,
    is_nan    INTEGER NOT NULL,
    PRIMARY KEY (series, step, timestamp, value, is_nan)
) WITHOUT ROWID;

CREATE TABLE datasets (
    id          INTEGER PRIMARY KEY,
    experiment  INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    digest      TEXT NOT NULL,
    source_type TEXT NOT NULL,
    source      TEXT NOT NULL,
    schema      TEXT,
    profile     TEXT,
    UNIQUE (experiment, name, digest)
);

CREATE TABLE dataset_inputs (
    id      INTEGER PRIMARY KEY,
    run     INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    dataset INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    UNIQUE (run, dataset)
);
CREATE INDEX dataset_inputs_by_dataset ON dataset_inputs (dataset);

CREATE TABLE dataset_input_tags (
    input INTEGER NOT NULL REFERENCES dataset_inputs (id) ON DELETE CASCADE,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (input, key)
) WITHOUT ROWID;

CREATE TABLE model_links (
    id       INTEGER PRIMARY KEY,
    run      INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    role     TEXT NOT NULL,  -- 'input' or 'output'
    model_id TEXT NOT NULL,
    step     INTEGER NOT NULL,
    UNIQUE (run, role, model_id, step)
);

CREATE TABLE logged_models (
    id             INTEGER PRIMARY KEY,
    model_id       TEXT NOT NULL UNIQUE,
    experiment     INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    name           TEXT NOT NULL,
    model_type     TEXT,
    source_run_id  TEXT,
    status         INTEGER NOT NULL,
    artifact_uri   TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    deleted_at     INTEGER
);
CREATE INDEX logged_models_by_creation ON logged_models (experiment, created_at DESC, model_id);
CREATE INDEX logged_models_by_run ON logged_models (source_run_id);

CREATE TABLE logged_model_params (
    model INTEGER NOT NULL REFERENCES logged_models (id) ON DELETE CASCADE,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, key)
) WITHOUT ROWID;

CREATE TABLE logged_model_tags (
    model INTEGER NOT NULL REFERENCES logged_models (id) ON DELETE CASCADE,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, key)
) WITHOUT ROWID;

CREATE TABLE logged_model_metrics (
    id             INTEGER PRIMARY KEY,
    model          INTEGER NOT NULL REFERENCES logged_models (id) ON DELETE CASCADE,
    run_id         TEXT NOT NULL,
    key            TEXT NOT NULL,
    step           INTEGER NOT NULL,
    timestamp      INTEGER NOT NULL,
    value          REAL NOT NULL,
    is_nan         INTEGER NOT NULL,
    dataset_name   TEXT,
    dataset_digest TEXT,
    UNIQUE (model, key, timestamp, step, run_id)
);
