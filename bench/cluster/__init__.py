"""Watching a cluster of thousands of jobs: what it costs, and how late news is."""
