"""Groups: the bot is added, a group becomes a supergroup, and `/listen` lets the bot answer what is put to nobody."""

import asyncio
import logging
from collections.abc import Callable

from telegram import Message
from telegram.constants import ChatType
from telegram.ext import filters

from bot.rendering import admin_messages, alert_messages, messages
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings
from bot.state import ChatSets, Groups, Roles
from bot.telegram.handlers.reader import say
from bot.telegram.sending.replies import reply

_LOG = logging.getLogger(__name__)


class AddedBot(filters.MessageFilter):
    """The bot was added to a group, or a group was created with it."""

    def __init__(self) -> None:
        """Take nothing: each message knows its bot."""
        super().__init__("added_bot")

    def filter(self, message: Message) -> bool:
        """Look among the new members."""
        is_new = bool(message.group_chat_created or message.supergroup_chat_created)
        return is_new or any(member.id == message.get_bot().id for member in message.new_chat_members)


class Listening(filters.MessageFilter):
    """The bot was told to listen in the group."""

    def __init__(self, groups: Groups) -> None:
        """Look groups up."""
        super().__init__("listening")
        self._groups = groups

    def filter(self, message: Message) -> bool:
        """Look up the chat."""
        return self._groups.listens(message.chat_id)


class GroupHandlers:
    """Handlers of what happens to groups."""

    def __init__(
        self, settings: Settings, groups: Groups, roles: Roles, chat_sets: ChatSets, tell_admins: Callable[[str], None]
    ) -> None:
        """`tell_admins` sends a text to every admin."""
        self._roles, self._chat_sets = roles, chat_sets
        self._allow = settings.allow or frozenset()
        self._groups = groups
        self._tell_admins = tell_admins

    async def help(self, message: Message) -> None:
        """Say in one line how to ask in a group."""
        await say(message, messages.GROUP_HELP)

    async def in_private(self, message: Message) -> None:
        """Say that a command works in a private chat."""
        await say(message, messages.IN_PRIVATE)

    async def migrated(self, message: Message) -> None:
        """Let a supergroup keep what the group was allowed, denied or bound to, and tell the admins its new id if the settings name the old."""
        old, new = message.migrate_from_chat_id or message.chat_id, message.migrate_to_chat_id or message.chat_id
        await asyncio.to_thread(self._roles.upgraded, old, new)
        await asyncio.to_thread(self._chat_sets.upgraded, old, new)
        self.upgraded(old, new)

    def upgraded(self, old: int, new: int) -> None:
        """Note that a group has become a supergroup, as a message or the refusal of a reply tells."""
        if self._groups.upgraded(old, new) and old in self._allow:
            _LOG.warning("A group in CITEBOT_ALLOW has become a supergroup, with the id %d.", new)
            self._tell_admins(alert_messages.group_upgraded(old, new))

    async def listen(self, message: Message) -> None:
        """Begin or cease to answer questions in a group that are put to nobody."""
        _, *rest = (message.text or "").lower().split()
        if message.chat.type == ChatType.PRIVATE or rest not in (["on"], ["off"]):
            await reply(message, text_html(admin_messages.LISTEN_USAGE))
            return
        is_on = rest == ["on"]
        await asyncio.to_thread(self._groups.listen, message.chat_id, on=is_on)
        text = admin_messages.LISTENING if is_on else admin_messages.NOT_LISTENING
        if is_on and not message.get_bot().can_read_all_group_messages:
            text += f" {admin_messages.PRIVACY_MODE}"
        await reply(message, text_html(text))
