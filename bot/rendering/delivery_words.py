"""The bot's own words on how messages come in and go out; in plain text without markup."""

from collections.abc import Iterator, Sequence

from bot.ledger import DeadLetter
from bot.rendering.words import count

_LISTED = 5


def dead_letters(letters: Sequence[DeadLetter]) -> Iterator[str]:
    """Say what was put aside, the latest first, and what to do about it; nothing where there is none."""
    if not letters:
        return
    were = "was" if len(letters) == 1 else "were"
    yield f"{count(len(letters), 'update')} from Telegram could not be dealt with and {were} put aside:"
    for letter in letters[:_LISTED]:
        yield f"  {letter.at:%Y-%m-%d %H:%M} UTC, update {letter.update_id}: {letter.reason}"
    if len(letters) > _LISTED:
        yield f"  and {len(letters) - _LISTED:,} before that."
    yield "The log of that time says more, by the number of the update. After 30 days they are forgotten."


def not_receiving(begun: str, why: str) -> str:
    """Tell admins that nothing comes in."""
    return f"Since {begun} no messages can be fetched from Telegram: {why}\nI keep trying; nothing is lost meanwhile."


def receiving_again(ended: str) -> str:
    """Tell admins that it is over."""
    return f"Since {ended} messages can be fetched from Telegram again."


def was_not_receiving(begun: str, ended: str, why: str) -> str:
    """Tell admins of a time when nothing came in and nothing could be told."""
    return f"From {begun} to {ended} no messages could be fetched from Telegram: {why}\nWhat waited is answered now."


def was_not_sending(begun: str, ended: str, why: str) -> str:
    """Tell admins of a time when nothing could be sent."""
    return f"From {begun} to {ended} no messages could be sent: {why}"


def put_aside(number: int, newest: int, reason: str) -> str:
    """Tell admins of updates that no try could answer; `newest` is the id of the last of them."""
    which = f"Update {newest}" if number == 1 else f"{count(number, 'update')}, the last of them {newest},"
    verb = "was" if number == 1 else "were"
    return f"{which} could not be dealt with and {verb} put aside: {reason}\n`citebot doctor` lists what was put aside."


def finishing(in_hand: int) -> str:
    """Tell the operator that the bot ends, and how long that may take."""
    whose = "One update is" if in_hand == 1 else f"{in_hand} updates are"
    return f"Ending. {whose} in hand and will be answered first, which may take a minute."


def too_many_questions(per_minute: int, seconds: int) -> str:
    """Ask somebody to wait."""
    return (
        f"That is more than {count(per_minute, 'question')} in a minute, and I serve others too. Please ask again in"
        f" {count(seconds, 'second')}; what comes before that I do not answer."
    )
