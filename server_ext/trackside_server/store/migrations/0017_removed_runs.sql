-- How many rows of runs were removed. That changes no revision, for what is deleted for ever goes in
-- many small steps; but whoever remembers numbers of runs has to know that some are gone.
ALTER TABLE clock ADD COLUMN removed_runs INTEGER NOT NULL DEFAULT 0;
