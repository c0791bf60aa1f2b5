"""From an `Answer` or an `Article` to one line of JSON, in the documented form."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from retrieval.records import Answer, Article, Hit, PublishedGeneration, StoredArticle

if TYPE_CHECKING:
    from retrieval import (  # with numpy, which a list of articles can do without
        ExplainedHit,
        Explanation,
    )

SCHEMA = 1


def answer_line(answer: Answer, id: object = None) -> str:  # noqa: A002 - the documented name
    """Write an answer; `id` is given back as it came."""
    return _dump(_answer(answer, id))


def explained_line(explanation: "Explanation", id: object = None) -> str:  # noqa: A002 - the documented name
    """Write an answer with an object `explanation`; `id` is given back as it came."""
    why = {
        "fault": explanation.fault,
        "caution": explanation.caution,
        "threshold": explanation.threshold,
        "unknown": explanation.unknown,
        "hits": [_explained(hit) for hit in explanation.hits],
    }
    return _dump(_answer(explanation.answer, id) | {"explanation": why})


def _answer(answer: Answer, given: object) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "id": given,
        "question": answer.question,
        "answered": answer.answered,
        "confidence": answer.confidence,
        "language": answer.language,
        "hits": [_hit(hit) for hit in answer.hits],
    }


def _explained(explained: "ExplainedHit") -> dict[str, Any]:
    """Give what a hit's score is made of; what the features gave adds up to it."""
    return {
        "rank": explained.hit.rank,
        "score": explained.hit.score,
        "words": [asdict(word) for word in explained.words],
        "families": explained.families(),
        "features": [asdict(part) for part in explained.parts],
    }


def article_line(article: Article) -> str:
    """Write an article in the form that `citebot load` reads; what is not known is left out."""
    return _dump({name: value for name, value in asdict(article).items() if value is not None})


def stored_article_line(article: StoredArticle) -> str:
    """Write an article as the store lists it, without its text."""
    return _dump(asdict(article))


def generation_line(generation: PublishedGeneration) -> str:
    """Write a generation as the store lists it."""
    return _dump(asdict(generation))


def _hit(hit: Hit) -> dict[str, Any]:
    names = ("rank", "score", "article", "title", "url", "published", "start", "end", "position", "text")
    lead = None if hit.lead is None else {"start": hit.lead.start, "end": hit.lead.end, "text": hit.lead.text}
    return {name: getattr(hit, name) for name in names} | {"lead": lead}


def _dump(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
