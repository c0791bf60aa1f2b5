"""From the settings to a running bot: the table of what kind of message is met by what."""

import asyncio
import re
import signal
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import click
from telegram import Message, Update
from telegram.error import InvalidToken
from telegram.ext import Application, ApplicationBuilder, CommandHandler, ContextTypes, MessageHandler, filters

from bot.commands.opening import WRONG_USAGE, say
from bot.diagnosis import find_address_problems
from bot.ledger import Recorder, open_recorder
from bot.rendering import words
from bot.settings import Settings
from bot.telegram.addressing import FromAdmin, MayAsk, ToBot
from bot.telegram.admin import Admin
from bot.telegram.failures import on_error
from bot.telegram.line import Line, PollingLine
from bot.telegram.logs import configure_logging
from bot.telegram.menus import Introductions, set_menus
from bot.telegram.questions import Questions
from retrieval.engine import Engine, open_engine

App = Application[Any, Any, Any, Any, Any, Any]
_Callback = Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")


class NotSetUp(click.ClickException):
    """There is no token, or no address to use it at."""

    exit_code = WRONG_USAGE


def run_bot(settings: Settings) -> None:
    """Answer until SIGINT or SIGTERM comes; what has been received by then is answered first.

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
        _poll(build_application(settings, settings.token, engine, executor, line, recorder=recorder))
    if line.refused:
        raise click.ClickException(words.REFUSED_BY_TELEGRAM)


def _poll(application: App) -> None:
    try:
        with _told_of_interrupts():
            application.run_polling(
                allowed_updates=[Update.MESSAGE],
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
    recorder: Recorder | None = None,
) -> App:
    """Register what is met by what: the first line that fits a message takes it."""
    questions, introductions, admin = Questions(engine, executor, recorder), Introductions(settings), Admin(settings)
    # Edited messages never come through: whoever edits a command does not give it again.
    readers = filters.UpdateType.MESSAGE & MayAsk(settings)
    private = readers & filters.ChatType.PRIVATE
    text = filters.TEXT & ~filters.COMMAND

    application = _builder(settings, token, engine, admin, line or PollingLine()).build()
    application.add_handlers(
        [
            CommandHandler("ask", _met_by(questions.command), readers),
            CommandHandler("start", _met_by(introductions.start), private),
            CommandHandler("help", _met_by(introductions.help), private),
            CommandHandler("articles", _met_by(questions.articles), private),
            CommandHandler("reload", _met_by(admin.reload), private & FromAdmin(settings)),
            MessageHandler(private & filters.COMMAND, _met_by(introductions.unknown_command)),
            MessageHandler(private & text, _met_by(questions.private)),
            MessageHandler(private & ~filters.StatusUpdate.ALL, _met_by(introductions.no_text)),
            MessageHandler(readers & filters.ChatType.GROUPS & text & ToBot(), _met_by(questions.addressed)),
            MessageHandler(
                filters.UpdateType.MESSAGE & filters.ChatType.PRIVATE & ~MayAsk(settings),
                _met_by(introductions.not_allowed),
            ),
        ]
    )
    application.add_error_handler(on_error)
    return application


def _builder(
    settings: Settings, token: str, engine: Engine, admin: Admin, line: PollingLine
) -> ApplicationBuilder[Any, Any, Any, Any, Any, Any]:
    async def prepare(application: App) -> None:
        await set_menus(application.bot, settings)
        await admin.fill(engine, say)  # the questions that come in meanwhile wait with Telegram

    async def wind_up(_: App) -> None:
        await admin.close()

    return (
        ApplicationBuilder()
        .token(token)
        .request(Line(say))
        .get_updates_request(line)
        .base_url(settings.api_url)
        .base_file_url(settings.file_url)
        .concurrent_updates(settings.workers)
        .post_init(prepare)
        .post_stop(wind_up)
        .post_shutdown(wind_up)  # for a stop in the first load, before there is anything to stop
    )


def _met_by(handle: Callable[[Message], Coroutine[Any, Any, None]]) -> _Callback:
    """Give a handler the message alone; the filters above let no update through that has none."""

    async def callback(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is not None:
            await handle(update.message)

    return callback
