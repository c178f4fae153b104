-- What was brought from MLflow and what went back to it.

CREATE TABLE transfers (
    id         TEXT PRIMARY KEY,
    direction  TEXT NOT NULL,  -- 'import' or 'export'
    place      TEXT NOT NULL,  -- where from or to, as the user knows it; never a secret
    options    TEXT NOT NULL,  -- JSON; never a secret
    resumable  INTEGER NOT NULL,  -- 0 where a secret would be needed to go on
    actor      TEXT NOT NULL,
    state      TEXT NOT NULL,
    message    TEXT,
    progress   TEXT NOT NULL,  -- JSON: what was counted so far
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at   INTEGER
);
CREATE INDEX transfers_by_creation ON transfers (created_at DESC, id);

-- What could not be taken, one sentence each.
CREATE TABLE transfer_problems (
    transfer TEXT NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    sentence TEXT NOT NULL,
    PRIMARY KEY (transfer, number)
) WITHOUT ROWID;

-- What came by an import, so that the next one brings only what is new.
CREATE TABLE imported (
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    source   TEXT NOT NULL,
    digest   TEXT,  -- of the content at the source; NULL while the thing is not whole yet
    curves   TEXT,  -- JSON: by what one sees that a curve has grown
    bookmark TEXT,  -- where to go on in the points
    uri      TEXT,  -- where its artifacts are at the source
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;

-- Folders of this machine that are read as if they lay below the artifact root.
CREATE TABLE artifact_references (
    path   TEXT PRIMARY KEY,  -- below the artifact root
    folder TEXT NOT NULL
) WITHOUT ROWID;
