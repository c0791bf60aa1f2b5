"""Loads in a child process."""
