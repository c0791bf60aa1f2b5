"""A message that Telegram refused in, the message without what it refused out, as long as something is left to change."""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from telegram.error import BadRequest, ChatMigrated, TelegramError

from bot.rendering.lengths import shorten, utf16_units
from bot.rendering.telegram.escaping import MESSAGE_UNITS, to_plain

_LOG = logging.getLogger(__name__)
_MOST = 6  # cures of one message
_SHORTEST = 50  # UTF-16 units: nothing shorter is too long

Parameters = dict[str, Any]
_Result = TypeVar("_Result")


async def call_until_cured(call: Callable[..., Awaitable[_Result]], **parameters: Any) -> _Result:  # noqa: ANN401
    """Make a call, again after each refusal that other parameters cure; raise TelegramError if none does."""
    for _ in range(_MOST):
        try:
            return await call(**parameters)
        except (BadRequest, ChatMigrated) as error:
            cured = _cured(parameters, error)
            if cured is None:
                raise
            _LOG.warning("Telegram refused a message (%s); trying it in another form.", error.message)
            parameters = cured
    return await call(**parameters)


def _cured(sent: Parameters, error: TelegramError) -> Parameters | None:
    """Return what to send instead; None if nothing that would help is left to change."""
    if isinstance(error, ChatMigrated):  # the messages of a group keep their ids, but nobody can reply to them
        left = {"chat_id": error.new_chat_id, "reply_parameters": None, "message_thread_id": None}
        return sent | left if "chat_id" in sent else None
    said = error.message.lower()
    change = next((change for reason, change in _CURES if re.search(reason, said)), None)
    changed = change(sent) if change else sent
    return None if changed == sent else changed


def _without(name: str) -> Callable[[Parameters], Parameters]:
    return lambda sent: sent | {name: None} if sent.get(name) is not None else sent


def _plain(sent: Parameters) -> Parameters:
    return sent if sent["parse_mode"] is None else sent | {"text": to_plain(sent["text"]), "parse_mode": None}


def _cut(sent: Parameters) -> Parameters:
    """Cut to what should fit; if that was refused, Telegram counts otherwise: halve what is left."""
    plain = _plain(sent)
    length = utf16_units(plain["text"])
    if length <= _SHORTEST:
        return sent
    return plain | {"text": shorten(plain["text"], MESSAGE_UNITS if length > MESSAGE_UNITS else length // 2)}


_CURES = (
    (r"thread not found|thread \d+ not found|topic_deleted", _without("message_thread_id")),
    (r"repl(y|ied)\b.*not found|message_id_invalid", _without("reply_parameters")),
    (r"pars|entit", _plain),
    (r"too.long", _cut),
)  # by what Telegram says, in lower case; the first that fits
