-- When a pipeline that was uploaded, or a run that recurs, was changed last.

CREATE TABLE pipeline_news (
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    name     TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX pipeline_news_by_revision ON pipeline_news (kind, revision);
