"""The bot's texts for admins: plain text without markup."""

from collections.abc import Sequence

from bot.rendering.load_messages import changes, failures, named_articles
from bot.rendering.operator_messages import count
from retrieval.records import LoadReport

HELP = "Send me a document or forward me a channel post, and I'll ask whether to add it to the articles."

RELOAD_USAGE = "/reload shows what would change and asks before loading. /reload now loads at once."
CHECKING = "Checking what would change …"
LOAD, CANCEL = "Load", "Cancel"
NOTHING_TO_RELOAD = (
    "There is nothing to reload: CITEBOT_ARTICLES is not set, and no sources have been added."
    " Use /add, or send me a document."
)
REMOVE_VANISHED = "To remove what is no longer in the sources, send /reload."
CANCELLING = "Cancelling what is under way …"
NOTHING_TO_CANCEL = "Nothing is under way."
WAITS = "The articles are being changed. This starts as soon as that is done."
WAITS_ALREADY = "This starts by itself as soon as its turn comes."
PREVIEW_TOO_OLD = "The articles have changed since this preview. Send /reload for a new one."

BACK_TO_LIST = "◀ Back"
DELETE, REALLY_DELETE, KEEP = "Delete", "Yes, delete it", "No, keep it"
ARTICLE_GONE = "This article is no longer in the store."
ARTICLE_CHANGED = "This article has changed in the meantime. Check it again before you delete it."
NOTHING_DELETED = "Nothing was deleted."
DELETING = "Deleting …"
DELETED_WITH_FILE = "Deleted, along with the file that was sent here."
DELETED_FROM_STORE = "Deleted. If its source still has it, the next reload brings it back."

ADD, ADD_ALL, DO_NOT_ADD = "Add", "Add all", "Don't add"
REPLACE, ADD_BESIDE, ADD_ALL_BESIDE = "Replace", "Add beside", "Add all beside"
DOWNLOADING = "Downloading the file …"
ADDING = "Adding …"
NOTHING_ADDED = "Nothing was added."
NOTHING_ADDED_BECAUSE = "Nothing was added:"
NOT_LOADED_YET = "What was sent is saved; /reload reads it."
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

LISTEN_USAGE = (
    "In a group, /listen on lets me answer questions that are put to nobody when I am sure of the answer; /listen off"
    " ends that."
)
LISTENING = "From now on I answer questions here when I am sure of the answer, and keep silent otherwise. /listen off ends that."
NOT_LISTENING = "From now on I answer here only when I am asked."
PRIVACY_MODE = (
    "But I cannot see them yet: make me an admin of this group, or turn off my privacy mode with @BotFather (/setprivacy)"
    " and add me to the group again."
)

MEGABYTE = 2**20
MOST_MEGABYTES = 20  # that a bot may download from Telegram


def article_details(sentences: int, characters: int, loaded: str) -> str:
    """Return the length of an article and when it was read."""
    return f"{count(sentences, 'sentence')}, {count(characters, 'character')}, read {loaded}"


def really_delete(title: str) -> str:
    """Return the question before an article is deleted."""
    return f"Delete “{title}”?"


def add_document(name: str, size: int | None) -> str:
    """Return the question before a document is added; `size` in bytes."""
    return f"Add {_with_size(name, size)} to the articles?"


def replace_document(name: str, size: int | None, old: str, old_size: int, sent: str) -> str:
    """Return the question whether a document takes the place of an earlier one; sizes in bytes, `sent` is when the earlier one came."""
    new = "" if name == old else f" with {name}"
    compared = "" if size is None else f"; this one has {count(size, 'byte')}"
    return (
        f"Replace {old}{new} or add it beside?\n{old} was sent on {sent} and has {count(old_size, 'byte')}{compared}."
    )


def add_documents(documents: Sequence[tuple[str, int | None, str | None]]) -> str:
    """Return the question before an album is added: name, size in bytes and the file of that name, if there is one, of each document."""
    there = sum(old is not None for _, _, old in documents)
    question = f"Add these {len(documents)} documents to the articles?"
    if there:
        question += f" {there} of them {'has a name that is' if there == 1 else 'have names that are'} there already."
    lines = [f"• {_with_size(name, size)}{f', replaces {old}' if old else ''}" for name, size, old in documents]
    return "\n".join([question, *lines])


def replace_some(number: int) -> str:
    """Return the button that adds an album in which some documents take the place of earlier ones."""
    return f"Add all and replace {number}"


def load_and_remove(vanished: int, *, loads: bool) -> str:
    """Return the button that removes what has vanished, and loads if there is something to load."""
    return f"{'Load and remove' if loads else 'Remove'} {count(vanished, 'article')}"


def _with_size(name: str, size: int | None) -> str:
    return name if size is None else f"{name} ({_size(size)})"


def _size(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE else f"{max(1, round(size / 1024)):,} KB"


def add_post(title: str) -> str:
    """Return the question before a forwarded post is added."""
    return f"Add the post “{title}” to the articles?"


def downloading(number: int, of: int) -> str:
    """Return which document of an album is being downloaded."""
    return DOWNLOADING if of == 1 else f"Downloading file {number} of {of} …"


def too_large(name: str) -> str:
    """Return a message that a file is too large for Telegram to give to bots."""
    return (
        f"{name} is larger than {MOST_MEGABYTES} MB, the most a bot can download from Telegram."
        " Split it, or use `citebot load` on the computer where the bot runs."
    )


def not_downloaded(name: str) -> str:
    """Return a message that a file could not be downloaded."""
    return f"{name} could not be downloaded from Telegram. Please send it again."


def not_saved(name: str) -> str:
    """Return a message that a file could not be saved."""
    return f"{name} could not be saved. The bot's log says why."


def not_replaced(name: str) -> str:
    """Return a message that a file cannot be read, so that the earlier one stays."""
    return f"{name} was not replaced:"


def already_there(name: str, file: str) -> str:
    """Return a message that a file with the same content, perhaps under another name, was added before."""
    other = "" if file == name else f", as {file}"
    return f"{name} is there already{other}, with exactly this content. Nothing was changed."


def upload_report(report: LoadReport, same: Sequence[tuple[str, str]], kept: Sequence[str]) -> list[str]:
    """Describe the load of what was sent, in lines.

    `same` is what was there already, as names and files; `kept` are the files that could not be replaced.
    """
    lines = changes(report)
    lines += [already_there(name, file) for name, file in same]
    if not lines and report.unchanged:
        lines = [f"Unchanged: {named_articles(report.unchanged)}."]
    lines += map(not_replaced, kept)
    if not lines:
        lines = [NOTHING_ADDED_BECAUSE]
    return [*lines, *failures(report.failed)]


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
