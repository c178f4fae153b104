"""What comes from MLflow, and what goes back to it: imports and exports."""
