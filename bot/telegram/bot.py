"""The bot as a whole: what it is made of, how it starts, and how it ends.

Updates come from the poller or the webhook, are committed to the inbox, and go from there to the handlers; what these say
goes out by way of the courier. What has been received and not answered when the bot ends, waits for its next start.
"""

import asyncio
import logging
import re
import signal
from collections.abc import Coroutine
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack
from typing import Any, NamedTuple

import click
from telegram.error import InvalidToken, TelegramError

from bot.commands.options import WRONG_USAGE, say
from bot.rendering import admin_messages, messages
from bot.settings import Settings
from bot.settings.checks import find_address_problems, find_webhook_problems
from bot.settings.parsing import Address
from bot.simulation.recorder import UpdateRecorder
from bot.state import BlockedChats, Inbox, Recorder, hold_state, key_from_token, open_recorder
from bot.telegram.handlers import ForAdmins, build_application
from bot.telegram.handlers.help import set_menus
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.monitoring.logs import configure_logging
from bot.telegram.monitoring.metrics import Metrics
from bot.telegram.processing import Processor
from bot.telegram.receiving.dispatcher import Dispatcher
from bot.telegram.receiving.http_server import Health, listening
from bot.telegram.receiving.polling import LongPolling
from bot.telegram.receiving.webhook import Webhook, insist, keep_webhook, reporting
from bot.telegram.sending.errors import Refused
from bot.telegram.sending.rate_limiter import RateLimiter
from bot.telegram.sending.rate_limits import RateLimits
from bot.telegram.sending.request import AiohttpRequest
from retrieval import Engine, open_engine

_LOG = logging.getLogger(__name__)
_LONGEST_END = 10.0  # seconds for a load that is stopped, after what was in hand; see dispatching.py for that
_BEHIND_A_WEB_SERVER = Address("127.0.0.1", 8080)  # where a webhook is listened for when nothing else is said


class OpenResources(NamedTuple):
    """What is open as long as the bot runs, and stays its caller's to close."""

    engine: Engine
    inbox: Inbox
    blocked: BlockedChats
    recorder: Recorder
    executor: Executor
    updates: UpdateRecorder | None


