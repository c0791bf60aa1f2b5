"""The bot's own words to admins in Telegram, and on buttons; in plain text without markup."""

from collections.abc import Iterator, Sequence

from bot.rendering import messages
from bot.rendering.messages import count
from bot.state import DeadLetter

# Below a message that somebody else was asked with: the same for every stranger and every button.
NOT_YOUR_BUTTON = "This button is not for you."
BUTTON_TOO_OLD = "This was answered already, or is too old. Nothing was changed."
PRESS_FAILED = "Something went wrong here. Please try it again in a moment."

HELP = "Send me a document, or forward a channel post to me, and I ask whether to add it to the articles."

BACK, NEXT = "◀", "▶"
TO_LIST = "◀ Back"
DELETE, REALLY_DELETE, KEEP = "Delete", "Delete it", "Keep it"
ADD, DO_NOT_ADD = "Add", "Do not add"
LOAD, DO_NOT_LOAD = "Load", "Cancel"

RELOAD_USAGE = "/reload shows what would change and asks; /reload now reads the articles at once."
LOOKING = "Looking at what would change …"
NOT_LOADED = "Nothing was loaded."
PREVIEW_TOO_OLD = "The articles have changed since. Send /reload to see what would change now."
NOW, THEN = "Now:", "Then:"

ARTICLE_GONE = "This article is not in the store any more."
ARTICLE_CHANGED = "This article has changed meanwhile. Look at it again before you delete it."
NOTHING_DELETED = "Nothing was deleted."
DELETING = "Deleting …"
DELETED = "Deleted, and the file with it that was sent here."
DELETED_HERE = "Deleted. If its source still has it, the next reload brings it back."

NOT_ADDED = "Nothing was added:"
LEFT_OUT = "Nothing was added."
FETCHING = "Fetching the file …"
ADDING = "Adding …"
NOT_FETCHED = "Telegram did not give the file. Please send it again."
NOT_KEPT = "The file could not be kept here; the log of the bot says why."
SAY_NO_TEXT = "There is no text in this post to add."

ADD_USAGE = "Put the address of a page, a feed or a sitemap after the command, such as: /add https://example.org/news"
NO_SOURCES = "No source was added yet: /add does."
SENT_HERE = "what was sent here"
NOT_READ_YET = "not read yet"
SOURCE_GONE = "This source is not in the list any more."
SOURCE_REMOVED = "Taken out of the sources. Its articles stay; /articles deletes them."
SOURCE_STAYS = "The address stays among the /sources, and the next reload tries it again."
NOTHING_REMOVED = "Nothing was taken out."
REALLY_REMOVE = "Take it out"

MEGABYTE = 2**20
MOST_MEGABYTES = 20
"""What Telegram lets a bot download."""


def no_article_like(word: str) -> str:
    """Say that a search for articles found none."""
    return f"No article has “{word}” in its title or id."


def really_delete(title: str) -> str:
    """Ask before an article is deleted."""
    return f"Really delete “{title}”?"


def add_document(name: str, size: int | None) -> str:
    """Ask before a document is added; `size` in bytes."""
    told = "" if size is None else f" ({_size(size)})"
    return f"Add {name}{told} to the articles?"


def add_post(title: str) -> str:
    """Ask before a forwarded post is added."""
    return f"Add the post “{title}” to the articles?"


def too_large(name: str) -> str:
    """Say that Telegram does not give a file to bots."""
    return f"{name} is larger than {MOST_MEGABYTES} MB, which is more than Telegram gives to bots. Load it with `citebot load`."


def cannot_read(name: str, suffixes: list[str]) -> str:
    """Say which files can be read."""
    return f"I cannot read {name}. I read files that end in {', '.join(suffixes)}."


def article_details(sentences: int, characters: int, loaded: str) -> str:
    """Say how long an article is and when it was read."""
    return f"{messages.count(sentences, 'sentence')}, {messages.count(characters, 'character')}, read {loaded}"


def _size(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE else f"{max(1, round(size / 1024)):,} KB"


def answers_would_change(changed: int, asked: int) -> str:
    """Say how many first answers a load would change."""
    if not changed:
        return f"Of {messages.count(asked, 'question')} asked last, none would get another first answer."
    return f"Of {messages.count(asked, 'question')} asked last, {changed:,} would get another first answer:"


def more_answers(number: int) -> str:
    """Say how many changed answers a message does not show."""
    return f"… and {number:,} more: `citebot load --preview` shows them."


def more_sources(number: int) -> str:
    """Say how many sources a list does not show."""
    return f"… and {number:,} more: `citebot sources list` shows them."


def read_in_any_case(names: str) -> str:
    """Name the sources of the settings."""
    return f"Read in any case: {names} (CITEBOT_ARTICLES)."


def read_at(moment: str) -> str:
    """Say when a source was last read."""
    return f"read {moment}"


def really_remove(name: str, articles: int) -> str:
    """Ask before a source is taken out."""
    return f"Take {name} out of the sources? What was read from it stays ({messages.count(articles, 'article')})."


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
