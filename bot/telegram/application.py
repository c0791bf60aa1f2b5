"""From the settings to an application: the table of what kind of message is met by what."""

from concurrent.futures import Executor
from typing import Any, Never

from telegram.ext import Application, ApplicationBuilder, BaseRateLimiter, CommandHandler, MessageHandler, filters
from telegram.request import BaseRequest

from bot.ledger import Recorder
from bot.settings import Settings
from bot.telegram.addressing import MayAsk, ToBot
from bot.telegram.for_admins import ForAdmins
from bot.telegram.handlers import met_by
from bot.telegram.limits import QuestionLimit
from bot.telegram.menus import Introductions
from bot.telegram.metrics import Metrics
from bot.telegram.questions import Questions
from bot.telegram.transport import Transport
from retrieval.engine import Engine

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
    limit = QuestionLimit(settings.questions_per_minute)
    questions = Questions(engine, executor, recorder, limit=limit, metrics=metrics)
    introductions = Introductions(settings)
    for_admins = for_admins or ForAdmins(settings, engine, executor)
    # Edited messages are not asked for, and met by nothing: whoever edits a command does not give it again.
    readers = filters.UpdateType.MESSAGE & MayAsk(settings)
    private = readers & filters.ChatType.PRIVATE
    text = filters.TEXT & ~filters.COMMAND

    application = _builder(settings, token, request or Transport(proxy=settings.proxy), courier).build()
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
