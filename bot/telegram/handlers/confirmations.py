"""Questions with buttons that survive a restart: an offer can be accepted once, and only by whoever was asked, as long
as they may do what they were asked about.

While an accepted offer waits for its turn, it stands, its buttons stay, and it can still be declined.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from telegram import InlineKeyboardMarkup, Message

from bot.rendering import admin_messages, messages
from bot.rendering.telegram.escaping import MESSAGE_UNITS, text_html, units
from bot.state import Offer, Offers
from bot.telegram.handlers.access import FromEditor
from bot.telegram.handlers.buttons import Action, Buttons, Press, button
from bot.telegram.jobs.runner import JobRunner
from bot.telegram.sending.replies import edit

_LOG = logging.getLogger(__name__)

Callback = Callable[[Press, Offer], Awaitable[None]]


class _Registered(NamedTuple):
    accepted: dict[Action, Callback]  # by the button that was pressed
    declined: str  # shown after a no
    for_editors: bool  # otherwise only admins can accept


class Confirmations:
    """Routes accepted offers to handlers, one at a time."""

    def __init__(self, offers: Offers, jobs: JobRunner, buttons: Buttons, from_editor: FromEditor) -> None:
        """Handle the presses of the buttons of offers."""
        self._from_editor = from_editor
        self._offers = offers
        self._jobs = jobs
        self._table: dict[str, _Registered] = {}
        self._waiting: set[str] = set()  # tokens of accepted offers whose turn has not come
        buttons.register(Action.YES, lambda press: self._accept(press, Action.YES), for_editors=True)
        buttons.register(Action.OTHER, lambda press: self._accept(press, Action.OTHER), for_editors=True)
        buttons.register(Action.NO, self._decline, for_editors=True)

    def register(
        self, kind: str, callback: Callback, declined: str, *, other: Callback | None = None, for_editors: bool = False
    ) -> None:
        """Handle a yes to offers of a kind, and a press of the button between yes and no, if they have one.

        A callback runs when no other job does, and may take long. `declined` is shown after a no.
        """
        accepted = {Action.YES: callback} | ({Action.OTHER: other} if other else {})
        self._table[kind] = _Registered(accepted, declined, for_editors)

    async def _accept(self, press: Press, action: Action) -> None:
        """Begin what was accepted, or tell that it waits; return as soon as the press is answered."""
        if press.payload in self._waiting:
            await press.answer(admin_messages.WAITS_ALREADY)
            return
        waits = self._jobs.is_under_way
        if waits and not await self._wait(press, action):
            return
        self._jobs.begin(self._take_turn(press, action, waited=waits))
        await press.answered.wait()

    async def _wait(self, press: Press, action: Action) -> bool:
        """Tell that an offer waits for its turn; return False if it cannot be accepted."""
        if (
            self._callback(press, await asyncio.to_thread(self._offers.find, press.payload, press.owner), action)
            is None
        ):
            await press.expire(messages.BUTTON_TOO_OLD)
            return False
        self._waiting.add(press.payload)
        await press.answer(admin_messages.WAITS)
        await edit(press.message, _waiting_html(press.message), press.message.reply_markup)
        return True

    async def _take_turn(self, press: Press, action: Action, *, waited: bool) -> None:
        self._waiting.discard(press.payload)
        try:
            if self._jobs.is_closing:  # the offer stands, and the next start finds its buttons as they were
                await edit(press.message, press.message.text_html, press.message.reply_markup)
                return
            offer = await asyncio.to_thread(self._offers.take, press.payload, press.owner)
            callback = self._callback(press, offer, action)
            if offer is not None and callback is not None:
                await callback(press, offer)
            elif offer is not None or not waited:  # otherwise it was declined in the meantime
                await press.expire(messages.BUTTON_TOO_OLD)
        except Exception:  # noqa: BLE001 - nobody else would learn of it
            _LOG.exception("What an admin accepted failed.")
            await press.tell(messages.PRESS_FAILED)
        finally:
            await press.answer()

    async def _decline(self, press: Press) -> None:
        offer = await asyncio.to_thread(self._offers.take, press.payload, press.owner)
        if offer is None or offer.kind not in self._table:
            await press.expire(messages.BUTTON_TOO_OLD)
            return
        await press.answer()
        await edit(press.message, text_html(self._table[offer.kind].declined))

    def _callback(self, press: Press, offer: Offer | None, action: Action) -> Callback | None:
        """Return what a press begins; None if there is no such offer, or no longer for whoever pressed."""
        registered = self._table.get(offer.kind) if offer else None
        if registered is None or not (
            press.is_admin or (registered.for_editors and self._from_editor.includes(press.owner))
        ):
            return None
        return registered.accepted.get(action)


def choices(owner: int, token: str, *, yes: str | None, other: str | None = None, no: str) -> InlineKeyboardMarkup:
    """Return the buttons of an offer: two in a row, three below each other."""
    labels = {Action.YES: yes, Action.OTHER: other, Action.NO: no}
    buttons = [button(label, action, owner, token) for action, label in labels.items() if label]
    return InlineKeyboardMarkup([buttons] if len(buttons) < len(labels) else [[one] for one in buttons])


def _waiting_html(message: Message) -> str:
    """Return a question with a note that it waits for its turn, or the note alone if there is no room."""
    note = f"<i>{text_html(admin_messages.WAITS)}</i>"
    whole = f"{message.text_html}\n\n{note}"
    return whole if units(whole) <= MESSAGE_UNITS else note
