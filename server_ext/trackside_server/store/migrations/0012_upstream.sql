-- Outside servers.
SELECT 1;
