"""From an update as it came to the chat that it belongs to, whatever is in it."""

from typing import Any


def chat_of(update: dict[str, Any]) -> object:
    """Say which updates are to be answered in order: those of a chat, else of a person, else each by itself."""
    for kind, content in update.items():
        if not isinstance(content, dict):
            continue
        message = content.get("message") if kind == "callback_query" else content
        for found in (_id_in(message, "chat"), _id_in(content, "chat"), _id_in(content, "from")):
            if found is not None:
                return found
    return ("update", update.get("update_id"))


def _id_in(content: object, name: str) -> int | None:
    inner = content.get(name) if isinstance(content, dict) else None
    found = inner.get("id") if isinstance(inner, dict) else None
    return found if isinstance(found, int) else None
