"""From an `Answer` or an `Article` to one line of JSON, in the documented form."""

import json
from dataclasses import asdict
from typing import Any

from retrieval.records import Answer, Article, Hit, StoredArticle

SCHEMA = 1


def answer_line(answer: Answer, id: object = None) -> str:  # noqa: A002 - the documented name
    """Write an answer; `id` is given back as it came."""
    return _dump(
        {
            "schema": SCHEMA,
            "id": id,
            "question": answer.question,
            "answered": answer.answered,
            "confidence": answer.confidence,
            "language": answer.language,
            "hits": [_hit(hit) for hit in answer.hits],
        }
    )


def article_line(article: Article) -> str:
    """Write an article in the form that `citebot load` reads; what is not known is left out."""
    return _dump({name: value for name, value in asdict(article).items() if value is not None})


def stored_article_line(article: StoredArticle) -> str:
    """Write an article as the store lists it, without its text."""
    return _dump(asdict(article))


def _hit(hit: Hit) -> dict[str, Any]:
    names = ("rank", "score", "article", "title", "url", "published", "start", "end", "position", "text")
    lead = None if hit.lead is None else {"start": hit.lead.start, "end": hit.lead.end, "text": hit.lead.text}
    return {name: getattr(hit, name) for name in names} | {"lead": lead}


def _dump(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
