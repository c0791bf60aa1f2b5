"""The part of the table that is for admins: what changes the articles, and what the buttons do."""

from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.rendering import admin_words
from bot.settings import Settings
from bot.telegram.addressing import FromAdmin, FromChannel, GivenHere
from bot.telegram.admin import Admin
from bot.telegram.buttons import Buttons, Verb
from bot.telegram.catalogue import Catalogue
from bot.telegram.confirming import Confirming
from bot.telegram.handlers import met_by
from bot.telegram.offers import Offers
from bot.telegram.refreshing import Refreshing
from bot.telegram.uploads import Uploads
from bot.telegram.work import Work
from retrieval.engine import Engine

Handler = BaseHandler[Any, Any, Any]


class ForAdmins:
    """The rooms that share one line of work and the offers that stand."""

    def __init__(self, settings: Settings, engine: Engine, executor: Executor) -> None:
        """Engine and executor stay the caller's to close."""
        self._settings = settings
        self._offers = Offers(Path(f"{settings.state}.offers"))
        self.work = Work()
        self.admin = Admin(settings, engine, self.work)
        self.refreshing = Refreshing(settings, engine, self.work)
        self.catalogue = Catalogue(settings, engine, executor, self.work, self._offers)
        self._uploads = Uploads(settings, self.work, self._offers)

    def handlers(self, private: filters.BaseFilter) -> Iterator[Handler]:
        """Register what admins send in private, and the buttons; to others the lines after these reply as to anything."""
        admins = private & FromAdmin(self._settings)
        given = admins & GivenHere()  # a command that somebody forwards was not given by them
        posts = FromChannel() & (filters.TEXT | filters.CAPTION) & ~filters.COMMAND
        yield CommandHandler("reload", met_by(self.admin.reload), given)
        yield MessageHandler(admins & filters.Document.ALL & ~filters.ANIMATION, met_by(self._uploads.document))
        yield MessageHandler(admins & posts, met_by(self._uploads.post))
        yield CallbackQueryHandler(self._buttons().pressed)

    def _buttons(self) -> Buttons:
        buttons = Buttons(self._settings)
        buttons.register(Verb.PAGE, self.catalogue.turn, for_everybody=True)
        buttons.register(Verb.LOOK, self.catalogue.look)
        buttons.register(Verb.DELETE, self.catalogue.ask_to_delete)
        confirming = Confirming(self._offers, self.work, buttons)
        confirming.register("delete", self.catalogue.delete, admin_words.NOTHING_DELETED)
        confirming.register("document", self._uploads.add_document, admin_words.LEFT_OUT)
        confirming.register("post", self._uploads.add_post, admin_words.LEFT_OUT)
        return buttons
