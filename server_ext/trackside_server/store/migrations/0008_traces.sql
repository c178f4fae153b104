-- Traces, their spans and what people and judges say about them.
--
--   * What a list of traces shows is small and apart from the spans, which may hold whole documents.
--   * A span is known by its id within its trace: sent twice (as a file and by OTLP), it is there once.
--   * Links to runs and prompts name a trace by its text id, for they may come before the trace does.

CREATE TABLE traces (
    id                INTEGER PRIMARY KEY,
    trace_id          TEXT NOT NULL UNIQUE,
    experiment        INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    state             TEXT NOT NULL,
    request_time      INTEGER NOT NULL,  -- milliseconds since 1970
    duration          INTEGER,           -- milliseconds
    client_request_id TEXT,
    request_preview   TEXT,
    response_preview  TEXT
);
CREATE INDEX traces_by_time ON traces (experiment, request_time DESC, trace_id);

CREATE TABLE trace_tags (
    trace INTEGER NOT NULL REFERENCES traces (id) ON DELETE CASCADE,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (trace, key)
) WITHOUT ROWID;

CREATE TABLE trace_metadata (
    trace INTEGER NOT NULL REFERENCES traces (id) ON DELETE CASCADE,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (trace, key)
) WITHOUT ROWID;
-- Finds the traces of a run.
CREATE INDEX trace_metadata_by_run ON trace_metadata (value) WHERE key = 'mlflow.sourceRun';

CREATE TABLE spans (
    id        INTEGER PRIMARY KEY,
    trace     INTEGER NOT NULL REFERENCES traces (id) ON DELETE CASCADE,
    span_id   TEXT NOT NULL,     -- 16 hex digits
    parent_id TEXT,
    name      TEXT NOT NULL,
    type      TEXT NOT NULL,
    status    TEXT NOT NULL,     -- OK, ERROR or UNSET
    start_ns  INTEGER NOT NULL,  -- nanoseconds since 1970
    end_ns    INTEGER,
    usage     TEXT,              -- tokens used, a JSON object
    cost      TEXT,              -- their price, a JSON object
    content   TEXT NOT NULL,     -- message, attributes, events and links, a JSON object
    UNIQUE (trace, span_id)
);
-- What a search asks of spans most, so that their contents need not be read for it.
CREATE INDEX spans_by_name ON spans (trace, name, status, type);

CREATE TABLE trace_runs (
    trace_id TEXT NOT NULL,
    run_id   TEXT NOT NULL,
    PRIMARY KEY (trace_id, run_id)
) WITHOUT ROWID;
CREATE INDEX trace_runs_by_run ON trace_runs (run_id);

CREATE TABLE trace_prompts (
    trace_id TEXT NOT NULL,
    prompt   TEXT NOT NULL,  -- name/version
    PRIMARY KEY (trace_id, prompt)
) WITHOUT ROWID;
CREATE INDEX trace_prompts_by_prompt ON trace_prompts (prompt);

CREATE TABLE assessments (
    id            INTEGER PRIMARY KEY,
    trace         INTEGER NOT NULL REFERENCES traces (id) ON DELETE CASCADE,
    assessment_id TEXT NOT NULL,
    kind          TEXT NOT NULL,  -- feedback, expectation or issue
    name          TEXT NOT NULL,
    value         TEXT NOT NULL,  -- as JSON
    text          TEXT NOT NULL,  -- the value as a search compares it
    number        REAL,           -- the same, where it is a number
    error         TEXT,           -- a JSON object
    source_type   TEXT NOT NULL,
    source_id     TEXT,
    rationale     TEXT,
    metadata      TEXT,           -- a JSON object
    span_id       TEXT,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    overrides     TEXT,
    valid         INTEGER NOT NULL,
    UNIQUE (trace, assessment_id)
);
CREATE INDEX assessments_by_name ON assessments (name, kind);
