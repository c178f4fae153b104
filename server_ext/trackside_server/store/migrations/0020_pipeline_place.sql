-- Where the tasks of a pipeline run are carried out: here, on the cluster, or as each of them needs.
ALTER TABLE pipeline_runs ADD COLUMN place TEXT NOT NULL DEFAULT 'auto';
