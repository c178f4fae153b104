-- Views ask again and again which jobs have news. Without it, that read what is remembered of all
-- logs: tens of kilobytes for each job that there ever was.
CREATE INDEX job_capture_by_revision ON job_capture (revision);
