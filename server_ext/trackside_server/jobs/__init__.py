"""Jobs: what was asked for, its queue, its process and its end."""
