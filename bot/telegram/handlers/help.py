"""/start, /help, and the menus of commands."""

import asyncio
import logging
from collections.abc import Iterable

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
from bot.rendering.telegram.escaping import own_html
from bot.rendering.texts import LANGUAGES, Own, Texts
from bot.settings import Settings
from bot.state import Role, Roles
from bot.telegram.handlers.access import FromAdmin, FromEditor
from bot.telegram.handlers.buttons import ANYBODY, Action, button
from bot.telegram.handlers.chat_engines import ChatEngines
from bot.telegram.handlers.examples import Examples
from bot.telegram.handlers.reader import say, texts_of
from bot.telegram.handlers.threads import Threads
from bot.telegram.sending.replies import reply
from retrieval import Engine, SetsNotAsked

_LOG = logging.getLogger(__name__)

GROUPS = ("ask", "help")
EVERYBODY = ("ask", "new", "watch", "watching", "articles", "privacy", "help")
EDITORS = [
    BotCommand("gaps", "list what was asked and not answered"),
    BotCommand("stats", "show how many questions were answered"),
    BotCommand("reload", "show what loading again would change, then load; /reload now loads at once"),
    BotCommand("cancel", "stop the load that is under way; the next one continues"),
]  # besides those for everybody, in English
ADMINS = [
    BotCommand("add", "add a page, feed or sitemap by its address"),
    BotCommand("sources", "list the sources of the articles"),
    BotCommand("sets", "choose the sets of articles that this chat is answered from"),
    *EDITORS,
    BotCommand("digest", "get a digest every week: /digest weekly, /digest off"),
    BotCommand("allow", "let a person or a group ask"),
    BotCommand("block", "shut a person or a group out"),
    BotCommand("editors", "list who may what, and add or remove editors"),
]


async def set_menus(bot: Bot, settings: Settings, roles: Roles) -> None:
    """Register the commands for everybody and for groups, and for each admin and editor; then the first two in each language."""
    english, *others = await asyncio.to_thread(_all_texts)
    await _set_menus_in(bot, english, None)
    for editor in roles.all(Role.EDITOR) if settings.admins else ():
        await _set_menu(bot, _with_more(EDITORS, english), BotCommandScopeChat(editor))
    for admin in sorted(settings.admins):
        await _set_menu(bot, _with_more(ADMINS, english), BotCommandScopeChat(admin))
    await asyncio.gather(*(_set_menus_in(bot, texts, texts.language) for texts in others))


async def _set_menus_in(bot: Bot, texts: Texts, language: str | None) -> None:
    await _set_menu(bot, _described(EVERYBODY, texts), BotCommandScopeDefault(), language)
    await _set_menu(bot, _described(GROUPS, texts), BotCommandScopeAllGroupChats(), language)


def _all_texts() -> list[Texts]:
    """Read all catalogues, so that no reader waits for theirs; English comes first."""
    found = [Texts(language) for language in LANGUAGES]
    for texts in found:
        texts(messages.GREETING)
    return found


def _described(names: Iterable[str], texts: Texts) -> list[BotCommand]:
    return [BotCommand(name, texts(messages.COMMANDS[name])) for name in names]


def _with_more(commands: list[BotCommand], texts: Texts) -> list[BotCommand]:
    return [*_described(EVERYBODY, texts), *commands]


async def _set_menu(bot: Bot, commands: list[BotCommand], scope: BotCommandScope, language: str | None = None) -> None:
    try:
        await bot.set_my_commands(commands, scope, language_code=language)
    except TelegramError as error:
        is_admins = isinstance(scope, BotCommandScopeChat)  # who never wrote to the bot has no chat with it yet
        _LOG.info(
            "%s: %s",
            "An admin or editor gets their menu when they send /start" if is_admins else "A menu was not set",
            error,
        )


class HelpHandlers:
    """Handlers of everything that is neither a question nor for admins."""

    def __init__(self, from_editor: FromEditor, from_admin: FromAdmin, engines: ChatEngines, threads: Threads) -> None:
        """Show more commands to editors, and still more to admins; the engines stay the caller's to close."""
        self._from_editor, self._from_admin = from_editor, from_admin
        self._engines = engines
        self._examples: dict[Engine, Examples] = {}
        self._threads = threads

    async def start(self, message: Message) -> None:
        """Greet with an example to try, and set the menu of an editor or an admin, which is possible from now on."""
        texts = texts_of(message.from_user)
        await self._reply(message, texts, [texts(messages.GREETING), texts(messages.START_MORE)])
        if self._from_editor.filter(message):
            await self.set_menu_of(message.get_bot(), message.chat_id)

    async def set_menu_of(self, bot: Bot, user: int) -> None:
        """Show a person the commands that they may give, if these are more than everybody's or no longer are."""
        if user < 0:  # a group
            return
        more = self._more_for(user)
        if more:
            await _set_menu(bot, _with_more(more, Texts()), BotCommandScopeChat(user))
            return
        try:
            await bot.delete_my_commands(BotCommandScopeChat(user))
        except TelegramError as error:
            _LOG.info("could not reset a menu: %s", error)

    async def help(self, message: Message, texts: Texts | None = None) -> None:
        """Explain how to ask, with an example to try, and list the commands; in the language of the reader if in none."""
        texts = texts or texts_of(message.from_user)
        parts = [texts(messages.TELEGRAM_HELP), texts(OPERATORS), self._commands(message, texts)]
        await self._reply(message, texts, parts)

    async def _reply(self, message: Message, texts: Texts, parts: list[Own]) -> None:
        example = await self._example(message, texts)
        if not example:
            await reply(message, own_html(Own("\n\n".join(parts))))
            return
        keyboard = InlineKeyboardMarkup([[button(example, Action.EXAMPLE, ANYBODY, "")]])
        await reply(message, own_html(Own("\n\n".join([*parts, texts(messages.START_EXAMPLE)]))), keyboard)

    async def _example(self, message: Message, texts: Texts) -> str:
        try:
            engine = self._engines.of(message.chat_id)
        except SetsNotAsked:
            return ""
        examples = self._examples.setdefault(engine, Examples(engine))
        return await self._threads.run(lambda: examples.find(texts.language))

    async def unknown_command(self, message: Message) -> None:
        """Say that there is no such command, also if only admins may use it."""
        await say(message, messages.UNKNOWN_COMMAND)

    async def only_text(self, message: Message) -> None:
        """Say that only text can be read."""
        await say(message, messages.ONLY_TEXT)

    async def not_allowed(self, message: Message) -> None:
        """Say that this person may not ask, with the id that an admin needs to change that."""
        await reply(message, own_html(messages.not_allowed(message.chat_id, texts_of(message.from_user))))

    def _commands(self, message: Message, texts: Texts) -> Own:
        more = self._more_for(message.chat_id) if self._from_editor.filter(message) else []
        commands = _with_more(more, texts)
        listed = "\n".join(f"{texts.isolated(f'/{one.command}')} – {one.description}" for one in commands)
        return Own(f"{listed}\n\n{admin_messages.HELP}" if more else listed)

    def _more_for(self, user: int) -> list[BotCommand]:
        if self._from_admin.includes(user):
            return ADMINS
        return EDITORS if self._from_editor.includes(user) else []
