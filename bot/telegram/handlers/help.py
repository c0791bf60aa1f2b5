"""The commands that people see: in the menu beside the text field, and in /help."""

import logging

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    Message,
)
from telegram.error import TelegramError

from bot.rendering import admin_messages, messages
from bot.rendering.notices import OPERATORS
from bot.rendering.telegram.answer import text_html
from bot.settings import Settings
from bot.telegram.handlers.access import FromAdmin
from bot.telegram.sending.messages import reply

_LOG = logging.getLogger(__name__)

ASK = [BotCommand("ask", "answer a question from the articles")]
EVERYBODY = [*ASK, BotCommand("articles", "list the articles"), BotCommand("help", "say what I can do")]
ADMINS = [
    *EVERYBODY,
    BotCommand("add", "add a page, a feed or a sitemap by its address"),
    BotCommand("sources", "list what is read"),
    BotCommand("reload", "show what reading again would change, and ask; /reload now asks nothing"),
]


async def set_menus(bot: Bot, settings: Settings) -> None:
    """Register the commands for everybody, for groups, and for each admin."""
    await _set_menu(bot, EVERYBODY, BotCommandScopeDefault())
    await _set_menu(bot, ASK, BotCommandScopeAllGroupChats())
    for admin in sorted(settings.admins):
        await _set_menu(bot, ADMINS, BotCommandScopeChat(admin))


async def _set_menu(bot: Bot, commands: list[BotCommand], scope: BotCommandScope) -> None:
    try:
        await bot.set_my_commands(commands, scope)
    except TelegramError as error:
        # An admin who never wrote to the bot has no chat yet: /start of an admin comes back to this.
        _LOG.info("the menu of %s was not set: %s", scope.type, error)


class HelpHandlers:
    """What is said to people who look around."""

    def __init__(self, settings: Settings) -> None:
        """Know the admins, who see more commands."""
        self._from_admin = FromAdmin(settings)

    async def start(self, message: Message) -> None:
        """Greet; an admin's menu can be set from now on."""
        await reply(message, text_html(f"{messages.GREETING}\n\n{self._help(message)}"))
        if self._from_admin.filter(message):
            await _set_menu(message.get_bot(), ADMINS, BotCommandScopeChat(message.chat_id))

    async def help(self, message: Message) -> None:
        """List the commands."""
        await reply(message, text_html(f"{messages.TELEGRAM_HELP}\n\n{OPERATORS}\n\n{self._help(message)}"))

    async def unknown_command(self, message: Message) -> None:
        """Say that there is no such command: also to a stranger who tries one of the admins'."""
        await reply(message, text_html(messages.UNKNOWN_COMMAND))

    async def no_text(self, message: Message) -> None:
        """Say that only text is understood."""
        await reply(message, text_html(messages.ONLY_TEXT))

    async def not_allowed(self, message: Message) -> None:
        """Say that this person may not ask, and what an admin needs to change that."""
        await reply(message, text_html(messages.not_allowed(message.chat_id)))

    def _help(self, message: Message) -> str:
        commands = ADMINS if self._from_admin.filter(message) else EVERYBODY
        listed = "\n".join(f"/{command.command} – {command.description}" for command in commands)
        return f"{listed}\n\n{admin_messages.HELP}" if commands is ADMINS else listed
