"""/allow, /block and /editors: admins say who may what, as long as the bot runs and after that.

A change counts from the next message or press on: what somebody could do until then, and the buttons that they still have,
do nothing any more.
"""

import asyncio
import re

from telegram import Message, MessageOriginHiddenUser, MessageOriginUser
from telegram.constants import ChatType

from bot.rendering import messages, role_messages
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings
from bot.settings.parsing import SHARED_USER_IDS
from bot.state import Role, Roles
from bot.telegram.handlers.help import HelpHandlers
from bot.telegram.sending.replies import reply

_ID = re.compile(r"-?[1-9][0-9]{0,15}")  # Telegram's have at most 52 bits


class RoleHandlers:
    """Handlers of the commands that say who may what; each is an admin's."""

    def __init__(self, settings: Settings, roles: Roles, menus: HelpHandlers) -> None:
        """Change the roles; `menus` shows people the commands that they may give."""
        self._admins = settings.admins
        self._roles, self._menus = roles, menus

    async def allow(self, message: Message) -> None:
        """Let a person or a group ask, also after they were blocked."""
        _, *words = (message.text or "").split()
        id_ = _named(message, words)
        if id_ is not None and self._roles.of(id_) is Role.EDITOR:
            await _say(message, role_messages.has_it(id_, Role.EDITOR))
        else:
            await self._give(message, id_, Role.READER, role_messages.ALLOW_USAGE)

    async def block(self, message: Message) -> None:
        """Shut a person or a chat out."""
        _, *words = (message.text or "").split()
        await self._give(message, _named(message, words), Role.BLOCKED, role_messages.BLOCK_USAGE)

    async def editors(self, message: Message) -> None:
        """List who may what and what was changed, make somebody an editor, or take a role away."""
        _, *words = (message.text or "").split()
        what, id_ = " ".join(words[:1]).lower(), _named(message, words[1:])
        if what == "add":
            await self._give(message, id_, Role.EDITOR, role_messages.EDITORS_USAGE)
        elif what == "remove" and id_ is not None:
            is_taken = await asyncio.to_thread(self._roles.take, id_, _sender(message))
            await _say(message, role_messages.taken(id_) if is_taken else role_messages.has_none(id_))
            await self._menus.set_menu_of(message.get_bot(), id_)
        elif what:
            await _say(message, _why_nobody(message, role_messages.EDITORS_USAGE))
        else:
            changes = await asyncio.to_thread(self._roles.changes, role_messages.CHANGES)
            by_role = {role: self._roles.all(role) for role in Role}
            await _say(message, role_messages.overview(sorted(self._admins), by_role, changes))

    async def _give(self, message: Message, id_: int | None, role: Role, usage: str) -> None:
        if id_ is None:
            text = _why_nobody(message, usage)
        elif id_ in self._admins:
            text = role_messages.is_admin(id_)
        elif id_ in SHARED_USER_IDS:
            text = role_messages.IS_SHARED
        elif role is Role.EDITOR and id_ < 0:
            text = role_messages.ONLY_PEOPLE
        elif self._roles.of(id_) is role:
            text = role_messages.has_it(id_, role)
        else:
            await asyncio.to_thread(self._roles.give, id_, role, _sender(message))
            await _say(message, role_messages.changed(id_, role))
            await self._menus.set_menu_of(message.get_bot(), id_)
            return
        await _say(message, text)


def _named(message: Message, words: list[str]) -> int | None:
    """Return the id that a command names: in words, by a reply to what was forwarded, or by its group; None if none."""
    replied = message.reply_to_message
    if message.chat.type != ChatType.PRIVATE:
        return message.chat_id if not words and replied is None else None  # with more, it may be for another bot
    if words:
        return int(words[0]) if len(words) == 1 and _ID.fullmatch(words[0]) else None
    origin = replied.forward_origin if replied else None
    return origin.sender_user.id if isinstance(origin, MessageOriginUser) else None


def _why_nobody(message: Message, usage: str) -> str:
    """Say why a command names nobody."""
    if message.chat.type != ChatType.PRIVATE:
        return messages.IN_PRIVATE
    origin = message.reply_to_message.forward_origin if message.reply_to_message else None
    return role_messages.SENDER_IS_HIDDEN if isinstance(origin, MessageOriginHiddenUser) else usage


def _sender(message: Message) -> int:
    return message.from_user.id if message.from_user else message.chat_id


async def _say(message: Message, text: str) -> None:
    await reply(message, text_html(text))
