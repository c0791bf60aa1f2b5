"""Inline buttons: their callback data, and which handler a press goes to.

Callback data are `<action><owner>:<payload>`, at most DATA_BYTES, so that a button still works after a restart.
A custom client can send any data. They are therefore accepted from their owner only, in their private chat, and
permissions are looked up at every press. Only what is registered as shared has no owner.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from telegram import CallbackQuery, InlineKeyboardButton, Message, Update
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from bot.rendering import messages
from bot.rendering.telegram.escaping import text_html
from bot.rendering.texts import Texts
from bot.telegram.handlers.access import FromAdmin, FromEditor, MayAsk
from bot.telegram.handlers.flood_limit import Admission, FloodLimit
from bot.telegram.handlers.reader import texts_of, why_unanswered
from bot.telegram.sending.replies import edit, reply
from retrieval import QuestionTooSlow, SetsNotAsked

_LOG = logging.getLogger(__name__)
DATA_BYTES = 64
ANYBODY = 0  # in place of the owner of a button that everybody who may ask can press, in groups too
_DATA = re.compile(r"(?P<action>[a-z])(?P<owner>[0-9a-f]{1,13}):(?P<payload>.*)", re.DOTALL)


class Action(StrEnum):
    """What a button does."""

    PAGE = "p"  # show a page of the list of articles
    ARTICLE = "l"  # show an article
    DELETE = "d"  # delete an article, after confirmation
    SOURCE = "s"  # remove a source, after confirmation
    YES = "y"  # accept an offer
    OTHER = "o"  # accept an offer in its second form
    NO = "n"  # decline an offer
    EXAMPLE = "e"  # ask the question that is written on it
    ALONE = "a"  # ask a follow-up again, without what was added to it
    MORE = "m"  # show a page of an answer
    CONTEXT = "c"  # show the passages around its sentences
    WHY = "w"  # show why it was chosen
    HELPFUL = "u"  # vote for it
    NOT_HELPFUL = "x"  # vote against it
    WRONG = "r"  # say what was wrong with it
    TELL = "t"  # be told once a question is answered
    UNWATCH = "k"  # no longer be told about a question
    FORGET = "f"  # delete all that is kept of somebody
    GAPS = "g"  # show a page of the list of gaps
    GAP = "h"  # show a gap
    DISMISS = "i"  # take a gap off the list
    QUOTE = "q"  # answer a gap with a sentence
    SET = "b"  # bind a chat to a set of articles, or no longer


def button(label: str, action: Action, owner: int, payload: str) -> InlineKeyboardButton:
    """Return a button for one person. Raise ValueError if its data do not fit."""
    data = f"{action}{owner:x}:{payload}"
    if len(data.encode()) > DATA_BYTES:
        raise ValueError(f"callback data longer than {DATA_BYTES} bytes: {data!r}")
    return InlineKeyboardButton(label, callback_data=data)


@dataclass(slots=True)
class Press:
    """A button that was pressed by its owner."""

    query: CallbackQuery
    message: Message  # with the button
    owner: int
    is_admin: bool
    payload: str
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def texts(self) -> Texts:
        """The bot's words in the language of whoever pressed it."""
        return texts_of(self.query.from_user)

    @property
    def label(self) -> str:
        """What is written on the button; empty if the message has no such button."""
        rows = self.message.reply_markup.inline_keyboard if self.message.reply_markup else ()
        return next((one.text for row in rows for one in row if one.callback_data == self.query.data), "")

    async def answer(self, text: str = "") -> None:
        """Answer the press, once, with at most 200 UTF-16 units; fails silently if it is too old."""
        if not self.answered.is_set():
            self.answered.set()
            await _answer(self.query, text)

    async def tell(self, text: str) -> None:
        """Answer the press with a text; if it was answered already, put the text in place of the message."""
        if self.answered.is_set():
            await edit(self.message, text_html(self.texts(text)))
        else:
            await self.answer(text)

    async def refuse(self) -> None:
        """Say that the button is not for whoever pressed it."""
        await self.answer(messages.NOT_YOUR_BUTTON)

    async def expire(self, why: str) -> None:
        """Say why a button no longer works, and remove the buttons."""
        if self.answered.is_set():
            await self.tell(why)
            return
        await _answer(self.query, why)
        try:
            await self.message.edit_reply_markup(None)
        except TelegramError as error:
            log_failure("remove the buttons of a message", error)
        finally:
            self.answered.set()


