-- Deletion and retention.
SELECT 1;
