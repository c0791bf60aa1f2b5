"""/start, /help, and the menus of commands."""

import asyncio
import logging
from concurrent.futures import Executor

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    InlineKeyboardMarkup,
    Message,
)
from telegram.error import TelegramError

from bot.rendering import admin_messages, messages
from bot.rendering.notices import OPERATORS
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings
from bot.telegram.handlers.access import FromAdmin
from bot.telegram.handlers.buttons import ANYBODY, Action, button
from bot.telegram.handlers.examples import Examples
from bot.telegram.sending.replies import reply
from retrieval import Engine

_LOG = logging.getLogger(__name__)

ASK = BotCommand("ask", "answer a question from the articles")
HELP = BotCommand("help", "show what I can do")
GROUPS = [ASK, HELP]
EVERYBODY = [
    ASK,
    BotCommand("new", "forget my last question"),
    BotCommand("articles", "list the articles"),
    HELP,
]
ADMINS = [
    *EVERYBODY,
    BotCommand("add", "add a page, feed or sitemap by its address"),
    BotCommand("sources", "list the sources of the articles"),
    BotCommand("stats", "show how many questions were answered"),
    BotCommand("reload", "show what loading again would change, then load; /reload now loads at once"),
]


async def set_menus(bot: Bot, settings: Settings) -> None:
    """Register the commands for everybody, for groups, and for each admin."""
    await _set_menu(bot, EVERYBODY, BotCommandScopeDefault())
    await _set_menu(bot, GROUPS, BotCommandScopeAllGroupChats())
    for admin in sorted(settings.admins):
        await _set_menu(bot, ADMINS, BotCommandScopeChat(admin))


async def _set_menu(bot: Bot, commands: list[BotCommand], scope: BotCommandScope) -> None:
    try:
        await bot.set_my_commands(commands, scope)
    except TelegramError as error:
        # An admin who never wrote to the bot has no chat yet; their /start tries again.
        _LOG.info("could not set the menu for %s: %s", scope.type, error)


class HelpHandlers:
    """Handlers of everything that is neither a question nor for admins."""

    def __init__(self, settings: Settings, engine: Engine, executor: Executor) -> None:
        """Show more commands to the admins in the settings; engine and executor stay the caller's to close."""
        self._from_admin = FromAdmin(settings)
        self._examples = Examples(engine)
        self._executor = executor

    async def start(self, message: Message) -> None:
        """Greet with an example to try, and set the menu of an admin, which is possible from now on."""
        await self._reply(message, [messages.GREETING, messages.START_MORE])
        if self._from_admin.filter(message):
            await _set_menu(message.get_bot(), ADMINS, BotCommandScopeChat(message.chat_id))

    async def help(self, message: Message) -> None:
        """Explain how to ask, with an example to try, and list the commands."""
        await self._reply(message, [messages.TELEGRAM_HELP, OPERATORS, self._commands(message)])

    async def _reply(self, message: Message, parts: list[str]) -> None:
        language = ((message.from_user and message.from_user.language_code) or "").partition("-")[0]
        example = await asyncio.get_running_loop().run_in_executor(self._executor, self._examples.find, language)
        if not example:
            await reply(message, text_html("\n\n".join(parts)))
            return
        keyboard = InlineKeyboardMarkup([[button(example, Action.EXAMPLE, ANYBODY, "")]])
        await reply(message, text_html("\n\n".join([parts[0], messages.START_EXAMPLE, *parts[1:]])), keyboard)

    async def unknown_command(self, message: Message) -> None:
        """Say that there is no such command, also if only admins may use it."""
        await reply(message, text_html(messages.UNKNOWN_COMMAND))

    async def only_text(self, message: Message) -> None:
        """Say that only text can be read."""
        await reply(message, text_html(messages.ONLY_TEXT))

    async def not_allowed(self, message: Message) -> None:
        """Say that this person may not ask, with the id that an admin needs to change that."""
        await reply(message, text_html(messages.not_allowed(message.chat_id)))

    def _commands(self, message: Message) -> str:
        commands = ADMINS if self._from_admin.filter(message) else EVERYBODY
        listed = "\n".join(f"/{command.command} – {command.description}" for command in commands)
        return f"{listed}\n\n{admin_messages.HELP}" if commands is ADMINS else listed
