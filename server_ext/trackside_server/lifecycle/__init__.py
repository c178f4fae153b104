"""The ends of things: what is deleted for ever, and runs whose client died."""
