-- Moves on the stage board, what takes a move back, and the promotions of an outside MLflow server.
--
--   * One move on the board can be several lines. `move` is the number of the first of them, in that
--     one itself 0.
--   * `reverts` is the first line of the move that a line takes back.
--   * MLflow keeps no history, so that of an outside server is kept here: of moves made through this
--     Jupyter server, and of others as far as they were `seen` from it.

ALTER TABLE promotions ADD COLUMN move INTEGER NOT NULL DEFAULT 0;
ALTER TABLE promotions ADD COLUMN reverts INTEGER;

CREATE TABLE upstream_models (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    server   TEXT NOT NULL,
    name     TEXT NOT NULL,
    since    INTEGER NOT NULL,
    is_gone  INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL
);
CREATE INDEX upstream_models_by_name ON upstream_models (server, name);
CREATE INDEX upstream_models_by_revision ON upstream_models (server, revision);

CREATE TABLE upstream_promotions (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    model     INTEGER NOT NULL,
    name      TEXT NOT NULL,
    kind      TEXT NOT NULL,
    subject   TEXT NOT NULL,
    old_value TEXT NOT NULL,
    new_value TEXT NOT NULL,
    actor     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    time      INTEGER NOT NULL,
    move      INTEGER NOT NULL,
    reverts   INTEGER,
    seen      INTEGER NOT NULL  -- 1 when it was made elsewhere, and `time` is when it was noticed
);
CREATE INDEX upstream_promotions_of_model ON upstream_promotions (model, id);
CREATE TRIGGER upstream_promotions_stay BEFORE DELETE ON upstream_promotions
BEGIN
    SELECT RAISE(ABORT, 'the history of promotions is never deleted');
END;
CREATE TRIGGER upstream_promotions_never_change BEFORE UPDATE ON upstream_promotions
BEGIN
    SELECT RAISE(ABORT, 'the history of promotions never changes');
END;
