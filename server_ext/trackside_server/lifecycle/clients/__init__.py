"""Who logs the runs that no job started, and what becomes of a run whose client is gone."""
