-- Registered models.
SELECT 1;
