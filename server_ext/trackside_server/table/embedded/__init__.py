"""Tables of the runs in the store."""
