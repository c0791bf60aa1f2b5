"""A snippet -> its source in Telegram HTML: a link that opens at the sentence, date and age, headings, whereabouts."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from bot.rendering import messages
from bot.rendering.ages import dated
from bot.rendering.lengths import shorten
from bot.rendering.telegram.escaping import own_html
from bot.rendering.texts import Own, Texts
from retrieval.records import Hit, Snippet

PART_UNITS = 200  # of a title, an address or a date: together they leave most of a message for the quotation
_TWINS_UNITS = 500
_LONGEST_ADDRESS = 2048  # characters


def _url(hit: Hit) -> str | None:
    return hit.url


@dataclass(frozen=True, slots=True)
class Citing:
    """How sources are cited, and to whom."""

    today: date | None = None  # from which the age of articles counts; None hides it
    address: Callable[[Hit], str | None] = _url  # where a link leads
    texts: Texts = Texts()  # noqa: RUF009 - it is frozen

    def source(self, snippet: Snippet) -> str:
        """Cite a snippet: linked title, site or id, date and age if known, headings, whereabouts; then its twins."""
        hit = snippet.hit
        link = web_address(self.address(hit)) or web_address(hit.url)
        title = self._part(messages.title(hit))
        linked = f'<a href="{html.escape(link)}">{title}</a>' if link else title
        parts = [linked, *(self._part(part) for part in self._details(hit, link) if part)]
        line = "— " + " · ".join(dict.fromkeys(parts))
        also = own_html(Own(shorten(messages.also_in(snippet, self.texts), _TWINS_UNITS)))
        return f"{line}\n{also}" if also else line

    def _part(self, text: str) -> str:
        return own_html(text) if isinstance(text, Own) else own_html(self.texts.isolated(shorten(text, PART_UNITS)))

    def _details(self, hit: Hit, link: str | None) -> Iterator[str]:
        yield (urlsplit(link).hostname or "").removeprefix("www.") if link else messages.source(hit)
        yield dated(hit.published, self.today, self.texts)
        yield messages.section(hit)
        yield self.texts(messages.whereabouts(hit))


def web_address(url: str | None) -> str | None:
    """Return a URL that Telegram turns into a link, None for any other, or if it can look like that of another site.

    So do those with a name before the host (`https://bank.example@evil.example/`) and those with invisible characters,
    some of which turn the order of the others round.
    """
    if (
        url is None
        or len(url) > _LONGEST_ADDRESS
        or not url.isprintable()
        or not re.fullmatch(r"https?://[^\s\\]+", url, re.IGNORECASE)
    ):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:  # an invalid IPv6 address
        return None
    return url if "." in (parts.hostname or "").strip(".") and "@" not in parts.netloc else None