class TelegramBot:
    """One bot, from its start to its end."""

    def __init__(self, settings: Settings, token: str, opened: OpenResources) -> None:
        """Put the parts together; nothing begins yet."""
        self.refused = False  # Telegram does not accept the token
        self._settings = settings
        self._opened = opened
        self._stopping = asyncio.Event()
        self._is_receiving = False
        self._is_awaited = False  # Telegram, which the operator knows
        self._metrics, self._alarms = Metrics(), Alerts()
        self._transport = AiohttpRequest(proxy=settings.proxy)
        courier = RateLimiter(RateLimits(), opened.blocked, self._metrics, self._alarms)
        self._for_admins = ForAdmins(settings, opened.engine, opened.executor)
        self._application = build_application(
            settings,
            token,
            opened.engine,
            opened.executor,
            request=self._transport,
            recorder=opened.recorder,
            courier=courier,
            metrics=self._metrics,
            for_admins=self._for_admins,
        )
        self._handling = Processor(self._application, courier, self._alarms, self._refuse)
        self._dispatcher = Dispatcher(
            opened.inbox,
            self._handling.handle,
            settings.workers,
            metrics=self._metrics,
            on_dead=self._handling.give_up,
        )
        self._metrics.watch(lambda: self._dispatcher.queued, lambda: self._dispatcher.in_hand)

    def stop(self) -> None:
        """Ask the bot to end."""
        self._stopping.set()

    async def run(self) -> None:
        """Run until `stop` is called or Telegram refuses the token."""
        async with AsyncExitStack() as stack:
            await self._listen(stack)
            stack.push_async_callback(self._wind_up)
            if await self._until_stopped(self._reach()) and await self._fill():
                await self._dispatcher.start()
                stack.push_async_callback(self._finish)
                await self._until_stopped(self._receive())

    def _refuse(self) -> None:
        self.refused = True
        self.stop()

    async def _until_stopped(self, doing: Coroutine[Any, Any, None]) -> bool:
        """Do something unless the bot is to end first; tell whether it was done."""
        task, stopping = asyncio.create_task(doing), asyncio.create_task(self._stopping.wait())
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not task.done():
            task.cancel()
            for failure in await asyncio.gather(task, return_exceptions=True):
                if isinstance(failure, Exception):
                    _LOG.warning("while the bot began to end: %s", failure)
            return False
        try:
            task.result()
        except (InvalidToken, Refused):
            self._refuse()
        return not self._stopping.is_set()

    async def _reach(self) -> None:
        """Wait for Telegram, then set the menus; tell the operator once when it cannot be reached. Raises InvalidToken."""
        await insist(self._application.initialize, self._not_reached)
        self._alarms.polled()
        bot = self._application.bot
        if self._opened.updates is not None:
            self._opened.updates.meet_bot(bot.id, bot.username)
        await set_menus(bot, self._settings)

    def _not_reached(self, error: TelegramError) -> None:
        if not self._is_awaited:
            say(messages.NOT_REACHED)
        self._is_awaited = True
        _LOG.debug("Telegram cannot be reached: %s", error)
        self._alarms.poll_failed(error)

    async def _fill(self) -> bool:
        """Fill a store that is new; what comes in meanwhile waits with Telegram. False when the bot is to end."""
        ending = asyncio.create_task(self._end_work())
        await self._for_admins.admin.fill(say)
        ending.cancel()
        if self._stopping.is_set():
            return False
        self._for_admins.refreshing.begin(self._application.bot)
        self._alarms.start(self._application.bot, self._settings.admins)
        return True

    async def _end_work(self) -> None:
        await self._stopping.wait()
        await self._for_admins.work.close()

    async def _receive(self) -> None:
        """Take updates in until cancelled; raises Refused and InvalidToken."""
        bot = self._application.bot
        if self._settings.webhook_url:
            self._is_receiving = True  # whatever posts may come of a webhook that the last run has set
            await keep_webhook(bot, self._settings, self._alarms)
        await insist(bot.delete_webhook, reporting(self._alarms, "Updates cannot be fetched yet"))
        self._is_receiving = True
        async with AiohttpRequest(connections=1, proxy=self._settings.proxy) as line:
            poller = LongPolling(
                bot,
                line,
                self._take,
                is_full=lambda: self._dispatcher.is_full,
                alarms=self._alarms,
            )
            await poller.run()

    async def _take(self, updates: list[dict[str, Any]]) -> None:
        await self._dispatcher.receive(updates)
        if self._opened.updates is not None:
            for update in updates:
                self._opened.updates.record(update)

    async def _listen(self, stack: AsyncExitStack) -> None:
        """Open the server of the webhook and of what watches over the bot, where one is wanted."""
        settings, address = self._settings, self._settings.listen
        hook = None
        if settings.webhook_url:
            address = address or _BEHIND_A_WEB_SERVER
            hook = Webhook(settings.webhook_secret or "", self._take, self._has_room, self._metrics)
        if address is not None:
            health = Health(
                self._opened.engine,
                self._metrics,
                is_reachable=lambda: self._alarms.reachable,
                is_receiving=lambda: self._is_receiving,
            )
            await stack.enter_async_context(listening(address, health, hook, settings.webhook_url))

    def _has_room(self) -> bool:
        return self._is_receiving and not self._dispatcher.is_full

    async def _finish(self) -> None:
        self._is_receiving = False
        if self._dispatcher.in_hand:
            say(admin_messages.finishing(self._dispatcher.in_hand))
        await self._dispatcher.stop()
        await self._handling.close()

    async def _wind_up(self) -> None:
        await self._for_admins.refreshing.close()
        try:
            async with asyncio.timeout(_LONGEST_END):
                await self._for_admins.work.close()
        except TimeoutError:
            _LOG.warning("whoever asked for a load could not be told that it was stopped")
        await self._alarms.close()
        await self._application.shutdown()
        await self._transport.shutdown()  # the application leaves it open when Telegram has refused the token


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
        opened = OpenResources(
            engine=stack.enter_context(open_engine(settings.db, settings.caution)),
            inbox=stack.enter_context(Inbox(settings.state)),
            blocked=BlockedChats(settings.state, key_from_token(token)),
            recorder=stack.enter_context(open_recorder(settings)),
            executor=stack.enter_context(ThreadPoolExecutor(settings.workers)),
            updates=updates,
        )
        service = TelegramBot(settings, token, opened)
        interrupted = asyncio.run(_until_signalled(service))
    if service.refused:
        raise click.ClickException(messages.REFUSED_BY_TELEGRAM)
    if interrupted:
        raise KeyboardInterrupt


async def _until_signalled(service: TelegramBot) -> bool:
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
        raise NotSetUp(messages.NOT_SET_UP)
    for problem in find_address_problems(settings.api_url, settings.file_url):
        raise NotSetUp(problem)
    for problem in find_webhook_problems(settings.webhook_url or "", settings.webhook_secret or ""):
        raise NotSetUp(problem)
    if not _TOKEN.fullmatch(settings.token):
        raise click.ClickException(messages.REFUSED_BY_TELEGRAM)
    return settings.token
