-- Under which key what recurs was asked for, and a hash of that request: sent again, it is the same.
ALTER TABLE recurring_runs ADD COLUMN idempotency_key TEXT;
ALTER TABLE recurring_runs ADD COLUMN fingerprint TEXT;
CREATE INDEX recurring_runs_by_key ON recurring_runs (idempotency_key)
    WHERE idempotency_key IS NOT NULL;
