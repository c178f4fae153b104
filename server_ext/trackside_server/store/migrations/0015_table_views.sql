-- Saved views of tables: which columns, which order, which filter, as the front end writes it.
--
-- `server` is the address of the MLflow server whose experiments are meant, empty for this store's
-- own: their ids say different things.

CREATE TABLE table_views (
    id         TEXT PRIMARY KEY,
    server     TEXT NOT NULL,
    name       TEXT NOT NULL,
    definition TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX table_views_by_server ON table_views (server, name);

CREATE TABLE table_view_experiments (
    experiment_id TEXT NOT NULL,
    view          TEXT NOT NULL REFERENCES table_views (id) ON DELETE CASCADE,
    PRIMARY KEY (experiment_id, view)
) WITHOUT ROWID;
CREATE INDEX table_view_experiments_by_view ON table_view_experiments (view);
