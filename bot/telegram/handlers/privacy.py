"""/privacy, /mydata and /forgetme: what the bot keeps of who writes it, in their private chat."""

import asyncio
import json
import logging

from telegram import InlineKeyboardMarkup, InputFile, Message

from bot.rendering import messages
from bot.rendering.telegram.escaping import own_html
from bot.rendering.texts import Own, Texts
from bot.settings import Settings
from bot.state import ChatSets, PersonalData, Roles, StateError
from bot.state.database import storable
from bot.telegram.handlers.buttons import Action, Press, button
from bot.telegram.handlers.help import HelpHandlers
from bot.telegram.handlers.reader import texts_of
from bot.telegram.sending.replies import reply

_LOG = logging.getLogger(__name__)
_AFTER = 3.0  # seconds, in which the update that asked for it is done
_TRIES = 20


class PrivacyHandlers:
    """Handlers of what is kept of a person."""

    def __init__(
        self, settings: Settings, data: PersonalData, roles: Roles, chat_sets: ChatSets, menus: HelpHandlers
    ) -> None:
        """The data stay the caller's to close; `menus` shows people the commands that they may give."""
        self._keep_days, self._data = settings.keep_days, data
        self._roles, self._chat_sets, self._menus = roles, chat_sets, menus
        self._tasks: set[asyncio.Task[None]] = set()

    async def privacy(self, message: Message) -> None:
        """Say what is kept, for how long, and who sees it."""
        texts = texts_of(message.from_user)
        kept = texts(messages.PRIVACY_KEPT, days=texts.count(self._keep_days, messages.DAYS))
        text = kept if self._keep_days else texts(messages.PRIVACY_NOT_KEPT)
        parts = [text, *self._of_role(message, texts), texts(messages.PRIVACY_RIGHTS)]
        await reply(message, own_html(texts.joined("\n\n", parts)))

    async def my_data(self, message: Message) -> None:
        """Send all that is kept, as a JSON file."""
        data = await asyncio.to_thread(self._data.of, message.chat_id)
        text = json.dumps(data, ensure_ascii=False, indent=2)
        await message.get_bot().send_document(message.chat_id, InputFile(storable(text).encode(), "citebot-data.json"))

    async def forget_me(self, message: Message) -> None:
        """Ask before everything is deleted."""
        texts = texts_of(message.from_user)
        keyboard = InlineKeyboardMarkup([[button(texts(messages.FORGET_ALL), Action.FORGET, message.chat_id, "")]])
        parts = [texts(messages.REALLY_FORGET), *self._of_role(message, texts)]
        await reply(message, own_html(texts.joined("\n\n", parts)), keyboard)

    def _of_role(self, message: Message, texts: Texts) -> list[Own]:
        return [texts(messages.PRIVACY_ROLE)] if self._roles.of(message.chat_id) else []

    async def forget(self, press: Press) -> None:
        """Delete everything, and overwrite what the press itself has written as soon as it is done."""
        await asyncio.to_thread(self._data.forget, press.owner)
        await asyncio.to_thread(self._chat_sets.reread)
        if self._roles.of(press.owner):
            await asyncio.to_thread(self._roles.reread)
            await self._menus.set_menu_of(press.message.get_bot(), press.owner)
        await press.expire(messages.ALL_FORGOTTEN)
        task = asyncio.create_task(self._empty_log())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _empty_log(self) -> None:
        for _ in range(_TRIES):
            await asyncio.sleep(_AFTER)
            try:
                if await asyncio.to_thread(self._data.empty_log):
                    return
            except StateError as error:
                _LOG.warning("What somebody wanted forgotten is overwritten later: %s", error)
