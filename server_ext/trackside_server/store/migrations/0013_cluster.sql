-- Jobs on a cluster.
--
--   * `placed` says whether the runner has the current attempt. A cluster may keep an attempt in a
--     queue of its own: such a job is QUEUED, and placed.
--   * `cluster` holds the object that was made for the attempt, its pods and their timings, as JSON.

ALTER TABLE jobs ADD COLUMN placed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN cluster TEXT;
UPDATE jobs SET placed = 1 WHERE state IN ('STARTING', 'RUNNING');
