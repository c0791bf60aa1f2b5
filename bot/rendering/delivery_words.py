"""The bot's own words on how messages come in and go out; in plain text without markup."""

from bot.rendering import words


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
    which = f"Update {newest}" if number == 1 else f"{words.count(number, 'update')}, the last of them {newest},"
    verb = "was" if number == 1 else "were"
    return f"{which} could not be dealt with and {verb} put aside: {reason}\n`citebot doctor` lists what was put aside."
