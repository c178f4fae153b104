"""Experiments, runs, metrics, params, tags and artifacts, in MLflow's own protocol."""
