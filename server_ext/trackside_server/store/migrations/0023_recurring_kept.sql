-- What a cluster keeps of what recurs: it starts the jobs then, and this server none.
ALTER TABLE recurring_runs ADD COLUMN kept TEXT;  -- JSON