Callback = Callable[[Press], Awaitable[None]]


class _Registered(NamedTuple):
    callback: Callback
    for_everybody: bool  # everybody who may ask
    for_editors: bool  # editors and admins; otherwise only admins
    shared: bool  # has no owner


class Buttons:
    """Routes presses to handlers, if the owner of the button pressed it in private."""

    def __init__(self, may_ask: MayAsk, from_editor: FromEditor, from_admin: FromAdmin, limit: FloodLimit) -> None:
        """Start with no handlers; `limit` is that of the presses of one person."""
        self._may_ask, self._from_editor, self._from_admin, self._limit = may_ask, from_editor, from_admin, limit
        self._table: dict[str, _Registered] = {}

    def register(
        self,
        action: Action,
        callback: Callback,
        *,
        for_everybody: bool = False,
        for_editors: bool = False,
        shared: bool = False,
    ) -> None:
        """Handle the presses for an action: by admins only, or by editors, or by everybody who may ask.

        What is shared everybody can press in groups too.
        """
        self._table[action] = _Registered(callback, for_everybody or shared, for_editors, shared)

    async def pressed(self, update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        """Check a press and route it."""
        query = update.callback_query
        if query is None:
            return
        found = _DATA.fullmatch(query.data or "")
        registered = self._table.get(found["action"]) if found else None
        if found and registered and query.message and not query.message.is_accessible:  # too old to be edited
            await _answer(query, messages.BUTTON_TOO_OLD)
            return
        if self._limit.admit(query.from_user.id, time.time(), query.id) is not Admission.ANSWER:
            await _answer(query, messages.TOO_FAST)
            return
        is_theirs = found is not None and registered is not None and _is_theirs(query, found["owner"], registered)
        press = _press(query, found["payload"], self._from_admin) if found and is_theirs else None
        if registered is None or press is None or not self._is_allowed(press, registered):
            await _answer(query, messages.NOT_YOUR_BUTTON)
            return
        try:
            await registered.callback(press)
        except (QuestionTooSlow, SetsNotAsked) as error:
            await reply(press.message, text_html(press.texts(why_unanswered(error))))
        finally:
            await press.answer()

    def _is_allowed(self, press: Press, registered: _Registered) -> bool:
        if registered.for_everybody and self._may_ask.allows(press.owner, press.message.chat_id):
            return True
        return press.is_admin or (registered.for_editors and self._from_editor.includes(press.owner))


def _is_theirs(query: CallbackQuery, owner: str, registered: _Registered) -> bool:
    """Whether the button is for whoever pressed it: one without owner, or their own in their private chat."""
    if registered.shared:
        return owner == f"{ANYBODY:x}"
    chat, user = query.message.chat if query.message else None, query.from_user.id
    return owner == f"{user:x}" and chat is not None and chat.type == ChatType.PRIVATE and chat.id == user


def _press(query: CallbackQuery, payload: str, admins: FromAdmin) -> Press | None:
    user, message = query.from_user.id, query.message
    return Press(query, message, user, admins.includes(user), payload) if isinstance(message, Message) else None


def log_failure(what: str, error: TelegramError) -> None:
    """Log that Telegram did not do what is of little use by now."""
    _LOG.info("could not %s: %s", what, error)


async def _answer(query: CallbackQuery, text: str) -> None:
    """Answer a press in the language of whoever pressed; a text that has no translation stays as it is."""
    try:
        await query.answer(texts_of(query.from_user)(text) or None)
    except TelegramError as error:
        log_failure("answer a button press", error)
