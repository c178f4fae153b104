-- Pipelines that were uploaded, with their versions, and runs of them that recur.
--
--   * Times are seconds since the epoch, as those of pipeline runs.

CREATE TABLE pipelines (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    pipeline_id  TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    description  TEXT NOT NULL,
    tags         TEXT NOT NULL,  -- JSON
    created      REAL NOT NULL
);
CREATE INDEX pipelines_by_creation ON pipelines (created);

CREATE TABLE pipeline_versions (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    version_id      TEXT NOT NULL UNIQUE,
    pipeline        INTEGER NOT NULL REFERENCES pipelines (number) ON DELETE CASCADE,
    pipeline_id     TEXT NOT NULL,
    name            TEXT NOT NULL,
    display_name    TEXT NOT NULL,
    description     TEXT NOT NULL,
    tags            TEXT NOT NULL,  -- JSON
    code_source_url TEXT NOT NULL,
    spec            TEXT NOT NULL REFERENCES pipeline_specs (digest),
    created         REAL NOT NULL,
    UNIQUE (pipeline, name)
);
CREATE INDEX pipeline_versions_by_creation ON pipeline_versions (pipeline_id, created);
CREATE INDEX pipeline_versions_by_spec ON pipeline_versions (spec);

-- `schedule` says when a run is due, `request` what it is asked for; `next_due` is null while none is
-- awaited: disabled, or after its end.
CREATE TABLE recurring_runs (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    recurring_id    TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    description     TEXT NOT NULL,
    experiment_id   TEXT NOT NULL,
    pipeline_id     TEXT,
    version_id      TEXT,
    spec            TEXT REFERENCES pipeline_specs (digest),
    request         TEXT NOT NULL,  -- JSON
    schedule        TEXT NOT NULL,  -- JSON
    max_concurrency INTEGER NOT NULL,
    no_catchup      INTEGER NOT NULL,
    enabled         INTEGER NOT NULL,
    error           TEXT,
    next_due        REAL,
    created         REAL NOT NULL,
    updated         REAL NOT NULL
);
CREATE INDEX recurring_runs_by_creation ON recurring_runs (created);
CREATE INDEX recurring_runs_by_spec ON recurring_runs (spec);
CREATE INDEX recurring_runs_awaited ON recurring_runs (next_due) WHERE next_due IS NOT NULL;

-- What became of each moment at which a run was due: it was started, or why it was not.
CREATE TABLE recurring_moments (
    recurring INTEGER NOT NULL REFERENCES recurring_runs (number) ON DELETE CASCADE,
    due       REAL NOT NULL,
    outcome   TEXT NOT NULL,
    run_id    TEXT,
    message   TEXT NOT NULL,
    noted     REAL NOT NULL,
    PRIMARY KEY (recurring, due)
) WITHOUT ROWID;
-- Looked through at each start of a server.
CREATE INDEX recurring_moments_starting ON recurring_moments (due) WHERE outcome = 'STARTING';

-- What was compiled goes with the last run, version or recurring run of it: it may be large.
CREATE TRIGGER pipeline_runs_leave_spec AFTER DELETE ON pipeline_runs WHEN OLD.spec IS NOT NULL BEGIN
    DELETE FROM pipeline_specs WHERE digest = OLD.spec
        AND NOT EXISTS (SELECT 1 FROM pipeline_runs WHERE spec = OLD.spec)
        AND NOT EXISTS (SELECT 1 FROM pipeline_versions WHERE spec = OLD.spec)
        AND NOT EXISTS (SELECT 1 FROM recurring_runs WHERE spec = OLD.spec);
END;
CREATE TRIGGER pipeline_versions_leave_spec AFTER DELETE ON pipeline_versions WHEN OLD.spec IS NOT NULL BEGIN
    DELETE FROM pipeline_specs WHERE digest = OLD.spec
        AND NOT EXISTS (SELECT 1 FROM pipeline_runs WHERE spec = OLD.spec)
        AND NOT EXISTS (SELECT 1 FROM pipeline_versions WHERE spec = OLD.spec)
        AND NOT EXISTS (SELECT 1 FROM recurring_runs WHERE spec = OLD.spec);
END;
CREATE TRIGGER recurring_runs_leave_spec AFTER DELETE ON recurring_runs WHEN OLD.spec IS NOT NULL BEGIN
    DELETE FROM pipeline_specs WHERE digest = OLD.spec
        AND NOT EXISTS (SELECT 1 FROM pipeline_runs WHERE spec = OLD.spec)
        AND NOT EXISTS (SELECT 1 FROM pipeline_versions WHERE spec = OLD.spec)
        AND NOT EXISTS (SELECT 1 FROM recurring_runs WHERE spec = OLD.spec);
END;
