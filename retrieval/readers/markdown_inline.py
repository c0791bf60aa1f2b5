"""The inline tokens of a Markdown block -> its text as a reader sees it."""

import re
from collections.abc import Sequence

from markdown_it.token import Token

from retrieval.readers.signs import GONE, WRAP, close_gaps, keep_whole, unwrap, without_marks
from retrieval.readers.template_tags import HiddenTags

LINE_BREAK = re.compile(r"</?br\b", re.IGNORECASE)
BLOCK_TAG = re.compile(r"</?(?:p|div|ul|ol|li|dl|dt|dd|table|tr|td|th|h[1-6]|hr|blockquote)\b", re.IGNORECASE)
UNREAD_TAG = re.compile(r"<(/?)(?:script|style|template)\b", re.IGNORECASE)
PERMALINK = re.compile(rf"[\s¶§#🔗⚓\u200b\ufe0f{GONE}]*")
LINE_END = re.compile(r"\n[ \t]*(?:>[ \t]+)*")  # in a tag, with the mark of a quotation
SPACES = re.compile(r"[ \t]{2,}|\t")
ICON_OR_NOTE = re.compile(r"(?<![\w:]):(?=[a-z0-9_+-]*[a-z])[a-z0-9_+][a-z0-9_+-]+:(?![\w:])|\[\^\d{1,4}\]")
BLOCK_ID = re.compile(r"(?:\A|(?<!\s)\s++)\^(?:(?=[\w-]*[A-Za-z])[\w-]++|\d{6,}+)\s*+\Z")  # of Obsidian
ROLE = re.compile(r"(?<![\w}])\{[a-z][\w:.-]*\}\Z")
ROLE_TARGET = re.compile(r"\s*<[^<>]*>\Z")
SHOWN = {"softbreak": WRAP, "hardbreak": "\n", "image": GONE, "footnote_ref": GONE, "gone": GONE}
HAN = "\u3001-\u30ff\u3400-\u9fff\uff01-\uff5e"
PAIRS = (
    re.compile(r"(?<![\w+])\+\+([a-z][a-z0-9+-]*)\+\+(?!\+)"),  # keys
    re.compile(r"(?<=\w)\^([\w+-]{1,20})\^"),  # superscript
    re.compile(rf"(?<=[{HAN}])\*\*([^*]+)\*\*|\*\*([^*]+)\*\*(?=[{HAN}])"),  # CommonMark wants spaces around them
)


def inline_text(tokens: Sequence[Token], hidden: HiddenTags) -> str:
    """Return the text of a paragraph, with a line feed where a reader sees a line break."""
    parts: list[str] = []
    links: list[int] = []  # number of parts before each that is open
    unread = 0  # elements that are open
    for token in tokens:
        closing = UNREAD_TAG.match(token.content) if token.type == "html_inline" else None
        if closing:
            unread = max(unread + (-1 if closing[1] else 1), 0)
        elif token.type == "link_open":
            links.append(len(parts))
        elif token.type == "link_close" and links:
            _close_link(parts, links.pop())
        elif not unread:
            role = ROLE.search(parts[-1]) if token.type == "code_inline" and parts else None
            if role:  # of MyST
                parts[-1] = parts[-1][: role.start()]
            piece = _piece(token, hidden)
            parts.append(ROLE_TARGET.sub("", without_marks(piece)) if role else piece)
    if tokens and tokens[-1].type == "text":
        parts[-1:] = [BLOCK_ID.sub("", part) for part in parts[-1:]]
    return unwrap(close_gaps("".join(parts)))


def _close_link(parts: list[str], start: int) -> None:
    """Keep the text of a link whole; remove a link to the place where it stands, and one around a picture."""
    text = "".join(parts[start:])
    parts[start:] = [GONE if PERMALINK.fullmatch(text) else keep_whole(text)]


def _piece(token: Token, hidden: HiddenTags) -> str:
    if token.type == "text":
        return _text(hidden.remove(token.content))
    if token.type == "code_inline":
        return keep_whole(LINE_END.sub(" ", hidden.restore(token.content)))
    if token.type == "html_inline":
        return "\n" if LINE_BREAK.match(token.content) else f" {GONE}" if BLOCK_TAG.match(token.content) else GONE
    return SHOWN.get(token.type, token.content)  # of the ends of emphasis nothing


def _text(text: str) -> str:
    """Return running text without white space that is not seen, icons and signs that CommonMark does not know."""
    text = SPACES.sub(" ", ICON_OR_NOTE.sub(GONE, text))
    for pair in PAIRS:
        text = pair.sub(lambda found: found[1] or found[found.lastindex or 0], text)
    return text
