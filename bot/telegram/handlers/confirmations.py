"""From a yes or a no to an offer, to what was offered: once, and only by who was asked."""

import asyncio
import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from telegram import InlineKeyboardMarkup, Message

from bot.rendering import admin_messages, messages
from bot.rendering.telegram.answer import text_html
from bot.telegram.handlers.buttons import Buttons, Press, Verb, button
from bot.telegram.jobs.runner import JobRunner
from bot.telegram.sending.messages import edit, reply

LONGEST = 24 * 3600.0  # seconds that an offer stands
_TOKEN = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that one person was asked about."""

    kind: str
    owner: int  # user id
    made: float  # seconds since 1970
    details: Mapping[str, Any]  # as JSON holds them


class Offers:
    """The offers that stand; safe to use from several threads and processes."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        """Keep them in a folder, which the first offer makes."""
        self._folder = folder
        self._clock = clock

    def make(self, kind: str, owner: int, **details: object) -> str:
        """Keep an offer, and forget those that are too old; give its token, of 24 characters. Raises OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._forget_old()
        token = secrets.token_hex(12)
        path = self._path(token)
        aside = path.with_suffix(".part")
        aside.write_text(json.dumps(asdict(Offer(kind, owner, self._clock(), details))))
        aside.replace(path)
        return token

    def take(self, token: str, owner: int) -> Offer | None:
        """Give an offer to its owner, once; None when it is too old, was taken before, or is somebody else's."""
        if not _TOKEN.fullmatch(token):
            return None
        path = self._path(token)
        try:
            offer = Offer(**json.loads(path.read_text()))
            if offer.owner != owner:
                return None
            path.unlink()  # of two that read it only one gets past this
        except (FileNotFoundError, NotADirectoryError):
            return None
        return offer if self._clock() - offer.made < LONGEST else None

    def _forget_old(self) -> None:
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                if self._clock() - path.stat().st_mtime >= LONGEST:
                    path.unlink()

    def _path(self, token: str) -> Path:
        return self._folder / f"{token}.json"


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
