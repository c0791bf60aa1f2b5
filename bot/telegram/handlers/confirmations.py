"""Yes/no questions that survive a restart: an offer can be accepted once, and only by whoever was asked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from telegram import InlineKeyboardMarkup, Message

from bot.rendering import messages
from bot.rendering.telegram.answer_html import text_html
from bot.state import Offer, Offers
from bot.telegram.handlers.buttons import Action, Buttons, Press, button
from bot.telegram.jobs.runner import JobRunner
from bot.telegram.sending.replies import edit, reply

Callback = Callable[[Press, Offer], Awaitable[None]]


class _Registered(NamedTuple):
    callback: Callback
    declined: str  # shown after a no


class Confirmations:
    """Routes accepted offers to handlers."""

    def __init__(self, offers: Offers, jobs: JobRunner, buttons: Buttons) -> None:
        """Handle the presses of yes and no."""
        self._offers = offers
        self._jobs = jobs
        self._table: dict[str, _Registered] = {}
        buttons.register(Action.YES, self._yes)
        buttons.register(Action.NO, self._no)

    def register(self, kind: str, callback: Callback, declined: str) -> None:
        """Handle a yes to offers of a kind; `declined` is shown after a no."""
        self._table[kind] = _Registered(callback, declined)

    async def _yes(self, press: Press) -> None:
        if self._jobs.is_under_way:  # the offer stays open
            await press.answer(messages.LOAD_BUSY)
            return
        offer = await self._take(press)
        if offer is not None:
            await self._table[offer.kind].callback(press, offer)

    async def _no(self, press: Press) -> None:
        offer = await self._take(press)
        if offer is not None:
            await press.answer()
            await edit(press.message, text_html(self._table[offer.kind].declined))

    async def _take(self, press: Press) -> Offer | None:
        offer = await asyncio.to_thread(self._offers.take, press.payload, press.owner)
        if offer is None or offer.kind not in self._table:
            await press.expire(messages.BUTTON_TOO_OLD)
            return None
        return offer


def yes_or_no(owner: int, token: str, yes: str, no: str) -> InlineKeyboardMarkup:
    """Return the two buttons of an offer."""
    return InlineKeyboardMarkup([[button(yes, Action.YES, owner, token), button(no, Action.NO, owner, token)]])


async def ask(message: Message, question: str, token: str, yes: str, no: str) -> None:
    """Ask the sender of a private message to accept or decline an offer."""
    await reply(message, text_html(question), yes_or_no(message.chat_id, token, yes, no))
