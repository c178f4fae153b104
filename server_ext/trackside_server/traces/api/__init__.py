"""The operations of traces, thin: read, call, write."""
