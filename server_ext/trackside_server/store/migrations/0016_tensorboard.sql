-- How far the event files of a run were read into its metrics. The offset is written in the
-- transaction of the points, so that nothing is read twice or left out.
CREATE TABLE tensorboard_files (
  run_id TEXT NOT NULL,
  path TEXT NOT NULL,
  prefix TEXT NOT NULL,
  offset INTEGER NOT NULL,
  PRIMARY KEY (run_id, path)
) WITHOUT ROWID;
