"""One bot: what it is made of, how it starts, and how it ends.

Updates that were received but not answered by the end wait in the inbox for the next start.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

from telegram.error import InvalidToken, TelegramError

from bot.rendering import alert_messages, operator_messages
from bot.settings import Settings
from bot.settings.parsing import Address
from bot.state import BlockedChats, Groups, Inbox, Recorder, Roles
from bot.telegram.abilities import compare
from bot.telegram.handlers import Handlers
from bot.telegram.handlers.application import build_application
from bot.telegram.handlers.help import set_menus
from bot.telegram.jobs.refresh import Refresh
from bot.telegram.monitoring.alerts import Alerts
from bot.telegram.monitoring.prometheus_metrics import Metrics
from bot.telegram.processing import Processor
from bot.telegram.receiving.dispatcher import Dispatcher
from bot.telegram.receiving.http_server import Health, serve_http
from bot.telegram.receiving.polling import LongPolling, allowed_updates
from bot.telegram.receiving.webhook import FailureReporter, Webhook, keep_webhook, retry_until_accepted
from bot.telegram.sending.failures import Refused
from bot.telegram.sending.rate_limiter import RateLimiter
from bot.telegram.sending.rate_limits import RateLimits
from bot.telegram.sending.request import AiohttpRequest
from retrieval import Engine

_LOG = logging.getLogger(__name__)
_LONGEST_JOB_STOP = 4.0  # seconds
_WEBHOOK_ADDRESS = Address("127.0.0.1", 8080)  # unless CITEBOT_LISTEN names another

Say = Callable[[str], None]


class Resources(NamedTuple):
    """What a bot works with; the caller closes it afterwards."""

    engine: Engine
    inbox: Inbox
    blocked: BlockedChats
    groups: Groups
    roles: Roles
    recorder: Recorder
    executor: Executor


class TelegramBot:
    """One bot, from its start to its end."""

    def __init__(self, settings: Settings, token: str, resources: Resources, say: Say) -> None:
        """Put the parts together; nothing runs yet."""
        self._settings = settings
        self._resources = resources
        self._say = say
        self._stopping = asyncio.Event()
        self._is_refused = False  # whether Telegram rejected the token
        self._is_receiving = False
        self._metrics, self._alerts = Metrics(), Alerts()
        self._request = AiohttpRequest(proxy=settings.proxy)
        rate_limiter = RateLimiter(RateLimits(), resources.blocked, self._metrics, self._alerts)
        self._handlers = Handlers(
            settings,
            resources.engine,
            resources.executor,
            recorder=resources.recorder,
            groups=resources.groups,
            roles=resources.roles,
            metrics=self._metrics,
            tell_admins=self._alerts.tell,
        )
        self._refresh = Refresh(settings, resources.engine, self._handlers.jobs)
        self._application = build_application(
            settings, token, self._handlers, request=self._request, rate_limiter=rate_limiter
        )
        self._processor = Processor(
            self._application, rate_limiter, self._alerts, self._refuse, may_ask=self._handlers.may_ask
        )
        self._dispatcher = Dispatcher(
            resources.inbox,
            self._processor.process,
            settings.workers,
            metrics=self._metrics,
            on_dead_letter=self._processor.report_dead_letter,
            on_left_out=self._processor.report_left_out,
        )
        self._metrics.watch(lambda: self._dispatcher.queued, lambda: self._dispatcher.in_hand)

    def stop(self) -> None:
        """Ask the bot to end."""
        self._stopping.set()

    async def run(self) -> None:
        """Run until `stop` is called; raise Refused if Telegram rejects the token."""
        async with AsyncExitStack() as stack:
            await self._serve_http(stack)
            stack.push_async_callback(self._shut_down)
            if await self._unless_stopped(self._connect()):
                if await asyncio.to_thread(self._is_first_load):
                    self._dispatcher.hold(self._processor.report_first_load)
                await self._dispatcher.start()
                stack.push_async_callback(self._finish)
                await self._answer()
        if self._is_refused:
            raise Refused(operator_messages.REFUSED_BY_TELEGRAM)

    def _is_first_load(self) -> bool:
        return not (self._settings.engine or self._resources.engine.generation())

    async def _answer(self) -> None:
        """Receive updates, and answer them once there are articles."""
        receiving = asyncio.create_task(self._unless_stopped(self._receive()))
        try:
            if await self._fill_store():
                self._dispatcher.release()
                self._say(operator_messages.running(self._application.bot.username))
                await receiving
        finally:
            self.stop()
            await receiving

    async def _serve_http(self, stack: AsyncExitStack) -> None:
        """Start the HTTP server if there is a webhook, or CITEBOT_LISTEN is set."""
        settings, address = self._settings, self._settings.listen
        webhook = None
        if settings.webhook_url:
            address = address or _WEBHOOK_ADDRESS
            webhook = Webhook(settings.webhook_secret or "", self._dispatcher.receive, self._has_room, self._metrics)
        if address is not None:
            health = Health(
                self._resources.engine,
                self._metrics,
                is_reachable=lambda: self._alerts.reachable,
                is_receiving=lambda: self._is_receiving,
            )
            await stack.enter_async_context(serve_http(address, health, webhook, settings.webhook_url))

    def _has_room(self) -> bool:
        return self._is_receiving and not self._dispatcher.is_full

    async def _connect(self) -> None:
        """Wait for Telegram, say what @BotFather should switch, and set the menus; raise InvalidToken."""
        await retry_until_accepted(self._application.initialize, self._report_unreachable())
        self._alerts.polled()
        listens = self._resources.groups.listens_anywhere()
        compared = compare(self._application.bot.bot, self._settings, listens=listens)
        for line in (*compared.problems, *compared.notes):
            self._say(line)
        await set_menus(self._application.bot, self._settings, self._resources.roles)

    def _report_unreachable(self) -> Callable[[TelegramError], None]:
        is_known = False

        def report(error: TelegramError) -> None:
            nonlocal is_known
            if not is_known:
                self._say(operator_messages.NOT_REACHED)
            is_known = True
            _LOG.debug("Telegram cannot be reached: %s", error)
            self._alerts.poll_failed(error)

        return report

    async def _fill_store(self) -> bool:
        """Load articles into a new store, while updates wait in the inbox; return False if the bot is to end."""
        ending = asyncio.create_task(self._stop_job())
        await self._handlers.reload.fill(self._say)
        ending.cancel()
        if self._stopping.is_set():
            return False
        self._refresh.begin(self._application.bot)
        self._handlers.notices.begin(self._application.bot)
        self._handlers.weekly_digest.begin(self._application.bot)
        self._alerts.start(self._application.bot, self._settings.admins)
        return True

    async def _stop_job(self) -> None:
        await self._stopping.wait()
        await self._handlers.jobs.close()

    async def _receive(self) -> None:
        """Receive updates until cancelled; raise Refused or InvalidToken."""
        bot, settings = self._application.bot, self._settings
        if settings.webhook_url:
            self._is_receiving = True  # Telegram may still post to the webhook that the last run set
            await keep_webhook(bot, settings, self._alerts)
        await retry_until_accepted(
            bot.delete_webhook, FailureReporter(self._alerts, "Updates cannot be fetched yet").report
        )
        self._is_receiving = True
        async with AiohttpRequest(connections=1, proxy=settings.proxy) as request:
            await LongPolling(
                bot,
                request,
                self._dispatcher.receive,
                is_full=lambda: self._dispatcher.is_full,
                alerts=self._alerts,
                allowed=allowed_updates(settings),
            ).run()

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do something, or cancel it when the bot is to end; return whether it was done and the bot goes on."""
        task, stopping = asyncio.create_task(work), asyncio.create_task(self._stopping.wait())
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not task.done():
            task.cancel()
            for failure in await asyncio.gather(task, return_exceptions=True):
                if isinstance(failure, Exception):
                    _LOG.warning("This failed while the bot was stopping: %s", failure)
            return False
        try:
            task.result()
        except (InvalidToken, Refused):
            self._refuse()
        return not self._stopping.is_set()

    def _refuse(self) -> None:
        self._is_refused = True
        self.stop()

    async def _finish(self) -> None:
        self._is_receiving = False
        if self._dispatcher.in_hand:
            self._say(alert_messages.finishing(self._dispatcher.in_hand))
        ending = asyncio.create_task(self._end_jobs())
        await self._dispatcher.stop(self._resources.engine.end_questions)
        await self._processor.close()
        await ending

    async def _end_jobs(self) -> None:
        await self._refresh.close()
        await self._handlers.notices.close()
        await self._handlers.weekly_digest.close()
        try:
            async with asyncio.timeout(_LONGEST_JOB_STOP):
                await self._handlers.jobs.close()
        except TimeoutError:
            _LOG.warning("The admin who started a load could not be told that it was stopped.")

    async def _shut_down(self) -> None:
        await self._end_jobs()
        await self._alerts.close()
        await self._application.shutdown()
        await self._request.shutdown()  # the application leaves it open if Telegram refused the token
