"""The bot's texts for admins and operators that nobody asked for: what is wrong, what was, and what to switch in @BotFather."""

from collections.abc import Iterator, Sequence

from bot.rendering.operator_messages import count
from bot.state import DeadLetter

INLINE_IS_OFF = (
    "Inline mode is off: nobody can ask the bot in other chats by typing its name and a question. To switch it on, send"
    " /setinline to @BotFather; /setinlinefeedback too if the quotations that people choose are to be recorded."
)
GUEST_MODE_IS_OFF = (
    "CITEBOT_GUESTS is on, but the bot's guest mode is off, so Telegram does not pass on mentions in chats that it is no"
    " member of. Switch guest mode on in the settings of the bot in @BotFather."
)
GUESTS_NOT_ANSWERED = (
    "The bot's guest mode is on, but CITEBOT_GUESTS is not: mentions in chats that it is no member of stay without an"
    " answer. Set CITEBOT_GUESTS=1, or switch guest mode off in the settings of the bot in @BotFather."
)
PRIVACY_IS_ON = (
    "The bot is to listen in a group (/listen on), but privacy mode is on, so it gets plain messages only where it is an"
    " admin of the group. To switch privacy mode off, send /setprivacy to @BotFather, choose Disable, and add the bot to the"
    " group again."
)
PRIVACY_IS_OFF = (
    "Privacy mode is off: Telegram passes on every message in the bot's groups. The bot needs only those that are for it."
    " To switch privacy mode on, send /setprivacy to @BotFather and choose Enable."
)

_LISTED = 5  # dead letters


def dead_letters(letters: Sequence[DeadLetter]) -> Iterator[str]:
    """List the updates that could not be processed, latest first, and say what to do; nothing if there are none."""
    if not letters:
        return
    yield f"{count(len(letters), 'update')} from Telegram could not be processed:"
    for letter in letters[:_LISTED]:
        yield f"  {letter.at:%Y-%m-%d %H:%M} UTC, update {letter.update_id}: {letter.reason}"
    if len(letters) > _LISTED:
        yield f"  and {len(letters) - _LISTED:,} earlier."
    yield "For details, search the log for the update's number. Updates are dropped from this list after 30 days."


def group_upgraded(old: int, new: int) -> str:
    """Return an alert that an allowed group has a new id."""
    return f"The group {old} in CITEBOT_ALLOW is now a supergroup. I still answer there; please put its new ID in place of the old one: {new}"


def put_aside(number: int, newest: int, reason: str) -> str:
    """Return an alert about updates that could not be processed; `newest` is the id of the last one."""
    which = f"Update {newest}" if number == 1 else f"{count(number, 'update')}, the last one {newest},"
    return f"{which} could not be processed: {reason}\nRun `citebot doctor` to list such updates."


def engine_away(begun: str, why: str) -> str:
    """Return an alert that no question can be answered."""
    return f"Since {begun}, the articles cannot be reached: {why}\nQuestions are kept, and answered afterwards."


def engine_back(ended: str) -> str:
    """Return an alert that questions are answered again."""
    return f"Since {ended}, the articles can be reached again. What was asked in the meantime is being answered."


def not_receiving(begun: str, why: str) -> str:
    """Return an alert that no messages come in."""
    return f"Since {begun}, messages cannot be fetched from Telegram: {why}\nI keep trying; nothing is lost in the meantime."


def receiving_again(ended: str) -> str:
    """Return an alert that messages come in again."""
    return f"Since {ended}, messages can be fetched from Telegram again."


def was_not_receiving(begun: str, ended: str, why: str) -> str:
    """Return an alert about a past outage that could not be reported before."""
    return f"From {begun} to {ended}, messages could not be fetched from Telegram: {why}\nWaiting messages are being answered now."


def was_not_sending(begun: str, ended: str, why: str) -> str:
    """Return an alert about a time when nothing could be sent."""
    return f"From {begun} to {ended}, messages could not be sent: {why}"


def finishing(in_hand: int) -> str:
    """Return a message that the bot is stopping, and how long that may take."""
    return f"Stopping. Answering {count(in_hand, 'remaining update')} first; this may take some seconds."


def telegram_not_asked(error: object) -> str:
    """Return a note that the bot's own data could not be fetched, and why."""
    return f"Telegram could not be asked about the bot: {error}. Check the network, CITEBOT_API_URL and CITEBOT_PROXY."
