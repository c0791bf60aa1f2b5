"""The handlers -> an application of python-telegram-bot that takes updates from the inbox."""

from typing import Any, Never

from telegram.ext import Application, ApplicationBuilder, BaseRateLimiter
from telegram.request import BaseRequest

from bot.settings import Settings
from bot.telegram.handlers import Handlers
from bot.telegram.sending.request import AiohttpRequest

App = Application[Any, Any, Any, Any, Any, Any]


class BotApplication(Application[Any, Any, Any, Any, Any, Any]):
    """An application that leaves errors to whoever gave it the update."""

    async def process_error(self, update: object, error: Exception, *_: object, **__: object) -> Never:
        """Raise what a handler has raised."""
        del update
        raise error


def build_application(
    settings: Settings,
    token: str,
    handlers: Handlers,
    *,
    request: BaseRequest | None = None,
    rate_limiter: BaseRateLimiter[Any] | None = None,
) -> App:
    """Return the application with these handlers; requests go out through `rate_limiter` over `request`."""
    request = request or AiohttpRequest(proxy=settings.proxy)
    builder: ApplicationBuilder[Any, Any, Any, Any, Any, Any] = (
        ApplicationBuilder()
        .application_class(BotApplication)
        .token(token)
        .updater(None)  # updates come from the inbox
        .job_queue(None)
        .request(request)
        .get_updates_request(request)  # else the library creates one, which fails on a system-wide SOCKS proxy
        .base_url(settings.api_url)
        .base_file_url(settings.file_url)
    )
    application = (builder.rate_limiter(rate_limiter) if rate_limiter else builder).build()
    application.add_handlers(handlers.table())
    return application
