"""An update as Telegram sent it in, the library's object out; of a message that the library cannot read, what it can."""

import logging
from typing import Any

from telegram import Bot, Message, Update

from bot.telegram.receiving.dispatcher import Unparsable

_LOG = logging.getLogger(__name__)
_MESSAGES = ("message", "edited_message")
_CORE = ("message_id", "date", "edit_date", "chat", "from", "sender_chat", "text", "caption")
_NOBODY = {"id": 0, "is_bot": True, "first_name": "?"}
_INSTEAD = {
    "forward_origin": {"type": "hidden_user", "date": 0, "sender_user_name": "?"},
    "via_bot": _NOBODY,
}  # of parts without which a message would seem to be its sender's own


def parse_update(update: dict[str, Any], bot: Bot) -> Update:
    """Return an update, its message without the parts that cannot be read if it has words; raise Unparsable."""
    try:
        return Update.de_json(update, bot)
    except Exception as error:  # malformed fields make the library raise whatever comes of them
        for kind in _MESSAGES:
            readable = _readable(update.get(kind), bot)
            if readable is not None:
                _LOG.warning("A part of a message cannot be read: %s: %s", type(error).__name__, error)
                return Update.de_json({"update_id": update["update_id"], kind: readable}, bot)
        raise Unparsable(f"{type(error).__name__}: {error}") from error


def _readable(message: object, bot: Bot) -> dict[str, Any] | None:
    """Return what can be read of a message; None if that is not what matters, or if it has no words."""
    if not isinstance(message, dict):
        return None
    core = {name: message[name] for name in _CORE if name in message}
    if not _is_readable(core, bot) or not any(isinstance(core.get(name), str) for name in ("text", "caption")):
        return None
    found = dict(core)
    for name, part in message.items():
        if _is_readable(core | {name: part}, bot):
            found[name] = part
        elif isinstance(part, list):
            found[name] = [one for one in part if _is_readable(core | {name: [one]}, bot)]
        elif name in _INSTEAD:
            found[name] = _INSTEAD[name]
        elif name == "reply_to_message" and (replied := _readable(part, bot)):
            found[name] = replied
    return found


def _is_readable(message: dict[str, Any], bot: Bot) -> bool:
    try:
        Message.de_json(message, bot)
    except Exception:  # noqa: BLE001 - whatever comes of malformed fields
        return False
    return True
