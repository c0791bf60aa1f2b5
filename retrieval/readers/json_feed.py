"""A JSON Feed (https://www.jsonfeed.org/version/1.1/) -> what feedparser makes of other feeds."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from retrieval.errors import UnreadableSource


def parse_json_feed(text: str) -> Mapping[str, Any]:
    """Return the feed and its entries under the names of feedparser. Raise UnreadableSource."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableSource("It is not a feed: its JSON is damaged.") from error
    items = feed.get("items") if isinstance(feed, dict) and "jsonfeed.org" in str(feed.get("version")) else None
    if not isinstance(items, list):
        raise UnreadableSource("It is not an RSS, Atom or JSON feed.")
    if not items:
        raise UnreadableSource("The feed has no entries.")
    return {"feed": _words(feed), "entries": [_entry(item) for item in items if isinstance(item, dict)]}


def _entry(item: dict[str, Any]) -> dict[str, Any]:
    words = _words(item)
    kinds = {"content_html": "text/html", "content_text": "text/plain"}
    contents = [{"value": words[name], "type": kind} for name, kind in kinds.items() if words.get(name)]
    named = item.get("authors") or [item.get("author")]
    return {
        "id": str(item.get("id") or ""),
        "link": words.get("url") or words.get("external_url") or "",
        "title": words.get("title", ""),
        "title_detail": {"type": "text/plain"},
        "content": [content | {"language": words.get("language")} for content in contents[:1]],
        "summary_detail": {"value": words.get("summary"), "type": "text/plain", "language": words.get("language")},
        "published_parsed": _time(words.get("date_published") or words.get("date_modified")),
        "authors": [_words(author) for author in named if isinstance(author, dict)] if isinstance(named, list) else [],
    }


def _words(fields: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def _time(value: str | None) -> object:
    try:
        return datetime.fromisoformat(value).astimezone(UTC).timetuple() if value else None
    except (ValueError, OverflowError):
        return None
