"""/sets: an admin binds a chat to sets of articles, from which alone it is answered from the next message on."""

import asyncio

from telegram import InlineKeyboardMarkup, Message
from telegram.constants import ChatType

from bot.rendering import set_messages
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings
from bot.state import ChatSets
from bot.telegram.handlers.buttons import Action, Press, button
from bot.telegram.sending.replies import edit, reply
from retrieval import Engine

_EVERYTHING = "all"
_MOST_BUTTONS = 20


class SetHandlers:
    """Handlers of the command and of its buttons, which only a private chat gets: in a group everybody could press them."""

    def __init__(self, settings: Settings, engine: Engine, chat_sets: ChatSets) -> None:
        """The engine stays the caller's to close."""
        self._only = frozenset(settings.sets)
        self._engine, self._chat_sets = engine, chat_sets

    async def sets(self, message: Message) -> None:
        """Bind the chat to the sets that are named, or say which it is bound to."""
        _, *named = (message.text or "").replace(",", " ").split()
        asked = await self._asked()
        chat, admin = message.chat_id, message.from_user.id if message.from_user else message.chat_id
        sets = () if named == [_EVERYTHING] else tuple(sorted(set(named)))
        if not named:
            await reply(message, *self._overview(message, asked))
        elif unknown := [name for name in sets if name not in asked]:
            text = set_messages.refused(unknown, asked, is_limited=bool(self._only))
            await reply(message, text_html(text))
        else:
            await asyncio.to_thread(self._chat_sets.bind, chat, sets, admin)
            await reply(message, text_html(set_messages.bound(sets, asked)))

    async def choose(self, press: Press) -> None:
        """Add a set to those of a private chat, or take it away; or bind the chat to none."""
        asked, name, chat = await self._asked(), press.payload, press.message.chat_id
        await press.answer()
        if name in asked:
            sets = tuple(sorted({name} ^ set(self._chat_sets.of(chat)).intersection(asked)))
            await asyncio.to_thread(self._chat_sets.bind, chat, sets, press.owner)
        elif not name:
            await asyncio.to_thread(self._chat_sets.bind, chat, (), press.owner)
        await edit(press.message, *self._overview(press.message, asked))

    async def _asked(self) -> list[str]:
        """Return the sets that there are, as far as the settings let them be asked."""
        sources = await asyncio.to_thread(self._engine.sources)
        names = {source.set_name for source in sources} - {""}
        return sorted(names & self._only if self._only else names)

    def _overview(self, message: Message, asked: list[str]) -> tuple[str, InlineKeyboardMarkup | None]:
        chat, is_private = message.chat_id, message.chat.type == ChatType.PRIVATE
        text = text_html(set_messages.overview(chat, self._chat_sets.all(), asked, lists_others=is_private))
        if not is_private:
            return text, None
        chosen = self._chat_sets.of(chat)
        rows = [[button(f"{'✓ ' * (name in chosen)}{name}", Action.SET, chat, name)] for name in asked[:_MOST_BUTTONS]]
        rows += [[button(set_messages.ALL, Action.SET, chat, "")]] if chosen else []
        return text, InlineKeyboardMarkup(rows) if rows else None
