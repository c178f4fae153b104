-- Notebooks and scripts recur beside pipelines: `job` is what a job is asked for, and null for a
-- pipeline. `since` is when the schedule was changed last; null for when it was made. A run that
-- somebody started between two moments stands among these as one `by_hand`.
ALTER TABLE recurring_runs ADD COLUMN job TEXT;  -- JSON
ALTER TABLE recurring_runs ADD COLUMN since REAL;
ALTER TABLE recurring_moments ADD COLUMN job_id TEXT;
ALTER TABLE recurring_moments ADD COLUMN by_hand INTEGER NOT NULL DEFAULT 0;
