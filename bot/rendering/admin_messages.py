"""The bot's texts for admins: plain text without markup."""

from collections.abc import Iterator, Sequence

from bot.rendering.messages import count
from bot.state import DeadLetter

HELP = "Send me a document or forward me a channel post, and I'll ask whether to add it to the articles."

RELOAD_USAGE = "/reload shows what would change and asks before loading. /reload now loads at once."
CHECKING = "Checking what would change …"
LOAD, DO_NOT_LOAD = "Load", "Cancel"
PREVIEW_TOO_OLD = "The articles have changed since this preview. Send /reload for a new one."

BACK_TO_LIST = "◀ Back"
DELETE, REALLY_DELETE, KEEP = "Delete", "Yes, delete it", "No, keep it"
ARTICLE_GONE = "This article is no longer in the store."
ARTICLE_CHANGED = "This article has changed in the meantime. Check it again before you delete it."
NOTHING_DELETED = "Nothing was deleted."
DELETING = "Deleting …"
DELETED_WITH_FILE = "Deleted, along with the file that was sent here."
DELETED_FROM_STORE = "Deleted. If its source still has it, the next reload brings it back."

ADD, DO_NOT_ADD = "Add", "Don't add"
DOWNLOADING = "Downloading the file …"
ADDING = "Adding …"
NOTHING_ADDED = "Nothing was added."
NOTHING_ADDED_BECAUSE = "Nothing was added:"
NOT_DOWNLOADED = "The file could not be downloaded from Telegram. Please send it again."
NOT_SAVED = "The file could not be saved. The bot's log says why."
POST_WITHOUT_TEXT = "This post has no text to add."

ADD_USAGE = "Put the address of a page, feed or sitemap after the command, for example: /add https://example.org/news"
NO_SOURCES = "No sources have been added yet. Use /add to add one."
UPLOADS = "uploads"
NOT_READ_YET = "not read yet"
REMOVE = "Yes, remove it"
SOURCE_GONE = "This source is no longer in the list."
SOURCE_REMOVED = "Source removed. Its articles are kept; use /articles to delete them."
SOURCE_KEPT = "The address stays in /sources, and the next reload tries it again."
NOTHING_REMOVED = "Nothing was removed."

MEGABYTE = 2**20
MOST_MEGABYTES = 20  # that a bot may download from Telegram
_LISTED = 5  # dead letters


def no_article_like(word: str) -> str:
    """Return a message that a search for articles found none."""
    return f"No article has “{word}” in its title or ID."


def article_details(sentences: int, characters: int, loaded: str) -> str:
    """Return the length of an article and when it was read."""
    return f"{count(sentences, 'sentence')}, {count(characters, 'character')}, read {loaded}"


def really_delete(title: str) -> str:
    """Return the question before an article is deleted."""
    return f"Delete “{title}”?"


def add_document(name: str, size: int | None) -> str:
    """Return the question before a document is added; `size` in bytes."""
    return f"Add {name}{'' if size is None else f' ({_size(size)})'} to the articles?"


def _size(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE else f"{max(1, round(size / 1024)):,} KB"


def add_post(title: str) -> str:
    """Return the question before a forwarded post is added."""
    return f"Add the post “{title}” to the articles?"


def too_large(name: str) -> str:
    """Return a message that a file is too large for a bot to download."""
    return f"{name} is larger than {MOST_MEGABYTES} MB, the most a bot can download from Telegram. Use `citebot load` instead."


def cannot_read(name: str, suffixes: Sequence[str]) -> str:
    """Return which types of file can be read."""
    return f"I can't read {name}. These file types work: {', '.join(suffixes)}."


def answers_would_change(changed: int, asked: int) -> str:
    """Return how many of the `asked` questions would get a different first answer after a load."""
    if not asked:
        return "No questions have been asked yet, so there are no answers to compare."
    if asked == 1:
        return f"The last question would get {'a different first answer:' if changed else 'the same first answer.'}"
    if not changed:
        return f"None of the last {asked:,} questions would get a different first answer."
    return f"{changed:,} of the last {asked:,} questions would get a different first answer:"


def more_answers(number: int) -> str:
    """Return how many changed answers a message does not show."""
    return f"… and {number:,} more; `citebot load --preview` shows them all."


def more_sources(number: int) -> str:
    """Return how many sources a list does not show."""
    return f"… and {number:,} more; `citebot sources list` shows them all."


def configured_sources(names: str) -> str:
    """Return the sources in the settings."""
    return f"Always read: {names} (CITEBOT_ARTICLES)."


def read_at(moment: str) -> str:
    """Return when a source was last read."""
    return f"read {moment}"


def really_remove(name: str, articles: int) -> str:
    """Return the question before a source is removed."""
    return f"Remove {name} from the sources? What was read from it is kept ({count(articles, 'article')})."


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


def put_aside(number: int, newest: int, reason: str) -> str:
    """Return an alert about updates that could not be processed; `newest` is the id of the last one."""
    which = f"Update {newest}" if number == 1 else f"{count(number, 'update')}, the last one {newest},"
    return f"{which} could not be processed: {reason}\nRun `citebot doctor` to list such updates."


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
    return f"Stopping. Answering {count(in_hand, 'remaining update')} first; this may take a minute."
