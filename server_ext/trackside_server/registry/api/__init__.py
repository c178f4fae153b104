"""What the routes of the registry do."""
