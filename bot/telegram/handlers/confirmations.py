"""From a yes or a no to an offer, to what was offered: once, and only by who was asked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from telegram import InlineKeyboardMarkup, Message

from bot.rendering import admin_messages, messages
from bot.rendering.telegram.answer import text_html
from bot.state import Offer, Offers
from bot.telegram.handlers.buttons import Buttons, Press, Verb, button
from bot.telegram.jobs.runner import JobRunner
from bot.telegram.sending.messages import edit, reply

Meet = Callable[[Press, Offer], Awaitable[None]]


class _Kind(NamedTuple):
    meet: Meet
    declined: str  # what is shown after a no


class Confirmations:
    """The table of what each kind of offer leads to."""

    def __init__(self, offers: Offers, work: JobRunner, buttons: Buttons) -> None:
        """Meet the presses of yes and no."""
        self._offers = offers
        self._work = work
        self._table: dict[str, _Kind] = {}
        buttons.register(Verb.YES, self._yes)
        buttons.register(Verb.NO, self._no)

    def register(self, kind: str, meet: Meet, declined: str) -> None:
        """Meet a yes to offers of a kind; `declined` is shown after a no."""
        self._table[kind] = _Kind(meet, declined)

    async def _yes(self, press: Press) -> None:
        if self._work.is_under_way:  # the offer stands
            await press.answer(messages.LOAD_BUSY)
            return
        offer = await self._take(press)
        if offer is not None:
            await self._table[offer.kind].meet(press, offer)

    async def _no(self, press: Press) -> None:
        offer = await self._take(press)
        if offer is not None:
            await press.answer()
            await edit(press.message, text_html(self._table[offer.kind].declined))

    async def _take(self, press: Press) -> Offer | None:
        offer = await asyncio.to_thread(self._offers.take, press.rest, press.owner)
        if offer is None or offer.kind not in self._table:
            await press.is_stale(admin_messages.BUTTON_TOO_OLD)
            return None
        return offer


def yes_or_no(owner: int, token: str, yes: str, no: str) -> InlineKeyboardMarkup:
    """Make the two buttons of an offer."""
    return InlineKeyboardMarkup([[button(yes, Verb.YES, owner, token), button(no, Verb.NO, owner, token)]])


async def ask(message: Message, question: str, token: str, yes: str, no: str) -> None:
    """Ask the sender of a message, in private, whether an offer is wanted."""
    await reply(message, text_html(question), yes_or_no(message.chat_id, token, yes, no))
