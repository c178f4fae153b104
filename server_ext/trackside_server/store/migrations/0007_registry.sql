-- Registered models: the tables behind MLflow's registry, and who promoted what.
--
--   * A name is no key: everything hangs on the number of a model, so that a rename is one row.
--   * `last_version` only grows. The number of a deleted version is never given out again.
--   * `promotions` is only ever appended to. It has no foreign key: what happened stays known when
--     a model is gone, and numbers of models are never used twice.

CREATE TABLE registered_models (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT NOT NULL UNIQUE,
    description  TEXT NOT NULL,
    last_version INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    revision     INTEGER NOT NULL
);
CREATE INDEX registered_models_by_revision ON registered_models (revision);

CREATE TABLE registered_model_tags (
    model INTEGER NOT NULL REFERENCES registered_models (id) ON DELETE CASCADE,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (model, key)
) WITHOUT ROWID;
-- Searches hide prompts, which are models with a certain tag.
CREATE INDEX registered_model_tags_by_key ON registered_model_tags (key, model);

CREATE TABLE model_versions (
    id          INTEGER PRIMARY KEY,
    model       INTEGER NOT NULL REFERENCES registered_models (id) ON DELETE CASCADE,
    version     INTEGER NOT NULL,
    description TEXT,
    stage       TEXT NOT NULL,
    source      TEXT NOT NULL,
    location    TEXT NOT NULL,  -- where the files are, with models:/ resolved
    run_id      TEXT NOT NULL,  -- empty when no run made it
    model_id    TEXT NOT NULL,  -- the logged model behind it, or empty
    run_link    TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    UNIQUE (model, version)
);
CREATE INDEX model_versions_by_run ON model_versions (run_id);
CREATE INDEX model_versions_by_logged_model ON model_versions (model_id);
CREATE INDEX model_versions_by_update ON model_versions (updated_at DESC);

CREATE TABLE model_version_tags (
    version INTEGER NOT NULL REFERENCES model_versions (id) ON DELETE CASCADE,
    key     TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (version, key)
) WITHOUT ROWID;
CREATE INDEX model_version_tags_by_key ON model_version_tags (key, version);

CREATE TABLE registered_model_aliases (
    model   INTEGER NOT NULL REFERENCES registered_models (id) ON DELETE CASCADE,
    alias   TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (model, alias),
    FOREIGN KEY (model, version) REFERENCES model_versions (model, version) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX registered_model_aliases_by_version ON registered_model_aliases (model, version);

-- One line for each move. Of an alias: the versions that it left and came to. Of a version: the
-- stages. Empty means none.
CREATE TABLE promotions (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    model     INTEGER NOT NULL,
    name      TEXT NOT NULL,
    kind      TEXT NOT NULL,  -- 'alias' or 'stage'
    subject   TEXT NOT NULL,  -- the alias, or the number of the version
    old_value TEXT NOT NULL,
    new_value TEXT NOT NULL,
    actor     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    time      INTEGER NOT NULL
);
CREATE INDEX promotions_of_model ON promotions (model, id);
CREATE INDEX promotions_by_name ON promotions (name);
CREATE TRIGGER promotions_stay BEFORE DELETE ON promotions
BEGIN
    SELECT RAISE(ABORT, 'the history of promotions is never deleted');
END;
CREATE TRIGGER promotions_never_change BEFORE UPDATE ON promotions
BEGIN
    SELECT RAISE(ABORT, 'the history of promotions never changes');
END;
