"""From /articles to pages of a list, to one article, and for admins to its deletion."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import Executor
from hashlib import blake2b
from typing import TypeVar

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.rendering import admin_messages, messages
from bot.rendering.telegram.answer import text_html
from bot.rendering.telegram.articles import ListPage, article_html, find_page, page_html
from bot.settings import Settings
from bot.sources import uploads_folder
from bot.state import Offer, Offers
from bot.telegram.handlers.access import FromAdmin
from bot.telegram.handlers.buttons import Press, Verb, button
from bot.telegram.handlers.confirmations import yes_or_no
from bot.telegram.jobs.runner import JobRunner
from bot.telegram.sending.messages import LiveMessage, edit, reply
from retrieval import Engine
from retrieval.records import StoredArticle

_WORD_BYTES = 30  # of a search, beside what else the data of a button hold
_A_ROW = 5  # buttons
_PAGE = re.compile(r"(?P<page>[0-9]{1,6}):(?P<word>.{0,30})", re.DOTALL)
_LOOK = re.compile(r"(?P<mark>[0-9a-f]{11}):(?P<back>.*)", re.DOTALL)

_Result = TypeVar("_Result")


class ArticleHandlers:
    """The list of the articles; what it reads is read in threads of its executor."""

    def __init__(self, settings: Settings, engine: Engine, executor: Executor, work: JobRunner, offers: Offers) -> None:
        """Engine and executor stay the caller's to close."""
        self._settings = settings
        self._from_admin = FromAdmin(settings)
        self._engine = engine
        self._executor = executor
        self._work = work
        self._offers = offers

    async def articles(self, message: Message) -> None:
        """List the articles, or those with a word in title or id."""
        _, *rest = (message.text or "").split(None, 1)
        user = message.from_user
        page = await self._page(_searchable(rest[0] if rest else ""), 0)
        if user is not None:
            await reply(message, page_html(page), _page_keyboard(page, user.id, self._from_admin.filter(message)))

    async def turn(self, press: Press) -> None:
        """Show another page in place of this one."""
        found = _PAGE.fullmatch(press.rest)
        if found is None:
            await press.refuse()
            return
        await press.answer()
        page = await self._page(found["word"], int(found["page"]))
        await edit(press.message, page_html(page), _page_keyboard(page, press.owner, press.is_admin))

    async def look(self, press: Press) -> None:
        """Show one article to an admin, with the way to its deletion and back."""
        found = _LOOK.fullmatch(press.rest)
        article = await self._find(found["mark"]) if found else None
        if found is None or article is None:
            await press.answer(admin_messages.ARTICLE_GONE)
            return
        await press.answer()
        delete = button(admin_messages.DELETE, Verb.DELETE, press.owner, found["mark"])
        back = button(admin_messages.TO_LIST, Verb.PAGE, press.owner, found["back"])
        await edit(press.message, article_html(article), InlineKeyboardMarkup([[delete, back]]))

    async def ask_to_delete(self, press: Press) -> None:
        """Ask an admin once more before an article is deleted."""
        article = await self._find(press.rest)
        if article is None:
            await press.is_stale(admin_messages.ARTICLE_GONE)
            return
        await press.answer()
        token = await asyncio.to_thread(
            self._offers.make, "delete", press.owner, article=article.id, loaded=article.loaded
        )
        keyboard = yes_or_no(press.owner, token, admin_messages.REALLY_DELETE, admin_messages.KEEP)
        asked = text_html(admin_messages.really_delete(messages.name_of(article)))
        await edit(press.message, f"{article_html(article)}\n\n{asked}", keyboard)

    async def delete(self, press: Press, offer: Offer) -> None:
        """Delete an article that an admin was asked about, unless it has changed or gone meanwhile."""
        article_id, loaded = offer.details["article"], offer.details["loaded"]
        articles = await self._in_thread(self._engine.articles)
        article = next((one for one in articles if one.id == article_id), None)
        if article is None or article.loaded != loaded:
            await press.is_stale(admin_messages.ARTICLE_CHANGED if article else admin_messages.ARTICLE_GONE)
        elif not self._work.begin(self._delete(press, article)):
            await press.is_stale(messages.LOAD_BUSY)

    async def _delete(self, press: Press, article: StoredArticle) -> None:
        await press.answer()
        shown = article_html(article)
        doing = f"{shown}\n\n{text_html(admin_messages.DELETING)}"
        await edit(press.message, doing)
        uploads = uploads_folder(self._settings.db)
        job = {"job": "remove", "db": str(self._settings.db), "uploads": str(uploads), "id": article.id}
        live = LiveMessage(press.message, doing)
        ending = await self._work.show(job, live, admin_messages.DELETING)
        await live.finish(f"{shown}\n\n{text_html(ending.text)}")

    async def _page(self, word: str, number: int) -> ListPage:
        return await self._in_thread(lambda: find_page(self._engine.articles(), word, number))

    async def _find(self, mark: str) -> StoredArticle | None:
        """Find an article by the mark of its id."""
        return await self._in_thread(
            lambda: next((one for one in self._engine.articles() if _mark(one.id) == mark), None)
        )

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


def _page_keyboard(page: ListPage, owner: int, is_admin: bool) -> InlineKeyboardMarkup | None:
    """Make the buttons of a page: for admins one for each article, then the ways to the pages beside it."""
    rows: list[list[InlineKeyboardButton]] = []
    if is_admin:
        back = f"{page.number}:{page.word}"
        looks = [
            button(str(number), Verb.LOOK, owner, f"{_mark(article.id)}:{back}")
            for number, article in enumerate(page.articles, page.first)
        ]
        rows += [looks[begin : begin + _A_ROW] for begin in range(0, len(looks), _A_ROW)]
    beside = [(admin_messages.BACK, page.number - 1), (admin_messages.NEXT, page.number + 1)]
    turns = [
        button(label, Verb.PAGE, owner, f"{number}:{page.word}") for label, number in beside if 0 <= number < page.of
    ]
    rows += [turns] if turns else []
    return InlineKeyboardMarkup(rows) if rows else None


def _mark(article_id: str) -> str:
    """Give eleven digits for an id of any length."""
    return blake2b(article_id.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()[:11]


def _searchable(text: str) -> str:
    """Give what is searched for: in one line, and as much of it as the data of a button hold."""
    return re.sub(r"\s+", " ", text).strip().encode("utf-8", "ignore")[:_WORD_BYTES].decode("utf-8", "ignore").strip()
