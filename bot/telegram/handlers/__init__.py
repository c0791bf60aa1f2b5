"""From an update to the message in it, which is all that most handlers need."""

from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from typing import Any, Never

from telegram import Message, Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    BaseHandler,
    BaseRateLimiter,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest

from bot.rendering import admin_messages
from bot.settings import Settings
from bot.state import Offers, Recorder
from bot.telegram.handlers.access import FromAdmin, FromChannel, GivenHere, MayAsk, ToBot
from bot.telegram.handlers.articles import ArticleHandlers
from bot.telegram.handlers.buttons import Buttons, Verb
from bot.telegram.handlers.confirmations import Confirmations
from bot.telegram.handlers.flood_limit import FloodLimit
from bot.telegram.handlers.help import HelpHandlers
from bot.telegram.handlers.questions import QuestionHandlers
from bot.telegram.handlers.reload import ReloadHandlers
from bot.telegram.handlers.sources import SourceHandlers
from bot.telegram.handlers.uploads import UploadHandlers
from bot.telegram.jobs.refresh import Refresh
from bot.telegram.jobs.runner import JobRunner
from bot.telegram.monitoring.metrics import Metrics
from bot.telegram.sending.request import AiohttpRequest
from retrieval import Engine

Callback = Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]


def met_by(handle: Callable[[Message], Coroutine[Any, Any, None]]) -> Callback:
    """Give a handler the message alone; the filters before it let no update through that has none."""

    async def callback(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is not None:
            await handle(update.message)

    return callback


Handler = BaseHandler[Any, Any, Any]


class ForAdmins:
    """The rooms that share one line of work and the offers that stand."""

    def __init__(self, settings: Settings, engine: Engine, executor: Executor) -> None:
        """Engine and executor stay the caller's to close."""
        self._settings = settings
        self._offers = Offers(settings.state)
        self.work = JobRunner()
        self.admin = ReloadHandlers(settings, engine, self.work, self._offers)
        self.refreshing = Refresh(settings, engine, self.work)
        self.catalogue = ArticleHandlers(settings, engine, executor, self.work, self._offers)
        self._uploads = UploadHandlers(settings, self.work, self._offers)
        self._sources = SourceHandlers(settings, engine, self.work, self._offers)

    def handlers(self, private: filters.BaseFilter) -> Iterator[Handler]:
        """Register what admins send in private, and the buttons; to others the lines after these reply as to anything."""
        admins = private & FromAdmin(self._settings)
        given = admins & GivenHere()  # a command that somebody forwards was not given by them
        posts = FromChannel() & (filters.TEXT | filters.CAPTION) & ~filters.COMMAND
        yield CommandHandler("reload", met_by(self.admin.reload), given)
        yield CommandHandler("add", met_by(self._sources.add), given)
        yield CommandHandler("sources", met_by(self._sources.list), given)
        yield MessageHandler(admins & filters.Document.ALL & ~filters.ANIMATION, met_by(self._uploads.document))
        yield MessageHandler(admins & posts, met_by(self._uploads.post))
        yield CallbackQueryHandler(self._buttons().pressed)

    def _buttons(self) -> Buttons:
        buttons = Buttons(self._settings)
        buttons.register(Verb.PAGE, self.catalogue.turn, for_everybody=True)
        buttons.register(Verb.LOOK, self.catalogue.look)
        buttons.register(Verb.DELETE, self.catalogue.ask_to_delete)
        buttons.register(Verb.SOURCE, self._sources.ask_to_remove)
        confirming = Confirmations(self._offers, self.work, buttons)
        confirming.register("delete", self.catalogue.delete, admin_messages.NOTHING_DELETED)
        confirming.register("document", self._uploads.add_document, admin_messages.LEFT_OUT)
        confirming.register("post", self._uploads.add_post, admin_messages.LEFT_OUT)
        confirming.register("reload", self.admin.load_previewed, admin_messages.NOT_LOADED)
        confirming.register("source", self._sources.remove, admin_messages.NOTHING_REMOVED)
        return buttons


App = Application[Any, Any, Any, Any, Any, Any]


class Handlers(Application[Any, Any, Any, Any, Any, Any]):
    """The handlers of updates; what fails in one is for whoever gave it the update to deal with."""

    async def process_error(self, update: object, error: Exception, *_: object, **__: object) -> Never:
        """Raise what a handler has raised."""
        del update
        raise error


def build_application(
    settings: Settings,
    token: str,
    engine: Engine,
    executor: Executor,
    *,
    request: BaseRequest | None = None,
    recorder: Recorder | None = None,
    courier: BaseRateLimiter[Any] | None = None,
    metrics: Metrics | None = None,
    for_admins: ForAdmins | None = None,
) -> App:
    """Register what is met by what: the first line that fits a message takes it.

    Requests go out over `request`, by way of `courier`; whoever takes the application in use closes all that is given.
    """
    limit = FloodLimit(settings.questions_per_minute)
    questions = QuestionHandlers(engine, executor, recorder, limit=limit, metrics=metrics)
    introductions = HelpHandlers(settings)
    for_admins = for_admins or ForAdmins(settings, engine, executor)
    # Edited messages are not asked for, and met by nothing: whoever edits a command does not give it again.
    readers = filters.UpdateType.MESSAGE & MayAsk(settings)
    private = readers & filters.ChatType.PRIVATE
    text = filters.TEXT & ~filters.COMMAND

    application = _builder(settings, token, request or AiohttpRequest(proxy=settings.proxy), courier).build()
    application.add_handlers(
        [
            CommandHandler("ask", met_by(questions.command), readers),
            CommandHandler("start", met_by(introductions.start), private),
            CommandHandler("help", met_by(introductions.help), private),
            CommandHandler("articles", met_by(for_admins.catalogue.articles), private),
            *for_admins.handlers(private),
            MessageHandler(private & filters.COMMAND, met_by(introductions.unknown_command)),
            MessageHandler(private & text, met_by(questions.private)),
            MessageHandler(private & ~filters.StatusUpdate.ALL, met_by(introductions.no_text)),
            MessageHandler(readers & filters.ChatType.GROUPS & text & ToBot(), met_by(questions.addressed)),
            MessageHandler(
                filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & ~MayAsk(settings),
                met_by(introductions.not_allowed),
            ),
        ]
    )
    return application


def _builder(
    settings: Settings, token: str, request: BaseRequest, courier: BaseRateLimiter[Any] | None
) -> ApplicationBuilder[Any, Any, Any, Any, Any, Any]:
    builder = (
        ApplicationBuilder()
        .application_class(Handlers)
        .token(token)
        .updater(None)  # updates come from the inbox
        .job_queue(None)
        .request(request)
        .get_updates_request(request)  # else the library makes one, which SOCKS settings of the system bring down
        .base_url(settings.api_url)
        .base_file_url(settings.file_url)
    )
    return builder.rate_limiter(courier) if courier else builder
