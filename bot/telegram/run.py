"""Settings in, a bot that runs until a signal ends it: its token is checked, and its files are opened and closed."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from bot.opening import open_articles
from bot.rendering import operator_messages
from bot.settings import Settings
from bot.settings.parsing import SettingsError
from bot.settings.settings_checks import find_address_problems, find_engine_problems, find_webhook_problems
from bot.state import BlockedChats, Groups, Inbox, Roles, hold_state, key_from_token, open_recorder
from bot.telegram.abilities import TOKEN
from bot.telegram.bot import Resources, Say, TelegramBot
from bot.telegram.monitoring.logs import configure_logging
from bot.telegram.sending.failures import Refused


def run_bot(settings: Settings, say: Say) -> None:
    """Answer until SIGINT or SIGTERM; `say` tells the operator how the start and the stop go.

    Raise SettingsError for a missing token or a malformed address, StateError if CITEBOT_STATE cannot be read or another bot uses it, Refused if
    Telegram rejects the token, at the start or later, CannotListen, and KeyboardInterrupt after SIGINT.
    """
    token = _checked_token(settings)
    configure_logging([token, settings.webhook_secret or "", settings.proxy or "", settings.engine], settings.log)
    with ExitStack() as stack:
        stack.enter_context(hold_state(settings.state))
        resources = Resources(
            engine=stack.enter_context(open_articles(settings, settings.sets)),
            inbox=stack.enter_context(Inbox(settings.state)),
            blocked=BlockedChats(settings.state, key_from_token(token)),
            groups=Groups(settings.state, key_from_token(token)),
            roles=Roles(settings.state),
            recorder=stack.enter_context(open_recorder(settings)),
            executor=stack.enter_context(ThreadPoolExecutor(settings.workers)),
        )
        interrupted = asyncio.run(_run_until_signalled(settings, token, resources, say))
    if interrupted:
        raise KeyboardInterrupt


def _checked_token(settings: Settings) -> str:
    """Return the token; raise SettingsError or Refused if the bot cannot run with these settings."""
    if not settings.token:
        raise SettingsError(operator_messages.NOT_SET_UP)
    for problem in find_address_problems(settings.api_url, settings.file_url):
        raise SettingsError(problem)
    for problem in find_webhook_problems(settings.webhook_url or "", settings.webhook_secret or ""):
        raise SettingsError(problem)
    for problem in find_engine_problems(settings.engine):
        raise SettingsError(problem)
    if not TOKEN.fullmatch(settings.token):
        raise Refused(operator_messages.REFUSED_BY_TELEGRAM)
    return settings.token


async def _run_until_signalled(settings: Settings, token: str, resources: Resources, say: Say) -> bool:
    """Return whether SIGINT was among the signals that ended the bot."""
    bot = TelegramBot(settings, token, resources, say)
    received: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        received.append(number)
        bot.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop, number)
    await bot.run()
    return signal.SIGINT in received
