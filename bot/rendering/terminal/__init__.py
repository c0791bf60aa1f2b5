"""Records -> lines for a terminal."""
