"""Presses of the thumbs under an answer, and what was wrong with it.

One vote a person, which may be changed. In private, who finds an answer not helpful is asked once what was wrong, by
buttons below the others; in a group everybody would see them.
"""

import asyncio

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ChatType
from telegram.error import TelegramError

from bot.rendering import messages
from bot.state import Recorder
from bot.telegram.handlers.answer_buttons import read_place
from bot.telegram.handlers.buttons import Action, Press, button, log_failure

REASONS = {
    "n": ("not the answer", messages.NOT_THE_ANSWER), "d": ("out of date", messages.OUT_OF_DATE),
    "s": ("wrong source", messages.WRONG_SOURCE), "o": ("other", messages.OTHER_REASON),
}  # fmt: skip
"""What a button stands for: what is kept, and what is written on it."""


class VoteHandlers:
    """Handlers of the thumbs under answers."""

    def __init__(self, recorder: Recorder | None) -> None:
        """Without a recorder every answer is too old."""
        self._recorder = recorder

    async def helpful(self, press: Press) -> None:
        """Note that somebody found an answer helpful."""
        await self._vote(press, up=True)

    async def not_helpful(self, press: Press) -> None:
        """Note that somebody found an answer not helpful."""
        await self._vote(press, up=False)

    async def wrong(self, press: Press) -> None:
        """Note what was wrong with an answer, and take the question for it away."""
        code, _, answer_id = press.payload.partition(":")
        if self._recorder is None or code not in REASONS:
            await press.expire(messages.ANSWER_FORGOTTEN)
            return
        if not await asyncio.to_thread(self._recorder.explain_vote, answer_id, press.owner, REASONS[code][0]):
            await press.expire(messages.ANSWER_FORGOTTEN)
            return
        await press.answer(messages.REASON_NOTED)
        await _show_buttons(press, _without_reasons(press))

    async def _vote(self, press: Press, *, up: bool) -> None:
        place, wants_reason = read_place(press.payload), None
        if place is not None and self._recorder is not None:
            wants_reason = await asyncio.to_thread(self._recorder.vote, place.answer_id, press.owner, up=up)
        if place is None or wants_reason is None:
            await press.expire(messages.ANSWER_FORGOTTEN)
        elif wants_reason and press.message.chat.type == ChatType.PRIVATE:
            await press.answer(messages.WHAT_WAS_WRONG)
            await _show_buttons(press, [*_without_reasons(press), *_reasons(press, place.answer_id)])
        else:
            await press.answer(messages.VOTED_HELPFUL if up else messages.VOTED_NOT_HELPFUL)
            await _show_buttons(press, _without_reasons(press))


def _reasons(press: Press, answer_id: str) -> list[list[InlineKeyboardButton]]:
    made = [
        button(press.texts(label), Action.WRONG, press.owner, f"{code}:{answer_id}")
        for code, (_, label) in REASONS.items()
    ]
    return [made[:2], made[2:]]


def _without_reasons(press: Press) -> list[list[InlineKeyboardButton]]:
    rows = press.message.reply_markup.inline_keyboard if press.message.reply_markup else ()
    return [list(row) for row in rows if not str(row[0].callback_data).startswith(Action.WRONG)]


async def _show_buttons(press: Press, rows: list[list[InlineKeyboardButton]]) -> None:
    """Replace the buttons of a message if they differ."""
    now = press.message.reply_markup
    if now is None or [list(row) for row in now.inline_keyboard] != rows:
        try:
            await press.message.edit_reply_markup(InlineKeyboardMarkup(rows))
        except TelegramError as error:
            log_failure("change the buttons of a message", error)
