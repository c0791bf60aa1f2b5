"""From the settings to a running bot, and from the signal that stops it to an exit."""

import asyncio
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import click

from bot.commands.opening import WRONG_USAGE
from bot.diagnosis import find_address_problems, find_webhook_problems
from bot.ledger import Blocked, Inbox, hold_state, key_from_token, open_recorder
from bot.rendering import words
from bot.settings import Settings
from bot.telegram.logs import configure_logging
from bot.telegram.recording_updates import UpdateRecorder
from bot.telegram.service import Opened, Service
from retrieval.engine import open_engine

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")


class NotSetUp(click.ClickException):
    """There is no token, or an address is none."""

    exit_code = WRONG_USAGE


def run_bot(settings: Settings, updates: UpdateRecorder | None = None) -> None:
    """Answer until SIGINT or SIGTERM comes; what comes in is recorded in `updates` besides.

    Raises NotSetUp when there is no token or a malformed address, LedgerError when another bot has CITEBOT_STATE,
    ClickException when Telegram refuses the token, at the start or later, and KeyboardInterrupt after SIGINT.
    """
    token = _checked_token(settings)
    configure_logging([token, settings.webhook_secret or "", settings.proxy or ""], settings.log)
    with ExitStack() as stack:
        stack.enter_context(hold_state(settings.state))
        opened = Opened(
            engine=stack.enter_context(open_engine(settings.db, settings.caution)),
            inbox=stack.enter_context(Inbox(settings.state)),
            blocked=Blocked(settings.state, key_from_token(token)),
            recorder=stack.enter_context(open_recorder(settings)),
            executor=stack.enter_context(ThreadPoolExecutor(settings.workers)),
            updates=updates,
        )
        service = Service(settings, token, opened)
        interrupted = asyncio.run(_until_signalled(service))
    if service.refused:
        raise click.ClickException(words.REFUSED_BY_TELEGRAM)
    if interrupted:
        raise KeyboardInterrupt


async def _until_signalled(service: Service) -> bool:
    """Run the bot; tell whether SIGINT ended it."""
    came: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        came.append(number)
        service.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop, number)
    await service.run()
    return signal.SIGINT in came


def _checked_token(settings: Settings) -> str:
    """Give the token, once everything else stands that a bot needs; raises NotSetUp and ClickException."""
    if not settings.token:
        raise NotSetUp(words.NOT_SET_UP)
    for problem in find_address_problems(settings.api_url, settings.file_url):
        raise NotSetUp(problem)
    for problem in find_webhook_problems(settings.webhook_url or "", settings.webhook_secret or ""):
        raise NotSetUp(problem)
    if not _TOKEN.fullmatch(settings.token):
        raise click.ClickException(words.REFUSED_BY_TELEGRAM)
    return settings.token
