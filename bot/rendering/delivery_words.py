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
