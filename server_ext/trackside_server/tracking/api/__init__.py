"""What each MLflow route does: read the message, check the caller's reach, call the service."""
