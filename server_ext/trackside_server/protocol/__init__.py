"""What MLflow's clients speak: tables of routes, requests in, answers out."""
