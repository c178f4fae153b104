"""The SQL of tracking; nothing else in tracking writes any.

Each function runs on the connection that it is given, inside the caller's transaction.
"""
