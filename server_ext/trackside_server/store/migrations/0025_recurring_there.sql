-- What recurs is counted and listed without what was deleted.
CREATE INDEX recurring_runs_there ON recurring_runs (created) WHERE deleted IS NULL;
