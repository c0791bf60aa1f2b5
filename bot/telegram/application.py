"""From the settings to a running bot: the table of what kind of message is met by what."""

import asyncio
import re
import signal
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import click
from telegram import Update
from telegram.error import InvalidToken
from telegram.ext import Application, ApplicationBuilder, CommandHandler, MessageHandler, TypeHandler, filters
from telegram.request import BaseRequest

from bot.commands.opening import WRONG_USAGE, say
from bot.diagnosis import find_address_problems
from bot.ledger import Recorder, open_recorder
from bot.rendering import words
from bot.settings import Settings
from bot.telegram.addressing import MayAsk, ToBot
from bot.telegram.failures import on_error
from bot.telegram.for_admins import ForAdmins
from bot.telegram.handlers import met_by
from bot.telegram.line import Line, PollingLine
from bot.telegram.logs import configure_logging
from bot.telegram.menus import Introductions, set_menus
from bot.telegram.questions import Questions
from bot.telegram.recording_updates import UpdateRecorder
from retrieval.engine import Engine, open_engine

App = Application[Any, Any, Any, Any, Any, Any]
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")


class NotSetUp(click.ClickException):
    """There is no token, or no address to use it at."""

    exit_code = WRONG_USAGE


def run_bot(settings: Settings, updates: UpdateRecorder | None = None) -> None:
    """Answer until SIGINT or SIGTERM comes; what has been received by then is answered first, and recorded in `updates`.

    Raises NotSetUp when there is no token or a malformed address, ClickException when Telegram refuses the token, at
    the start or later, and KeyboardInterrupt after SIGINT.
    """
    if not settings.token:
        raise NotSetUp(words.NOT_SET_UP)
    for problem in find_address_problems(settings.api_url, settings.file_url):
        raise NotSetUp(problem)
    configure_logging(settings.token)
    if not _TOKEN.fullmatch(settings.token):
        raise click.ClickException(words.REFUSED_BY_TELEGRAM)
    if settings.webhook_url:
        say(words.WEBHOOKS_COME_LATER)
    line = PollingLine()
    with (
        open_engine(settings.db, settings.caution) as engine,
        open_recorder(settings) as recorder,
        ThreadPoolExecutor(settings.workers) as executor,
    ):
        application = build_application(settings, settings.token, engine, executor, line, recorder=recorder)
        if updates is not None:
            application.add_handler(TypeHandler(Update, _recording(updates)), group=-1)
        _poll(application)
    if line.refused:
        raise click.ClickException(words.REFUSED_BY_TELEGRAM)


def _recording(updates: UpdateRecorder) -> Callable[[Update, Any], Coroutine[Any, Any, None]]:
    async def record(update: Update, context: Any) -> None:  # noqa: ANN401
        updates.meet_bot(context.bot.id, context.bot.username)
        updates.record(update.to_dict())

    return record


def _poll(application: App) -> None:
    try:
        with _told_of_interrupts():
            application.run_polling(
                allowed_updates=[Update.MESSAGE, Update.CALLBACK_QUERY],
                bootstrap_retries=-1,
                stop_signals=(signal.SIGTERM, signal.SIGABRT),
            )
    except InvalidToken:
        raise click.ClickException(words.REFUSED_BY_TELEGRAM) from None  # its own text holds the token


@contextmanager
def _told_of_interrupts() -> Iterator[None]:
    """Give the thread a loop that SIGINT stops as orderly as SIGTERM does; raises KeyboardInterrupt in the end."""
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    loop = asyncio.new_event_loop()  # the application closes it
    asyncio.set_event_loop(loop)
    loop.add_signal_handler(signal.SIGINT, interrupt)
    yield
    if interrupted:
        raise KeyboardInterrupt  # the application kept the first one to itself


def build_application(
    settings: Settings,
    token: str,
    engine: Engine,
    executor: Executor,
    line: PollingLine | None = None,
    *,
    request: BaseRequest | None = None,
    recorder: Recorder | None = None,
) -> App:
    """Register what is met by what: the first line that fits a message takes it."""
    questions, introductions = Questions(engine, executor, recorder), Introductions(settings)
    for_admins = ForAdmins(settings, engine, executor)
    # Edited messages never come through: whoever edits a command does not give it again.
    readers = filters.UpdateType.MESSAGE & MayAsk(settings)
    private = readers & filters.ChatType.PRIVATE
    text = filters.TEXT & ~filters.COMMAND

    application = _builder(settings, token, for_admins, line or PollingLine(), request or Line(say)).build()
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
    application.add_error_handler(on_error)
    return application


def _builder(
    settings: Settings, token: str, for_admins: ForAdmins, line: PollingLine, request: BaseRequest
) -> ApplicationBuilder[Any, Any, Any, Any, Any, Any]:
    async def prepare(application: App) -> None:
        await set_menus(application.bot, settings)
        await for_admins.admin.fill(say)  # the questions that come in meanwhile wait with Telegram
        for_admins.refreshing.begin(application.bot)

    async def wind_up(_: App) -> None:
        await for_admins.refreshing.close()
        await for_admins.work.close()

    return (
        ApplicationBuilder()
        .token(token)
        .request(request)
        .get_updates_request(line)
        .base_url(settings.api_url)
        .base_file_url(settings.file_url)
        .concurrent_updates(settings.workers)
        .post_init(prepare)
        .post_stop(wind_up)
        .post_shutdown(wind_up)  # for a stop in the first load, before there is anything to stop
    )
