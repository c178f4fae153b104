-- Search: what a filter can begin with, and what an order can be read from.
--
-- Only the beginnings of values: params and tags may hold thousands of characters, and an index
-- that repeats them would double the store. Values that begin alike are told apart by their rows.

CREATE INDEX params_by_value ON params (key, substr(value, 1, 64));

-- Also finds the runs below a run (mlflow.parentRunId) and a run by an id that its client chose.
DROP INDEX tags_by_value;
CREATE INDEX tags_by_value ON tags (key, substr(value, 1, 64));

-- Runs of several experiments, newest first; those of one experiment have `runs_by_start`.
CREATE INDEX runs_by_time ON runs (start_time DESC, run_id) WHERE deleted_at IS NULL;
