"""What an admin named goes in, the files to read come out, in an order that never changes."""

from retrieval.sources.paths import SUFFIXES, find_sources

__all__ = ["SUFFIXES", "find_sources"]
