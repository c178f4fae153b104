-- Points in chunks. Why and how: the docstring of `tracking/storage/points`.
--
--   * `points` stays as it is and holds what came in small pieces and is not sealed yet.
--   * `batches` holds large batches as they came, until they are sealed too.
--   * `chunks` are the heads of sealed points: small rows, so that thousands are read in a
--     millisecond. `chunk_data` holds what is read only when points themselves are wanted.
--   * `sealed` is one row per curve that has chunks: its end, its overview, what there is to do.

-- How many rows of `points` a curve has, about: repeats count too.
ALTER TABLE series ADD COLUMN tail INTEGER NOT NULL DEFAULT 0;
UPDATE series SET tail = (
    SELECT count(*) FROM (SELECT 1 FROM points WHERE points.series = series.id LIMIT 1024)
);
-- Must stay what the compaction asks for.
CREATE INDEX series_to_seal ON series (id) WHERE tail >= 1024;
CREATE INDEX series_with_tail ON series (run) WHERE tail >= 32;

CREATE TABLE batches (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,  -- an id never comes again
    run   INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    count INTEGER NOT NULL,
    data  BLOB NOT NULL
);
CREATE INDEX batches_by_run ON batches (run, count);

CREATE TABLE chunks (
    series     INTEGER NOT NULL,
    tier       INTEGER NOT NULL,  -- chunks of tier 0 do not overlap
    step       INTEGER NOT NULL,  -- the first point, whole
    timestamp  INTEGER NOT NULL,
    value      REAL NOT NULL,
    is_nan     INTEGER NOT NULL,
    id         INTEGER NOT NULL,  -- in chunk_data
    count      INTEGER NOT NULL,
    last_step  INTEGER NOT NULL,
    first_time INTEGER NOT NULL,  -- the smallest time stamp
    last_time  INTEGER NOT NULL,  -- the largest
    summary    BLOB NOT NULL,
    PRIMARY KEY (series, tier, step, timestamp, value, is_nan, id)
) WITHOUT ROWID;

CREATE TABLE chunk_data (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    parts BLOB NOT NULL,
    data  BLOB NOT NULL
);

CREATE TABLE sealed (
    series     INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,  -- moves when chunks are replaced, not when some are added
    step       INTEGER NOT NULL,  -- the last point that is sealed, whole
    timestamp  INTEGER NOT NULL,
    value      REAL NOT NULL,
    is_nan     INTEGER NOT NULL,
    small      INTEGER NOT NULL,  -- small chunks at the end
    strays     INTEGER NOT NULL,  -- chunks of tier 1
    behind     INTEGER NOT NULL,  -- chunks of tier 0 behind the overview
    overview   BLOB NOT NULL
);
-- These conditions, and those above, stand in the compaction once more.
CREATE INDEX sealed_to_do ON sealed (series) WHERE small >= 8 OR strays >= 8 OR behind >= 512;
CREATE INDEX sealed_to_finish ON sealed (series) WHERE small >= 2 OR strays >= 1;

-- Data of chunks that are gone, to be deleted a few at a time.
CREATE TABLE chunk_waste (
    id INTEGER PRIMARY KEY
);
