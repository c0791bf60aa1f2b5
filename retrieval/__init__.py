"""Question answering over articles: sentences in SQLite, TF-IDF postings, ranked and cited hits."""

from retrieval.engine import Engine, open_engine

__all__ = ["Engine", "open_engine"]
