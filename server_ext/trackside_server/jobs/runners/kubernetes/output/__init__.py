"""What pods print, carried into the files of their job without loss or repetition."""
