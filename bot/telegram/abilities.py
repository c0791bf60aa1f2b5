"""What the owner of a bot has switched on in @BotFather, compared with what the settings need."""

import asyncio
import re
from typing import NamedTuple

from telegram import Bot, User
from telegram.error import InvalidToken, TelegramError

from bot.rendering import alert_messages, operator_messages
from bot.settings import Settings
from bot.state import Groups
from bot.telegram.sending.request import AiohttpRequest

TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_LONGEST = 10.0  # seconds


class Compared(NamedTuple):
    """What does not work as it is set, and what might not be intended, each with what to do about it."""

    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def compare(bot: User, settings: Settings, *, listens: bool) -> Compared:
    """Compare what Telegram says about a bot with the settings, and with whether it listens in any group."""
    reads_all = bot.can_read_all_group_messages
    notes = {
        alert_messages.INLINE_IS_OFF: not bot.supports_inline_queries,
        alert_messages.GUESTS_NOT_ANSWERED: bot.supports_guest_queries and not settings.guests,
        alert_messages.PRIVACY_IS_OFF: reads_all and not listens,
        alert_messages.PRIVACY_IS_ON: listens and not reads_all,
    }
    problems = {alert_messages.GUEST_MODE_IS_OFF: settings.guests and not bot.supports_guest_queries}
    return Compared(*(tuple(text for text, applies in those.items() if applies) for those in (problems, notes)))


async def examine_bot(settings: Settings, token: str) -> Compared:
    """Ask Telegram about a bot, and compare."""
    if not TOKEN.fullmatch(token):
        return Compared()  # a malformed token is a problem of the settings, and would go into an address
    try:
        async with asyncio.timeout(_LONGEST), AiohttpRequest(connections=1, proxy=settings.proxy) as request:
            bot = Bot(token, settings.api_url, request=request, get_updates_request=request)
            listens = settings.state.is_file() and Groups(settings.state, None).listens_anywhere()
            return compare(await bot.get_me(), settings, listens=listens)
    except InvalidToken:  # its text shows the token
        return Compared((operator_messages.REFUSED_BY_TELEGRAM,))
    except TelegramError as error:
        return Compared(notes=(alert_messages.telegram_not_asked(error.message),))
    except TimeoutError:
        return Compared(notes=(alert_messages.telegram_not_asked("it took too long"),))
