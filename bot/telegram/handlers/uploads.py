"""Documents and forwarded channel posts: ask the admin, then make articles of them."""

import asyncio
import logging
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from telegram import Message, MessageOriginChannel
from telegram.error import TelegramError

from bot.rendering import admin_messages, messages
from bot.rendering.as_json import article_json
from bot.rendering.telegram.answer_html import shorten, text_html
from bot.settings import Settings
from bot.sources import SavedUpload, download_path, save_document, save_post, uploads_folder
from bot.state import Offer, Offers
from bot.telegram.handlers.buttons import Press
from bot.telegram.handlers.confirmations import ask
from bot.telegram.jobs.runner import JobRunner
from bot.telegram.sending.replies import LiveMessage, edit, reply
from retrieval import SUFFIXES, first_line, make_article
from retrieval.errors import ArticleError
from retrieval.records import Article

_LOG = logging.getLogger(__name__)
PRIVATE = "-100"  # prefix of a channel's number in its chat id
_MOST_BYTES = admin_messages.MOST_MEGABYTES * admin_messages.MEGABYTE
_NAME_UNITS = 200  # UTF-16 units of a name or title, when shown
_DOWNLOAD_TIMEOUT = 30.0  # seconds without a byte


class UploadHandlers:
    """Handlers of what admins send; it is saved in a folder beside the store, which is a source of articles."""

    def __init__(self, settings: Settings, jobs: JobRunner, offers: Offers) -> None:
        """The folder is created at the first yes."""
        self._db = str(settings.db)
        self._folder = uploads_folder(settings.db)
        self._jobs = jobs
        self._offers = offers

    async def document(self, message: Message) -> None:
        """Ask whether to add a document, unless it is too large or of an unknown type."""
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
        """Ask whether to add the text or caption of a forwarded channel post."""
        origin = message.forward_origin
        if not isinstance(origin, MessageOriginChannel):
            return
        try:
            article = _article_of(message, origin)
        except (ArticleError, ValueError):
            await reply(message, text_html(admin_messages.POST_WITHOUT_TEXT))
            return
        question = admin_messages.add_post(shorten(article.title, _NAME_UNITS))
        await self._ask(message, "post", question, article=asdict(article))

    async def add_document(self, press: Press, offer: Offer) -> None:
        """Download and load a document after confirmation."""
        if not self._jobs.begin(self._add_document(press, offer)):
            await press.expire(messages.LOAD_BUSY)

    async def add_post(self, press: Press, offer: Offer) -> None:
        """Load a post after confirmation."""
        if not self._jobs.begin(self._add_post(press, Article(**offer.details["article"]))):
            await press.expire(messages.LOAD_BUSY)

    async def _ask(self, message: Message, kind: str, question: str, **details: object) -> None:
        token = await asyncio.to_thread(self._offers.make, kind, message.chat_id, **details)
        await ask(message, question, token, admin_messages.ADD, admin_messages.DO_NOT_ADD)

    async def _add_document(self, press: Press, offer: Offer) -> None:
        live = await _start(press, admin_messages.DOWNLOADING)
        try:
            saved = await self._download(press, offer.details["file_id"], offer.details["name"])
        except TelegramError:
            _LOG.warning("could not download a document", exc_info=True)
            await live.finish(text_html(admin_messages.NOT_DOWNLOADED))
        except OSError:
            _LOG.exception("could not save a document")
            await live.finish(text_html(admin_messages.NOT_SAVED))
        else:
            await self._load(live, saved)

    async def _download(self, press: Press, file_id: str, name: str) -> SavedUpload:
        """Download into the folder of uploads. Raise TelegramError or OSError if that fails."""
        file = await press.message.get_bot().get_file(file_id)
        if (file.file_size or 0) > _MOST_BYTES:  # a self-hosted Bot API server gives larger ones
            raise TelegramError("the file is too large")
        partial = download_path(self._folder, f"{press.message.message_id}.part")
        try:
            await file.download_to_drive(partial, read_timeout=_DOWNLOAD_TIMEOUT)
            return await asyncio.to_thread(save_document, self._folder, partial, name)
        finally:
            partial.unlink(missing_ok=True)

    async def _add_post(self, press: Press, article: Article) -> None:
        live = await _start(press, admin_messages.ADDING)
        try:
            saved = await asyncio.to_thread(save_post, self._folder, article.id, article_json(article))
        except OSError:
            _LOG.exception("could not save a post")
            await live.finish(text_html(admin_messages.NOT_SAVED))
        else:
            await self._load(live, saved)

    async def _load(self, live: LiveMessage, saved: SavedUpload) -> None:
        job: dict[str, Any] = {"job": "take in", "db": self._db, "uploads": str(self._folder)}
        ending = await self._jobs.show(job | {"kept": saved.name, "is_new": saved.is_new}, live, admin_messages.ADDING)
        await live.finish(text_html(ending.text))


async def _start(press: Press, heading: str) -> LiveMessage:
    await press.answer()
    markup = text_html(heading)
    await edit(press.message, markup)
    return LiveMessage(press.message, markup)


def _article_of(message: Message, origin: MessageOriginChannel) -> Article:
    """Return a forwarded channel post as an article. Raise ArticleError or ValueError if that is not possible."""
    return article_of_post(
        message.text or message.caption or "",
        channel_title=origin.chat.title or "",
        channel_username=origin.chat.username,
        channel_id=origin.chat.id,
        message_id=origin.message_id,
        date=origin.date,
        author=origin.author_signature,
    )


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
    """Return a post as an article: its id and URL are the post's address, its title is its first line.

    `channel_id` is the chat id (`-100…`), needed if the channel has no public name; `date` is when it was posted, with
    a time zone; `author` is who signed it, else the channel is the author.
    Raise ArticleError if there is no text, and ValueError if the post has no address.
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

    Raise ValueError for any other chat: only posts in channels and supergroups have an address.
    """
    if channel_username:
        return f"https://t.me/{channel_username.removeprefix('@')}/{message_id}"
    if channel_id is None or not str(channel_id).startswith(PRIVATE):
        raise ValueError("a post has an address only in a channel or supergroup")
    return f"https://t.me/c/{str(channel_id).removeprefix(PRIVATE)}/{message_id}"
