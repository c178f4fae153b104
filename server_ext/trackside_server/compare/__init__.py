"""Two to twenty runs side by side: what differs, and what goes with the better result."""
