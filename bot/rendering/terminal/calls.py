"""A simulated update and the Bot API calls it causes -> lines."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.rendering.telegram.escaping import to_plain
from bot.rendering.terminal.layout import printable

NO_CALL = "  (no call)"
_KINDS = (
    "message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "inline_query",
    "chosen_inline_result", "guest_message",
)  # fmt: skip


def update_line(update: Mapping[str, Any]) -> str:
    """Describe an update: `12: message from 7 in -3: /start`."""
    kind = next((kind for kind in _KINDS if isinstance(update.get(kind), dict)), "ignored by the bot")
    content = _part(update, kind)
    sender = _part(content, "sender_chat") or _part(content, "from")
    chat = _part(_part(content, "message") or content, "chat")
    place = f" in {chat['id']}" if chat.get("id") not in (None, sender.get("id")) else ""
    said = next((content[name] for name in ("data", "text", "caption", "query") if content.get(name)), "")
    by = f" from {sender['id']}" if "id" in sender else ""
    return printable(f"{update.get('update_id')}: {kind}{by}{place}") + (f": {printable(str(said))}" if said else "")


def call_lines(method: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    """Describe a call: its method and chat, then its text as a reader sees it, and its buttons."""
    place = f" to {parameters['chat_id']}" if "chat_id" in parameters else ""
    about = f", message {parameters['message_id']}" if "message_id" in parameters else ""
    quoting = parameters.get("reply_parameters") or {}
    about += f", as a reply to {quoting['message_id']}" if "message_id" in quoting else ""
    yield printable(f"  {method}{place}{about}")
    for line in shown_text(parameters).splitlines():
        yield f"    {printable(line)}".rstrip()
    for row in (parameters.get("reply_markup") or {}).get("inline_keyboard", []):
        yield "    " + " ".join(printable(f"[{button['text']}]") for button in row)
    button = _part(parameters, "button")
    if "text" in button:
        yield printable(f"    [{button['text']}]")
    for result in parameters.get("results") or [parameters[name] for name in ("result",) if name in parameters]:
        yield from _result_lines(result)


def _result_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """Show a message that is offered to be sent to any chat, or sent there."""
    content = result["input_message_content"]
    lines = to_plain(content["message_text"]).splitlines()
    keyboard = _part(result, "reply_markup").get("inline_keyboard", [])
    for number, line in enumerate([*lines, *(" ".join(f"[{one['text']}]" for one in row) for row in keyboard)]):
        yield f"    {'  ' if number else '- '}{printable(line)}".rstrip()


def shown_text(parameters: Mapping[str, Any]) -> str:
    """Return the text of a call as a reader sees it, "" if it has none."""
    text = str(parameters.get("text") or parameters.get("caption") or "")
    return to_plain(text) if parameters.get("parse_mode") == "HTML" else text


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object of this name, or an empty one if there is none."""
    part = whole.get(name)
    return part if isinstance(part, dict) else {}
