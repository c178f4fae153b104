"""Those that watch the same pods, each a process of its own."""
