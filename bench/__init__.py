"""Benchmarks: each measures one promise of the documentation and prints figure, limit and ratio."""
