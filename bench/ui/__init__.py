"""What the page feels like with very many runs, beside MLflow's own page."""
