"""The catalog: pipelines that were uploaded, and their versions."""
