"""Train, track and compare models beside the notebook."""
