"""What a document says of itself goes in; its title or author comes out, or nothing where a program wrote it."""

import re
from pathlib import PurePath

LONGEST = 300  # characters
NO_TITLE = re.compile(
    r"(?:untitled|unbenannt|sans titre|sin título|без имени|document|dokument|presentation|slide|word document"
    r"|powerpoint presentation|title|none|null|-)?[ _-]*\d*"
    r"|.*\.(?:docx?|odt|rtf|pdf|indd|qxd|tex|dvi|ps|pptx?|xlsx?|html?|txt)",
    re.IGNORECASE,
)
PROGRAM = re.compile(r"^(?:Microsoft (?:Office )?(?:Word|PowerPoint)\s*-\s*)", re.IGNORECASE)
NO_AUTHOR = re.compile(
    r"(?:python-docx|microsoft(?: office)?(?: user)?|office|user\d*|utente|admin(?:istrator)?|owner|unknown|anonymous"
    r"|author|default|root|pc|hp|dell|lenovo|acer|asus|none|null|-)?",
    re.IGNORECASE,
)


def sensible_title(title: str | None, file_name: str) -> str:
    """Return the title, unless it names a file or nothing: then an empty one."""
    words = PROGRAM.sub("", " ".join((title or "").split()))
    same = words.lower() in {file_name.lower(), PurePath(file_name).stem.lower()}
    return "" if same or len(words) > LONGEST or NO_TITLE.fullmatch(words) else words


def sensible_author(author: str | None) -> str | None:
    """Return the author, unless it is one that programs put there."""
    words = " ".join((author or "").split())
    return None if len(words) > LONGEST or NO_AUTHOR.fullmatch(words) else words
