"""Questions that are corrected soon after they were asked: which they are, and where their answers are."""

from collections import OrderedDict
from datetime import timedelta
from typing import NamedTuple

from telegram import Message
from telegram.ext import filters

SOON = timedelta(minutes=2)
_MOST = 1000


class EditedSoon(filters.MessageFilter):
    """The message was edited within two minutes after it was sent."""

    def __init__(self) -> None:
        """Take nothing: a message knows its times."""
        super().__init__("edited_soon")

    def filter(self, message: Message) -> bool:
        """Compare the times."""
        return message.edit_date is not None and message.edit_date - message.date <= SOON


class _Given(NamedTuple):
    question: str
    answer: Message


class GivenAnswers:
    """The latest questions and the messages that answered them, until the bot ends."""

    def __init__(self) -> None:
        """Start with none."""
        self._given: OrderedDict[tuple[int, int], _Given] = OrderedDict()

    def keep(self, message: Message, question: str, answer: Message) -> None:
        """Remember how a message was answered."""
        self._given[message.chat_id, message.message_id] = _Given(question, answer)
        if len(self._given) > _MOST:
            self._given.popitem(last=False)

    def find(self, message: Message) -> _Given | None:
        """Return the answer to what a message was before it was edited; None for one that was not."""
        return self._given.get((message.chat_id, message.message_id)) if message.edit_date else None
