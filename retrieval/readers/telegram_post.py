"""A post of a Telegram channel that somebody forwarded goes in; an article comes out."""

from datetime import UTC, datetime

from retrieval.readers.fields import make_article
from retrieval.readers.text import first_line
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
