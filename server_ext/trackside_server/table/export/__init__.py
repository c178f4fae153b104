"""Tables as files: CSV and Parquet, written piece by piece."""
