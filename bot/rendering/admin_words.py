"""The bot's own words to admins in Telegram, and on buttons; in plain text without markup."""

from bot.rendering import words

# Below a message that somebody else was asked with: the same for every stranger and every button.
NOT_YOUR_BUTTON = "This button is not for you."
BUTTON_TOO_OLD = "This was answered already, or is too old. Nothing was changed."
PRESS_FAILED = "Something went wrong here. Please try it again in a moment."

BACK, NEXT = "◀", "▶"
TO_LIST = "◀ Back"
DELETE, REALLY_DELETE, KEEP = "Delete", "Delete it", "Keep it"
ADD, DO_NOT_ADD = "Add", "Do not add"
LOAD, DO_NOT_LOAD = "Load", "Cancel"

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
    return f"{words.count(sentences, 'sentence')}, {words.count(characters, 'character')}, read {loaded}"


def _size(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE else f"{max(1, round(size / 1024)):,} KB"
