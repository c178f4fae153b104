"""Tables of the runs of an outside MLflow server, through its own protocol."""
