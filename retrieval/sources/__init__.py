"""Where articles come from: paths, patterns and URLs -> files to read, always in the same order."""

from retrieval.sources.paths import SUFFIXES, find_sources

__all__ = ["SUFFIXES", "find_sources"]
