"""Trackside inside the Jupyter server."""
