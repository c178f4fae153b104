"""The tables of pipelines. Each function works inside a transaction; rows in, entities out."""
