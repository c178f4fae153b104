"""An outside MLflow server in the place of the embedded store (``Trackside.tracking_uri``)."""
