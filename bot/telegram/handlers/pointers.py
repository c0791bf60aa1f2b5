"""A reply to a gap -> the article that it points to: by a link, an id or a title, or by a citation that the bot made.

The message is that and nothing else, or what it says besides is quoted from the article.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from telegram import Message, MessageEntity

from retrieval import Engine
from retrieval.records import Sentence, StoredArticle

_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_CITES = re.compile(r"\s*—\s|.+ · ")  # the line below a quotation, in Telegram, as its button copies it, in a terminal
_PARTS = re.compile(r" · |, (?=https?://)")
_TRACKING = re.compile(r"utm_\w+|[a-z]*clid|mc_[ce]id|igsh(id)?|_hs(enc|mi)|_openstat|ref_src", re.IGNORECASE)
_CUT = "…"
_ALL = 2**31  # sentences


class Pointer(NamedTuple):
    """What a message points to."""

    articles: tuple[StoredArticle, ...]  # several may share a title or an address; none if a link leads to no article
    quote: str  # what it quotes of the first; empty if that is left open


class _Reading(NamedTuple):
    """One way to understand a message."""

    names: Sequence[str]  # any of which may be that of an article
    quote: str
    is_citation: bool = False  # which may be cut, and has words of the bot around it


def find_pointer(message: Message, engine: Engine) -> Pointer | None:
    """Return what a message points to; None if it is an answer in words. Reads the store."""
    words = (message.text or message.caption or "").strip()
    articles = engine.articles()
    for reading in _readings(words, _hidden_links(message)):
        keys = {key for name in reading.names for key in (_address(name), _one_line(name).casefold()) if key}
        found = [article for article in articles if not keys.isdisjoint(_keys(article))]
        if found and not reading.quote:
            return Pointer(tuple(found), "")
        for article in found:
            if quote := _quoted(engine.context(article.id, 1, _ALL), reading):
                return Pointer((article,), quote)
    return Pointer((), "") if _URL.fullmatch(words) else None


def _readings(words: str, links: dict[str, str]) -> Iterator[_Reading]:
    """Yield ways to understand a message, the likeliest first; `links` are hidden behind some of its words."""
    yield _Reading([words], "")
    lines = words.splitlines()
    for number, line in enumerate(lines[1:], 1):
        if _CITES.match(line):
            names = [part.strip(" —") for part in _PARTS.split(line)]
            yield _Reading([*names, *links], "\n".join(lines[:number]), is_citation=True)
            break
    rest = _URL.sub("", words)
    for linked in links.values():
        rest = rest.replace(linked, "", 1)
    yield _Reading([*links, *_URL.findall(words)], rest.strip())
    yield _Reading(lines[-1:], "\n".join(lines[:-1]).strip())


def _hidden_links(message: Message) -> dict[str, str]:
    """Return where words of a message lead, by the address, which is none of its words."""
    kinds: list[str | None] = [MessageEntity.TEXT_LINK]
    found = message.parse_entities(kinds) if message.text else message.parse_caption_entities(kinds)
    return {entity.url: linked for entity, linked in found.items() if entity.url}


def _keys(article: StoredArticle) -> set[str]:
    """Return what an article can be called."""
    return {article.id.casefold(), _one_line(article.title).casefold(), _address(article.url or article.id)} - {""}


def _address(text: str) -> str:
    """Return what tells a page from others in its address; "" for what is none."""
    if not _URL.fullmatch(text.strip()):
        return ""
    try:
        parts = urlsplit(text.strip())
    except ValueError:  # an invalid IPv6 address
        return ""
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in query if not _TRACKING.fullmatch(name)]
    return f"//{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}?{urlencode(kept)}"


def _quoted(sentences: Sequence[Sentence], reading: _Reading) -> str:
    """Return the sentences that are quoted, in their order; "" if the quotation says anything else."""
    rest, found = _one_line(reading.quote), []
    for sentence in sorted(sentences, key=lambda one: len(one.text), reverse=True):
        text = _one_line(sentence.text)
        if text and text in rest:
            found.append(sentence)
            rest = rest.replace(text, " ", 1)
    if reading.is_citation and _CUT in rest:
        begun = rest.strip("“”… ")
        found = [one for one in sentences if _one_line(one.text).startswith(begun)][:1] or found
    if not reading.is_citation and re.search(r"\w", rest):
        return ""
    return " ".join(one.text for one in sorted(found, key=lambda one: one.start))


def _one_line(text: str) -> str:
    return " ".join(text.split())
