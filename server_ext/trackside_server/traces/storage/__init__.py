"""The SQL of traces."""
