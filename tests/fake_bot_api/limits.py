"""What a request may hold beside text: lengths in UTF-16 units, buttons and commands."""

import re
from typing import Any

from aiogram.types import BotCommand, InlineKeyboardMarkup

from fake_bot_api.errors import Violation
from fake_bot_api.html import utf16_length

CAPTION_UNITS = 1024
CALLBACK_BYTES = 64
COPY_UNITS = 256
CALLBACK_ANSWER_UNITS = 200
DOWNLOAD_BYTES = 20 * 2**20
UPLOAD_BYTES = 50 * 2**20
BUTTONS = 100
COMMAND_NAME = re.compile(r"[a-z0-9_]{1,32}")
DESCRIPTION_UNITS = 256
COMMANDS = 100
ACTIONS = ("url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat")
MORE_ACTIONS = ("switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay")


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
    if button.copy_text is not None and not 1 <= utf16_length(button.copy_text.text) <= COPY_UNITS:
        raise Violation("Bad Request: BUTTON_COPY_TEXT_INVALID")


def check_commands(commands: list[BotCommand]) -> None:
    """Raise Violation if Telegram would refuse a list of commands."""
    if len(commands) > COMMANDS:
        raise Violation("Bad Request: BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND_NAME.fullmatch(command.command):
            raise Violation("Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= utf16_length(command.description.strip()) <= DESCRIPTION_UNITS:
            raise Violation("Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
