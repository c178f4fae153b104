"""Reading a job's log while it grows: metrics, progress and the last line, without a client."""
