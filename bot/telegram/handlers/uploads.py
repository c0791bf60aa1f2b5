"""From a document or a forwarded channel post of an admin to a question, and from a yes to articles."""

import asyncio
import logging
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from telegram import Message, MessageOriginChannel
from telegram.error import TelegramError

from bot.rendering import admin_messages, messages
from bot.rendering.as_json import article_line
from bot.rendering.telegram.answer import shorten, text_html
from bot.settings import Settings
from bot.sources import SavedUpload, download_path, save_document, save_post, uploads_folder
from bot.state import Offer, Offers
from bot.telegram.handlers.buttons import Press
from bot.telegram.handlers.confirmations import ask
from bot.telegram.jobs.runner import JobRunner
from bot.telegram.sending.messages import LiveMessage, edit, reply
from retrieval import SUFFIXES, first_line, make_article
from retrieval.errors import ArticleError
from retrieval.records import Article

PRIVATE = "-100"  # before the number of a channel, in its chat id


def article_of_post(
    text_or_caption: str,
    *,
    channel_title: str,
    channel_username: str | None = None,
    channel_id: int | None = None,
    message_id: int,
    date: datetime,
    author: str | None = None,
    language: str | None = None,
) -> Article:
    """Make an article of a post: its id and url are the post's address, its title is its first line.

    `channel_id` is the chat id as Telegram gives it (`-100…`), needed where the channel has no public name; `date` is
    when it was posted in the channel, with its time zone; `author` signed it, else the channel did.
    Raises ArticleError when there is no text, and ValueError for a post that has no address.
    """
    address = address_of_post(channel_username, channel_id, message_id)
    text = text_or_caption.replace("\r\n", "\n").replace("\r", "\n").strip()
    fields = {
        "url": address,
        "published": f"{date.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "author": " ".join((author or channel_title).split()),
        "language": language,
    }
    return make_article(fields, address, first_line(text), text)


def address_of_post(channel_username: str | None, channel_id: int | None, message_id: int) -> str:
    """Return `https://t.me/<channel>/<post>`, or `https://t.me/c/<number>/<post>`, which only members can open.

    Raises ValueError for a chat that is no channel or supergroup: its posts have no address.
    """
    if channel_username:
        return f"https://t.me/{channel_username.removeprefix('@')}/{message_id}"
    if channel_id is None or not str(channel_id).startswith(PRIVATE):
        raise ValueError("a post has an address only in a channel or supergroup")
    return f"https://t.me/c/{str(channel_id).removeprefix(PRIVATE)}/{message_id}"


_LOG = logging.getLogger(__name__)
_MOST_BYTES = admin_messages.MOST_MEGABYTES * admin_messages.MEGABYTE
_NAME_UNITS = 200  # UTF-16 units of a name or title that are shown
_SLOWEST = 30.0  # seconds without a byte of a download


class UploadHandlers:
    """What admins send; kept in a folder beside the store, which is a source of articles."""

    def __init__(self, settings: Settings, work: JobRunner, offers: Offers) -> None:
        """Nothing is made before the first yes."""
        self._db = str(settings.db)
        self._folder = uploads_folder(settings.db)
        self._work = work
        self._offers = offers

    async def document(self, message: Message) -> None:
        """Ask whether a document is to be added, unless it is too large or of a kind that is not read."""
        document = message.document
        if document is None:
            return
        name = document.file_name or "document"
        shown = shorten(name, _NAME_UNITS)
        if Path(name).suffix.lower() not in SUFFIXES:
            await reply(message, text_html(admin_messages.cannot_read(shown, sorted(SUFFIXES))))
        elif (document.file_size or 0) > _MOST_BYTES:
            await reply(message, text_html(admin_messages.too_large(shown)))
        else:
            await self._ask(
                message,
                "document",
                admin_messages.add_document(shown, document.file_size),
                file_id=document.file_id,
                name=name,
            )

    async def post(self, message: Message) -> None:
        """Ask whether the text or caption of a forwarded channel post is to be added."""
        origin = message.forward_origin
        if not isinstance(origin, MessageOriginChannel):
            return
        try:
            article = _article_of(message, origin)
        except (ArticleError, ValueError):
            await reply(message, text_html(admin_messages.SAY_NO_TEXT))
            return
        question = admin_messages.add_post(shorten(article.title, _NAME_UNITS))
        await self._ask(message, "post", question, article=asdict(article))

    async def add_document(self, press: Press, offer: Offer) -> None:
        """Begin to download and load a document that was offered."""
        if not self._work.begin(self._add_document(press, offer)):
            await press.is_stale(messages.LOAD_BUSY)

    async def add_post(self, press: Press, offer: Offer) -> None:
        """Begin to load a post that was offered."""
        if not self._work.begin(self._add_post(press, Article(**offer.details["article"]))):
            await press.is_stale(messages.LOAD_BUSY)

    async def _ask(self, message: Message, kind: str, question: str, **details: object) -> None:
        token = await asyncio.to_thread(self._offers.make, kind, message.chat_id, **details)
        await ask(message, question, token, admin_messages.ADD, admin_messages.DO_NOT_ADD)

    async def _add_document(self, press: Press, offer: Offer) -> None:
        live = await _begun(press, admin_messages.FETCHING)
        try:
            kept = await self._download(press, offer.details["file_id"], offer.details["name"])
        except TelegramError:
            _LOG.warning("a document was not downloaded", exc_info=True)
            await live.finish(text_html(admin_messages.NOT_FETCHED))
        except OSError:
            _LOG.exception("a document was not kept")
            await live.finish(text_html(admin_messages.NOT_KEPT))
        else:
            await self._take_in(live, kept)

    async def _download(self, press: Press, file_id: str, name: str) -> SavedUpload:
        """Download into the folder of uploads. Raises TelegramError and OSError."""
        file = await press.message.get_bot().get_file(file_id)
        if (file.file_size or 0) > _MOST_BYTES:  # a Bot API server of one's own gives larger ones
            raise TelegramError("the file is too big")
        aside = download_path(self._folder, f"{press.message.message_id}.part")
        try:
            await file.download_to_drive(aside, read_timeout=_SLOWEST)
            return await asyncio.to_thread(save_document, self._folder, aside, name)
        finally:
            aside.unlink(missing_ok=True)

    async def _add_post(self, press: Press, article: Article) -> None:
        live = await _begun(press, admin_messages.ADDING)
        try:
            kept = await asyncio.to_thread(save_post, self._folder, article.id, article_line(article))
        except OSError:
            _LOG.exception("a post was not kept")
            await live.finish(text_html(admin_messages.NOT_KEPT))
        else:
            await self._take_in(live, kept)

    async def _take_in(self, live: LiveMessage, kept: SavedUpload) -> None:
        job: dict[str, Any] = {"job": "take in", "db": self._db, "uploads": str(self._folder)}
        ending = await self._work.show(job | {"kept": kept.name, "is_new": kept.is_new}, live, admin_messages.ADDING)
        await live.finish(text_html(ending.text))


async def _begun(press: Press, doing: str) -> LiveMessage:
    await press.answer()
    markup = text_html(doing)
    await edit(press.message, markup)
    return LiveMessage(press.message, markup)


def _article_of(message: Message, origin: MessageOriginChannel) -> Article:
    """Make an article of a forwarded channel post; raises ArticleError and ValueError where that cannot be."""
    return article_of_post(
        message.text or message.caption or "",
        channel_title=origin.chat.title or "",
        channel_username=origin.chat.username,
        channel_id=origin.chat.id,
        message_id=origin.message_id,
        date=origin.date,
        author=origin.author_signature,
    )
