-- Search.
SELECT 1;
