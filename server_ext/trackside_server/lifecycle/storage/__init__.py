"""The SQL of this domain. Each function works inside a transaction."""
