"""/stats: how many questions were answered, and how many answers could not be delivered."""

import asyncio

from telegram import Message

from bot.rendering import admin_messages, operator_messages
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings
from bot.state import Recorder
from bot.telegram.sending.replies import reply


class StatsHandlers:
    """The handler of /stats."""

    def __init__(self, settings: Settings, recorder: Recorder | None) -> None:
        """The recorder stays the caller's to close."""
        self._keep_days = settings.keep_days
        self._recorder = recorder

    async def stats(self, message: Message) -> None:
        """Show the figures of the questions that are on record."""
        figures = await asyncio.to_thread(self._recorder.figures) if self._recorder is not None else None
        if figures is None or not figures.questions:
            text = operator_messages.nothing_asked(unanswered=False, keep_days=self._keep_days)
        else:
            text = admin_messages.stats(figures, self._keep_days)
        await reply(message, text_html(text))
