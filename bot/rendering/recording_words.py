"""The words about recording updates and simulating them, in plain text without markup."""

from bot.rendering.words import count

RECORDING_KEEPS_TEXT = (
    "The texts of messages are kept in it, apart from phone numbers, addresses of mail and @names: look through it before"
    " you pass it on."
)
NO_JSON = "it is no JSON"
NO_UPDATE_ID = "it has no update_id"


def recording(path: object) -> str:
    """Say that updates are recorded."""
    return f"Every update is recorded in {path}, names and ids replaced. {RECORDING_KEEPS_TEXT}"


def recording_exists(path: object) -> str:
    """Say why a recording is not written."""
    return f"{path} is there already. Name another file for the recording."


def not_an_update(path: object, line: int, problem: str) -> str:
    """Say which line of a file was skipped, and why."""
    return f"{path}, line {line}: {problem}, skipped. A line holds one update as Telegram gives it."


def repeated_update(path: object, line: int, update: int) -> str:
    """Say why a line was skipped."""
    return f"{path}, line {line}: update {update} was there before, and is answered once."


def no_updates(path: object) -> str:
    """Say that there is nothing to simulate."""
    return f"{path} holds no update. `citebot telegram --record FILE` writes such files."


def simulated(updates: int, calls: int) -> str:
    """Say how much was simulated."""
    return f"{count(updates, 'update')}, {count(calls, 'call')}. Nothing was sent."


def simulation_failed(update: int, error: Exception) -> str:
    """Name an update that the bot could not read or handle."""
    return f"Update {update} failed: {type(error).__name__}: {error}"
