"""Forwarded channel posts: ask the admin, then make articles of them."""

import asyncio
import logging
import re
from dataclasses import asdict
from datetime import UTC, datetime

from telegram import Message, MessageOriginChannel

from bot.rendering import admin_messages
from bot.rendering.as_json import article_json
from bot.rendering.lengths import shorten
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings, uploads_folder
from bot.sources import save_post
from bot.state import Offer, Offers
from bot.telegram.handlers.buttons import Press
from bot.telegram.handlers.confirmations import choices
from bot.telegram.handlers.rich_text import rich_text
from bot.telegram.handlers.uploads import NAME_UNITS, Sent, UploadLoader, begin_live
from bot.telegram.sending.replies import reply
from retrieval import first_line, make_article
from retrieval.errors import ArticleError
from retrieval.records import Article

_LOG = logging.getLogger(__name__)
HEADING = re.compile(r"#{1,6} ")  # of a rich message; a hashtag has no space
PRIVATE = "-100"  # prefix of a channel's number in its chat id


class PostHandlers:
    """Handlers of the channel posts that admins forward."""

    def __init__(self, settings: Settings, loader: UploadLoader, offers: Offers) -> None:
        """The folder of uploads is created at the first yes."""
        self._folder = uploads_folder(settings.db)
        self._loader = loader
        self._offers = offers

    async def post(self, message: Message) -> None:
        """Ask whether to add the text, the caption or the rich text of a forwarded channel post."""
        origin = message.forward_origin
        if not isinstance(origin, MessageOriginChannel):
            return
        try:
            article = _article_of(message, origin)
        except (ArticleError, ValueError):
            await reply(message, text_html(admin_messages.POST_WITHOUT_TEXT))
            return
        token = await asyncio.to_thread(self._offers.make, "post", message.chat_id, article=asdict(article))
        keyboard = choices(message.chat_id, token, yes=admin_messages.ADD, no=admin_messages.DO_NOT_ADD)
        await reply(message, text_html(admin_messages.add_post(shorten(article.title, NAME_UNITS))), keyboard)

    async def add(self, press: Press, offer: Offer) -> None:
        """Load a post after confirmation."""
        article = Article(**offer.details["article"])
        live = await begin_live(press, admin_messages.ADDING)
        try:
            saved = await asyncio.to_thread(save_post, self._folder, article.id, article_json(article))
        except OSError:
            _LOG.exception("could not save a post")
            await live.finish(text_html(admin_messages.not_saved(article.id)))
            return
        await live.finish(text_html(await self._loader.load(live, [Sent(article.id, saved)])))


def _article_of(message: Message, origin: MessageOriginChannel) -> Article:
    """Return a forwarded channel post as an article. Raise ArticleError or ValueError if that is not possible."""
    return article_of_post(
        message.text or message.caption or rich_text(message),
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
    return make_article(fields, address, HEADING.sub("", first_line(text), count=1), text)


def address_of_post(channel_username: str | None, channel_id: int | None, message_id: int) -> str:
    """Return `https://t.me/<channel>/<post>`, or `https://t.me/c/<number>/<post>`, which only members can open.

    Raise ValueError for any other chat: only posts in channels and supergroups have an address.
    """
    if channel_username:
        return f"https://t.me/{channel_username.removeprefix('@')}/{message_id}"
    if channel_id is None or not str(channel_id).startswith(PRIVATE):
        raise ValueError("a post has an address only in a channel or supergroup")
    return f"https://t.me/c/{str(channel_id).removeprefix(PRIVATE)}/{message_id}"
