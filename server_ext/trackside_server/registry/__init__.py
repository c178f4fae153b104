"""Registered models: names for versions of models, and who promoted which."""
