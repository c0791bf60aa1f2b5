"""Articles -> Telegram HTML: one page of the list, or one article."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from bot.rendering import admin_messages, messages
from bot.rendering.ages import day
from bot.rendering.lengths import shorten
from bot.rendering.telegram.citation import web_address
from bot.rendering.telegram.escaping import escape, own_html
from bot.rendering.terminal.layout import printable
from bot.rendering.texts import Texts
from bot.rendering.titles import distinct
from retrieval.records import StoredArticle

PAGE = 10  # articles
_PART_UNITS = 200  # UTF-16 units of a title or a date: ten fit into a message
_ID_UNITS = 100
_ARTICLE_UNITS = 600  # in a message about one article


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of the articles that a search found."""

    articles: tuple[StoredArticle, ...]
    titles: tuple[str, ...]  # of these, as they are shown: shortened, those that are then equal with the id
    number: int  # of the page, from 0
    of: int  # pages, at least 1
    found: int  # articles on all pages
    word: str  # searched for; empty = all articles

    @property
    def first(self) -> int:
        """The number of the first article, counted from 1 over all pages."""
        return self.number * PAGE + 1


def find_page(articles: Sequence[StoredArticle], word: str, number: int) -> ListPage:
    """Return a page, or else the last one, of the articles with a word in their title or id, ignoring case."""
    wanted = word.casefold()
    found = [one for one in articles if wanted in one.title.casefold() or wanted in one.id.casefold()]
    of = max(1, -(-len(found) // PAGE))
    number = min(number, of - 1)
    shown = slice(number * PAGE, (number + 1) * PAGE)
    titles = [printable(shorten(messages.article_name(one), _PART_UNITS)) for one in found]
    titles = distinct(titles, [shorten(one.id, _ID_UNITS) for one in found])
    return ListPage(tuple(found[shown]), tuple(titles[shown]), number, of, len(found), word)


def page_html(page: ListPage, texts: Texts | None = None) -> str:
    """Show a page: the number of articles, then each with its number, title, link and date."""
    texts = texts or Texts()
    if not page.articles:
        return own_html(texts(messages.NO_ARTICLE_LIKE, word=page.word) if page.word else texts(messages.NO_ARTICLES))
    head = [texts.count(page.found, messages.ARTICLES)]
    head += [texts(messages.LIST_WITH, word=page.word)] if page.word else []
    head += [texts(messages.LIST_PAGE, number=page.number + 1, of=page.of)] if page.of > 1 else []
    return "\n".join(
        [f"<b>{own_html(texts.joined('', head))}</b>", "", *map(_entry, page.articles, page.titles, count(page.first))]
    )


def article_html(article: StoredArticle) -> str:
    """Show one article: title, id, author, date, language, length and when it was read."""
    link = web_address(article.url)
    title = _one_line(shorten(messages.article_name(article), _ARTICLE_UNITS))
    details = admin_messages.article_details(article.sentences, article.characters, day(article.loaded))
    date = day(article.published) if article.published else None
    lines = [article.id, article.author, date, article.language, details]
    return "\n".join(
        [
            f'<b><a href="{html.escape(link)}">{title}</a></b>' if link else f"<b>{title}</b>",
            *(_one_line(shorten(line, _ARTICLE_UNITS)) for line in lines if line),
        ]
    )


def _entry(article: StoredArticle, title: str, number: int) -> str:
    link = web_address(article.url)
    title = _one_line(title)
    date = f" · {_one_line(shorten(day(article.published), _PART_UNITS))}" if article.published else ""
    return f'{number}. <a href="{html.escape(link)}">{title}</a>{date}' if link else f"{number}. {title}{date}"


def _one_line(text: str) -> str:
    return escape(printable(text))
