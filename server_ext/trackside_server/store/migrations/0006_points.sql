-- Points in chunks.
SELECT 1;
