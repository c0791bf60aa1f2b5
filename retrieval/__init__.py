"""Answer questions about a collection of articles with the sentence that answers, quoted and cited.

The path of a file: engine.py, loading/load.py, loading/scan.py, sources/paths.py (a URL: sources/crawler.py,
sources/fetch.py), readers/__init__.py, readers/sandbox.py, readers/html.py or another format,
readers/article.py, loading/changes.py, text/sentences.py, store/writer.py, loading/publish.py,
index/builder.py, index/tokens.py, index/inverter.py, index/merger.py, index/manifest.py.

The path of a question: engine.py, opened_store.py, asking/answerer.py, asking/filters.py, asking/intents.py,
asking/in_context.py, asking/follow_ups.py, text/analyzer.py, index/searcher.py, index/query_reader.py,
index/segment_searcher.py, index/pruned_search.py (a small segment, from its second question on: index/full_search.py), index/candidates.py,
ranking/features.py, ranking/weights.py, ranking/ranker.py, ranking/confidence.py, asking/ordering.py, store/reader.py,
store/sentence_reader.py, asking/recency.py, asking/standing_alone.py, asking/editions.py, asking/answer.py,
asking/highlight.py, asking/answer_span.py, asking/disagreement.py, asking/quantities.py.

A Milvus elsewhere takes the place of index and store: see `retrieval.milvus`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from retrieval.engine import Engine, open_engine
from retrieval.errors import (
    ArticleError,
    EngineAway,
    ForbiddenAddress,
    GenerationGone,
    QuestionFileError,
    QuestionTooSlow,
    RetrievalError,
    SetsNotAsked,
    SourceError,
    SourceNotFound,
    StoreBusy,
    StoreError,
    StoreTooNew,
    TooFewQuestions,
    UnreadableSource,
)
from retrieval.records import Answer, Article, Hit, LoadReport, Preview, Snippet

if TYPE_CHECKING:
    from retrieval.asking.explanation import ExplainedHit, Explanation, Fault, FoundWord, Match
    from retrieval.asking.in_context import next_snippets
    from retrieval.asking.intents import asks, languages_of
    from retrieval.asking.leads import without_repeated_leads
    from retrieval.asking.trails import without_shown_trails
    from retrieval.copying import Compared, EngineState, copy_articles, describe_engine, is_engine
    from retrieval.milvus.address import parse_address
    from retrieval.milvus.download import make_ordinary
    from retrieval.ranking.weights import weights_file
    from retrieval.readers.article import make_article
    from retrieval.readers.text import first_line
    from retrieval.sources import SUFFIXES
    from retrieval.sources.paths import watchable
    from retrieval.sources.urls import with_https
    from retrieval.text.dates import day_of

__all__ = [
    "SUFFIXES",
    "Answer",
    "Article",
    "ArticleError",
    "Compared",
    "Engine",
    "EngineAway",
    "EngineState",
    "ExplainedHit",
    "Explanation",
    "Fault",
    "ForbiddenAddress",
    "FoundWord",
    "GenerationGone",
    "Hit",
    "LoadReport",
    "Match",
    "Preview",
    "QuestionFileError",
    "QuestionTooSlow",
    "RetrievalError",
    "SetsNotAsked",
    "Snippet",
    "SourceError",
    "SourceNotFound",
    "StoreBusy",
    "StoreError",
    "StoreTooNew",
    "TooFewQuestions",
    "UnreadableSource",
    "asks",
    "copy_articles",
    "day_of",
    "describe_engine",
    "first_line",
    "is_engine",
    "languages_of",
    "make_article",
    "make_ordinary",
    "next_snippets",
    "open_engine",
    "parse_address",
    "watchable",
    "weights_file",
    "with_https",
    "without_repeated_leads",
    "without_shown_trails",
]

if not TYPE_CHECKING:  # a type checker would take any name for one of these
    _LAZY = {  # imported when first used, since each start waits for what is imported here
        "ExplainedHit": "asking.explanation",
        "Explanation": "asking.explanation",
        "Fault": "asking.explanation",
        "FoundWord": "asking.explanation",
        "Match": "asking.explanation",
        "next_snippets": "asking.in_context",
        "asks": "asking.intents",
        "languages_of": "asking.intents",
        "without_repeated_leads": "asking.leads",
        "without_shown_trails": "asking.trails",
        "Compared": "copying",
        "EngineState": "copying",
        "copy_articles": "copying",
        "describe_engine": "copying",
        "is_engine": "copying",
        "parse_address": "milvus.address",
        "make_ordinary": "milvus.download",
        "weights_file": "ranking.weights",
        "make_article": "readers.article",
        "first_line": "readers.text",
        "SUFFIXES": "sources",
        "watchable": "sources.paths",
        "with_https": "sources.urls",
        "day_of": "text.dates",
    }

    def __getattr__(name: str) -> object:
        """Import a name when it is first used."""
        if name not in _LAZY:
            raise AttributeError(f"module 'retrieval' has no attribute {name!r}")
        return getattr(import_module(f"retrieval.{_LAZY[name]}"), name)
