"""Where exports go: a folder, or a running MLflow server."""
