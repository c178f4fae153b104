"""Traces: what one call of an application did, span by span, and what was thought of it."""
