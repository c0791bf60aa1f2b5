"""What a message in a request may hold: lengths in UTF-16 units after parsing, entities, buttons and commands."""

import re
from typing import Any

from aiogram.types import BotCommand, InlineKeyboardMarkup

from fake_bot_api.errors import Violation
from fake_bot_api.html import parse_html, utf16_length

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
ENTITIES = 100  # Telegram drops what is more without a word
CALLBACK_BYTES = 64
CALLBACK_ANSWER_UNITS = 200
DOWNLOAD_BYTES = 20 * 2**20
UPLOAD_BYTES = 50 * 2**20
BUTTONS = 100
COMMAND_NAME = re.compile(r"[a-z0-9_]{1,32}")
DESCRIPTION_UNITS = 256
COMMANDS = 100
ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat")
MORE_ACTIONS = ("switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay")


def visible_text(text: str, parse_mode: Any, most: int = TEXT_UNITS) -> tuple[str, list[dict[str, object]]]:
    """Return the text as readers see it, and its entities; raise Violation if it is empty, too long or malformed."""
    if parse_mode not in ("HTML", None) and isinstance(parse_mode, str):
        raise Violation(f"Bad Request: this server knows no parse mode {parse_mode}")
    plain, entities = parse_html(text) if parse_mode == "HTML" else (text, [])
    shown = re.sub(r"[\x00-\x08\x0b-\x1f\t]", " ", plain.replace("\r", ""))
    if not shown.strip():
        raise Violation("Bad Request: message text is empty")
    if utf16_length(shown.strip()) > most:
        raise Violation("Bad Request: message is too long")
    if len(entities) > ENTITIES:
        raise Violation(f"Bad Request: {len(entities)} entities, all above {ENTITIES} would be dropped silently")
    return shown.rstrip(), entities


def check_markup(markup: Any) -> None:
    """Raise Violation for a malformed inline keyboard; other kinds of markup are not used by this bot."""
    if markup is None:
        return
    if not isinstance(markup, InlineKeyboardMarkup):
        raise Violation(f"Bad Request: reply_markup is not an inline keyboard but {type(markup).__name__}")
    buttons = [button for row in markup.inline_keyboard for button in row]
    if len(buttons) > BUTTONS:
        raise Violation("Bad Request: reply markup is too long")
    for button in buttons:
        check_button(button)


def check_button(button: Any) -> None:
    """Raise Violation unless the button has a text, exactly one action, and data that fit."""
    if not button.text.strip():
        raise Violation("Bad Request: inline keyboard button text must be non-empty")
    actions = [name for name in ACTIONS + MORE_ACTIONS if getattr(button, name) is not None]
    if len(actions) != 1:
        raise Violation(f"Bad Request: button {button.text!r} has {len(actions)} actions, not one")
    if button.callback_data is not None and not 1 <= len(button.callback_data.encode()) <= CALLBACK_BYTES:
        raise Violation("Bad Request: BUTTON_DATA_INVALID")


def check_commands(commands: list[BotCommand]) -> None:
    """Raise Violation if Telegram would refuse a list of commands."""
    if len(commands) > COMMANDS:
        raise Violation("Bad Request: BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND_NAME.fullmatch(command.command):
            raise Violation("Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= utf16_length(command.description.strip()) <= DESCRIPTION_UNITS:
            raise Violation("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
