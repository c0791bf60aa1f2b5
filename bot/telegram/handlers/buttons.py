"""What stands behind a button, and from a press of it to what meets it.

The data of a button are `<verb><owner>:<rest>`, at most DATA_BYTES: they describe themselves, so that a button works after
a restart. Whoever writes a client of their own can send any data: what they say is believed of nobody but their owner,
who is looked up in the lists of the settings at the moment of pressing.
"""

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from telegram import CallbackQuery, InlineKeyboardButton, Message, Update
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot.rendering import admin_messages
from bot.settings import Settings
from bot.telegram.handlers.access import FromAdmin, MayAsk

_LOG = logging.getLogger(__name__)
DATA_BYTES = 64
_DATA = re.compile(r"(?P<verb>[a-z])(?P<owner>[0-9a-f]{1,13}):(?P<rest>.*)", re.DOTALL)


class Verb(StrEnum):
    """What a button does."""

    PAGE = "p"  # of the list of articles
    LOOK = "l"  # at one article
    DELETE = "d"  # one, after another question
    SOURCE = "s"  # to be taken out, after another question
    YES = "y"  # to an offer
    NO = "n"


def button(label: str, verb: Verb, owner: int, rest: str) -> InlineKeyboardButton:
    """Make a button for one person; raises ValueError when the data do not fit."""
    data = f"{verb}{owner:x}:{rest}"
    if len(data.encode()) > DATA_BYTES:
        raise ValueError(f"the data of a button have more than {DATA_BYTES} bytes: {data!r}")
    return InlineKeyboardButton(label, callback_data=data)


@dataclass(slots=True)
class Press:
    """A button that was pressed by its owner."""

    query: CallbackQuery
    message: Message  # with the button
    owner: int
    is_admin: bool
    rest: str  # of the data
    _is_answered: bool = field(default=False)

    async def answer(self, text: str = "") -> None:
        """End the waiting of who pressed, once, with at most 200 UTF-16 units; what is older than a restart may fail."""
        if self._is_answered:
            return
        self._is_answered = True
        await _answer(self.query, text)

    async def refuse(self) -> None:
        """Say what is said of every button that is not for whoever pressed it."""
        await self.answer(admin_messages.NOT_YOUR_BUTTON)

    async def is_stale(self, why: str) -> None:
        """Say why a button does nothing any more, and take the buttons away."""
        await self.answer(why)
        try:
            await self.message.edit_reply_markup(None)
        except TelegramError as error:
            _LOG.info("the buttons of a message were not taken away: %s", error)


Meet = Callable[[Press], Awaitable[None]]


class _Registered(NamedTuple):
    meet: Meet
    for_everybody: bool  # who may ask; otherwise for admins


class Buttons:
    """The table of what is met by what; it lets nothing through that is not pressed by the owner in private."""

    def __init__(self, settings: Settings) -> None:
        """Know who may ask and who is an admin."""
        self._may_ask, self._from_admin = MayAsk(settings), FromAdmin(settings)
        self._table: dict[str, _Registered] = {}

    def register(self, verb: Verb, meet: Meet, *, for_everybody: bool = False) -> None:
        """Meet the presses of a verb, of admins only unless it is for everybody who may ask."""
        self._table[verb] = _Registered(meet, for_everybody)

    async def pressed(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Check a press and hand it on."""
        query = update.callback_query
        if query is None:
            return
        found = _DATA.fullmatch(query.data or "")
        registered = self._table.get(found["verb"]) if found else None
        press = _press(query, found["owner"], found["rest"], self._from_admin) if found else None
        if registered is None or press is None or not self._is_allowed(press, registered):
            await _answer(query, admin_messages.NOT_YOUR_BUTTON)
            return
        if not press.message.is_accessible:  # it is so old that it cannot be edited any more
            await press.answer(admin_messages.BUTTON_TOO_OLD)
            return
        try:
            await registered.meet(press)
        finally:
            await press.answer()

    def _is_allowed(self, press: Press, registered: _Registered) -> bool:
        return press.is_admin or (registered.for_everybody and self._may_ask.allows(press.owner, press.message.chat_id))


def _press(query: CallbackQuery, owner: str, rest: str, admins: FromAdmin) -> Press | None:
    """Give a press by the owner of the button in their private chat; None for any other."""
    user, message = query.from_user.id, query.message
    if not isinstance(message, Message) or owner != f"{user:x}" or message.chat_id != user:
        return None
    if message.chat.type != ChatType.PRIVATE:
        return None
    return Press(query, message, user, admins.lists(user), rest)


async def _answer(query: CallbackQuery, text: str) -> None:
    try:
        await query.answer(text or None)
    except TelegramError as error:
        _LOG.info("a press of a button was not answered: %s", error)
