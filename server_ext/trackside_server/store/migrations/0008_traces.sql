-- Traces.
SELECT 1;
