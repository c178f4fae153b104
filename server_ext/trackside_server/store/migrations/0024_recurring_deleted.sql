-- When what recurs was deleted: it can be brought back for a day.
ALTER TABLE recurring_runs ADD COLUMN deleted REAL;
