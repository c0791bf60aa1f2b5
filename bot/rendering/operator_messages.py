"""The bot's texts for who runs it, in English: what a terminal, a log and admins show of articles and questions."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from bot.opening import nothing_loaded
from bot.rendering.ages import day, moment
from bot.settings import Settings
from retrieval.records import Hit

NO_QUESTION_YET = "Ask a question first."
NOTHING_SHOWN = "The last question got no answer. Type /more to see what comes closest."

NOT_SET_UP = (
    "There is no bot token. Put CITEBOT_TOKEN=<the token from @BotFather> into a file named .env in this folder,"
    " or set it in the environment."
)
REFUSED_BY_TELEGRAM = "Telegram rejected the bot token. Copy CITEBOT_TOKEN from @BotFather again."
NOT_REACHED = "Telegram cannot be reached. The bot keeps trying; if this lasts, check the network and CITEBOT_API_URL."

LOADING = "Reading the articles …"
WAITING_FOR_LOAD = "Another process is already reading the articles. Waiting for it to finish …"
LOAD_BUSY = "The articles are already being loaded. Try again when that has finished."
LOAD_INTERRUPTED = "Progress is saved; run the same command to continue."
LOAD_STOPPED = "Loading was stopped because the bot is shutting down."
LOAD_CANCELLED = (
    "This was cancelled. The articles are as they were, and the next load continues where this one stopped."
)
LOAD_FAILED = "Loading failed. The bot's log says why."
STATE_FAILED = "What was asked cannot be read now. The bot's log says why."
NOTHING_READ = "No articles could be read. Set CITEBOT_ARTICLES to where they are, or run `citebot load PATH`."
NOT_LOADED = "Nothing was loaded."

WAS_NOT_ANSWERED = "The question was not answered, so there is nothing to check."
CHANNELS = {"telegram": "Telegram", "console": "the console"}
VERDICTS = {
    "current": "correct; the article still says this",
    "changed": "was correct; the article has since changed{since}",
    "removed": "was correct; the article has since been removed{since}",
    "broken": "wrong: the article says something else there",
    "gone": "cannot be checked: that version of the article is no longer kept",
}  # of citations, by their verdict

STALE_DAYS = 30  # since the sources were read, after which a person is told


def running(username: str) -> str:
    """Return that the bot runs, and under which name."""
    return f"@{username} is running."


def load_failed(reason: str) -> str:
    """Say why a load failed."""
    return f"Loading failed: {reason}"


def count(number: int, noun: str) -> str:
    """Count things: `1 article`, `2 articles`, `1,200 sentences`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def place(hit: Hit) -> str:
    """Return the position of a hit in its article."""
    return f"sentence {hit.position} of {hit.of}"


def no_such_answer(shown: int) -> str:
    """Return which answers there are to choose from."""
    return "Only answer 1 was shown." if shown == 1 else f"Choose an answer from 1 to {shown}."


def changed_since(changed: str, *, gone: bool = False) -> str:
    """Return a note that a quoted article has changed, or is `gone`; `changed` is when (ISO 8601), or "" if unknown."""
    when = f" ({moment(changed)})" if changed else ""
    return f"The article has since {'been removed' if gone else 'changed'}{when}. This is the version that was quoted."


def questions_kept(number: int, since: str, keep_days: int) -> str:
    """Return how many questions are kept, since when, and for how long."""
    return f"{count(number, 'question')} kept since {day(since)}; each is kept for {count(keep_days, 'day')}."


def nothing_asked(*, unanswered: bool, keep_days: int) -> str:
    """Return why a list of questions is empty."""
    if not keep_days:
        return "No questions are kept because CITEBOT_KEEP_DAYS is 0."
    kind = "No unanswered questions are on record." if unanswered else "No questions are on record."
    return f"{kind} Questions from Telegram and `citebot console` are kept for {count(keep_days, 'day')}."


def first_load(settings: Settings, sources: Iterable[str]) -> str:
    """Return why a load starts by itself."""
    return f"{nothing_loaded(settings)} yet. Reading the articles in {', '.join(sources)} …"


def empty_engine(settings: Settings) -> str:
    """Return that an engine holds no articles, and what may be the reason."""
    return f"{nothing_loaded(settings)}. Check CITEBOT_ENGINE, or load articles into it with `citebot load PATH`."


def stale(read: str | None, today: date) -> str:
    """Return a hint that the sources were last read long ago, at `read` (ISO 8601); "" if not, or if that is unknown."""
    days = (today - date.fromisoformat(read[:10])).days if read else 0
    if days <= STALE_DAYS:
        return ""
    return f"The sources were last read {days:,} days ago. `citebot load` reads what has changed since."


def watch_refused(error: object) -> str:
    """Return a message that the system reports no changes, what happens instead, and what to do about it."""
    return (
        f"The system does not report changes in the articles ({error}), so they are compared every ten seconds. Raise"
        " fs.inotify.max_user_watches or fs.inotify.max_user_instances (sysctl), and restart the bot."
    )


def readable_by_others(path: Path) -> str:
    """Return a problem: any user of the machine can read a file with secrets, articles or questions."""
    return f"Any user of this machine can read {path}. `citebot doctor --fix` or `chmod o-rwx {path}` changes that."


def left_over(path: Path) -> str:
    """Return a problem: an ended process left a file or a folder."""
    return f"{path} was left by a process that has ended. `citebot doctor --fix` deletes it."


def not_mended(path: Path, error: Exception) -> str:
    """Return why a problem was not mended."""
    return f"{path} was not mended: {error}"


def source_failed(spec: str, read: str, outcome: str) -> str:
    """Return a problem: a source could not be read the last time, at `read` (ISO 8601)."""
    return f"{spec} could not be read on {read[:10]}: {outcome}"


def given_up(number: int) -> str:
    """Return a problem: updates from Telegram were given up in the last day."""
    return f"{count(number, 'update')} from Telegram could not be processed in the last day; they are listed below."


def backup_age(made: datetime | None, now: datetime) -> str:
    """Return when the newest backup was made."""
    if made is None:
        return "There is no backup yet. `citebot backup FILE` makes one."
    return f"The newest backup is {count((now - made).days, 'day')} old."


def source_refused(spec: str, error: object) -> str:
    """Return a message that a source was not added, and why."""
    return f"{spec} was not added: {error}"


NO_JSON = "it is not valid JSON"
NO_UPDATE_ID = "it has no update_id"


def not_an_update(path: object, line: int, problem: str) -> str:
    """Return which line of a file was skipped, and why."""
    return f"{path}, line {line}: skipped because {problem}. Each line must be one update as Telegram sends it."


def repeated_update(path: object, line: int, update: int) -> str:
    """Return a message that a line was skipped because an earlier one has the same update."""
    return f"{path}, line {line}: skipped because update {update} appears earlier in the file."


def no_updates(path: object) -> str:
    """Return a message that there is nothing to simulate."""
    return f"{path} contains no updates."


def simulated(updates: int, calls: int) -> str:
    """Return how much was simulated."""
    return f"{count(updates, 'update')}, {count(calls, 'call')}. Nothing was sent."


def simulation_failed(update: int, error: Exception) -> str:
    """Return which update the bot could not read or handle."""
    return f"Update {update} failed: {type(error).__name__}: {error}"
