"""Tracking measured, beside its peers."""
