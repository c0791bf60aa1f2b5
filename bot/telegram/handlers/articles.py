"""/articles: list the articles; for admins, show and delete one."""

import asyncio
import re
from hashlib import blake2b

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.rendering import admin_messages, messages
from bot.rendering.telegram.article_list import ListPage, article_html, find_page, page_html
from bot.rendering.telegram.escaping import text_html
from bot.settings import Settings, uploads_folder
from bot.state import Offer, Offers
from bot.telegram.handlers.access import FromAdmin
from bot.telegram.handlers.buttons import Action, Press, button
from bot.telegram.handlers.chat_engines import ChatEngines
from bot.telegram.handlers.confirmations import choices
from bot.telegram.handlers.reader import texts_of
from bot.telegram.handlers.threads import Threads
from bot.telegram.jobs.runner import JobRunner, new_job
from bot.telegram.sending.replies import LiveMessage, edit, reply
from retrieval.records import StoredArticle

_WORD_BYTES = 30  # of a search term, to fit into the data of a button
_BUTTONS_PER_ROW = 5
_PAGE = re.compile(r"(?P<page>[0-9]{1,6}):(?P<word>.{0,30})", re.DOTALL)
_ARTICLE = re.compile(r"(?P<digest>[0-9a-f]{11}):(?P<back>.*)", re.DOTALL)


class ArticleHandlers:
    """Handlers of /articles and its buttons; the store is read in threads."""

    def __init__(
        self, settings: Settings, engines: ChatEngines, threads: Threads, jobs: JobRunner, offers: Offers
    ) -> None:
        """The engines stay the caller's to close."""
        self._settings = settings
        self._from_admin = FromAdmin(settings)
        self._engines = engines
        self._threads = threads
        self._jobs = jobs
        self._offers = offers

    async def list(self, message: Message) -> None:
        """List the articles, or those with a word in their title or id."""
        _, *rest = (message.text or "").split(None, 1)
        user = message.from_user
        page = await self._page(message, _searchable(rest[0] if rest else ""), 0)
        if user is not None:
            await reply(
                message,
                page_html(page, texts_of(user)),
                _page_keyboard(page, user.id, self._from_admin.filter(message)),
            )

    async def show_page(self, press: Press) -> None:
        """Show another page instead."""
        found = _PAGE.fullmatch(press.payload)
        if found is None:
            await press.refuse()
            return
        await press.answer()
        page = await self._page(press.message, found["word"], int(found["page"]))
        await edit(press.message, page_html(page, press.texts), _page_keyboard(page, press.owner, press.is_admin))

    async def show_article(self, press: Press) -> None:
        """Show an article to an admin, with buttons to delete it and to go back."""
        found = _ARTICLE.fullmatch(press.payload)
        article = await self._find(press, found["digest"]) if found else None
        if found is None or article is None:
            await press.answer(admin_messages.ARTICLE_GONE)
            return
        await press.answer()
        delete = button(admin_messages.DELETE, Action.DELETE, press.owner, found["digest"])
        back = button(admin_messages.BACK_TO_LIST, Action.PAGE, press.owner, found["back"])
        await edit(press.message, article_html(article), InlineKeyboardMarkup([[delete, back]]))

    async def confirm_delete(self, press: Press) -> None:
        """Ask an admin to confirm before an article is deleted."""
        article = await self._find(press, press.payload)
        if article is None:
            await press.expire(admin_messages.ARTICLE_GONE)
            return
        await press.answer()
        token = await asyncio.to_thread(
            self._offers.make, "delete", press.owner, article=article.id, loaded=article.loaded
        )
        keyboard = choices(press.owner, token, yes=admin_messages.REALLY_DELETE, no=admin_messages.KEEP)
        asked = text_html(admin_messages.really_delete(messages.article_name(article)))
        await edit(press.message, f"{article_html(article)}\n\n{asked}", keyboard)

    async def delete(self, press: Press, offer: Offer) -> None:
        """Delete an article after confirmation, unless it has changed or gone in the meantime."""
        article_id, loaded = offer.details["article"], offer.details["loaded"]
        articles = await self._threads.run(self._engines.everything.articles)
        article = next((one for one in articles if one.id == article_id), None)
        if article is None or article.loaded != loaded:
            await press.expire(admin_messages.ARTICLE_CHANGED if article else admin_messages.ARTICLE_GONE)
            return
        await press.answer()
        shown = article_html(article)
        doing = f"{shown}\n\n{text_html(admin_messages.DELETING)}"
        await edit(press.message, doing)
        uploads = uploads_folder(self._settings.db)
        job = new_job("remove", self._settings) | {"uploads": str(uploads), "id": article.id}
        live = LiveMessage(press.message, doing)
        ending = await self._jobs.show(job, live, admin_messages.DELETING)
        await live.finish(f"{shown}\n\n{text_html(ending.text)}")

    async def _page(self, message: Message, word: str, number: int) -> ListPage:
        engine = self._engines.of(message.chat_id)
        return await self._threads.run(lambda: find_page(engine.articles(), word, number))

    async def _find(self, press: Press, digest: str) -> StoredArticle | None:
        """Return the article whose id has this digest."""
        engine = self._engines.of(press.message.chat_id)
        return await self._threads.run(
            lambda: next((one for one in engine.articles() if _digest(one.id) == digest), None)
        )


def _page_keyboard(page: ListPage, owner: int, is_admin: bool) -> InlineKeyboardMarkup | None:
    """Return the buttons of a page: for admins one for each article, then the previous and the next page."""
    rows: list[list[InlineKeyboardButton]] = []
    if is_admin:
        back = f"{page.number}:{page.word}"
        numbers = [
            button(str(number), Action.ARTICLE, owner, f"{_digest(article.id)}:{back}")
            for number, article in enumerate(page.articles, page.first)
        ]
        rows += [numbers[begin : begin + _BUTTONS_PER_ROW] for begin in range(0, len(numbers), _BUTTONS_PER_ROW)]
    neighbours = [(messages.PREVIOUS, page.number - 1), (messages.NEXT, page.number + 1)]
    turns = [
        button(label, Action.PAGE, owner, f"{number}:{page.word}")
        for label, number in neighbours
        if 0 <= number < page.of
    ]
    rows += [turns] if turns else []
    return InlineKeyboardMarkup(rows) if rows else None


def _digest(article_id: str) -> str:
    """Return eleven hexadecimal digits for an id of any length."""
    return blake2b(article_id.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()[:11]


def _searchable(text: str) -> str:
    """Return a search term in one line, cut to what fits into the data of a button."""
    return re.sub(r"\s+", " ", text).strip().encode("utf-8", "ignore")[:_WORD_BYTES].decode("utf-8", "ignore").strip()
