"""Signs that stand in a text while it is made readable, and are gone when it is; no font that is known has them."""

import re
import unicodedata

GONE = "\U0010fff2"  # where something stood that is not read
WRAP = "\U0010fff3"  # where a line ended only because the source is wrapped
BEGIN, END = "\U0010fff4", "\U0010fff5"  # around code and links that must not be parted
RESERVED = re.compile("[\U0010fff0-\U0010ffff]")
WRAPPED = re.compile(f"[ \t]*{WRAP}[ \t{WRAP}]*")
STOP = re.compile(r"[.!?…:;。！？؟۔।॥](?!\Z)")
SPACES = f" \\t{WRAP}"
GAP = re.compile(f"[{SPACES}]*(?:{GONE}[{SPACES}]*)+")
CLOSING = tuple(".,;:!?…)]}»”’。，、；：！？）」』\n")
OPENING = tuple("([{«“‘（「『\n")


def close_gaps(text: str) -> str:
    """Remove the marks of what is not read, with one of two spaces beside them, and a space before punctuation."""

    def _closed(gap: re.Match[str]) -> str:
        start, end = gap.span()
        before, after = text[max(start - 1, 0) : start], text[end : end + 1]
        if not before or not after or before in OPENING or after in CLOSING:
            return ""
        return WRAP if WRAP in gap[0] else " "[: len(gap[0].strip(GONE))]

    return GAP.sub(_closed, text) if GONE in text else text


def unwrap(text: str) -> str:
    """Join lines that were only wrapped in the source."""

    def _joined(gap: re.Match[str]) -> str:
        start, end = gap.span()
        return separator(text[max(start - 1, 0) : start], text[end : end + 1])

    return WRAPPED.sub(_joined, text) if WRAP in text else text


def separator(before: str, after: str) -> str:
    """Return what stands between two parts of a paragraph where its source has a line break."""
    return "" if _is_unspaced(before[-1:]) and _is_unspaced(after[:1]) else " "


def keep_whole(text: str) -> str:
    """Mark a code span or link in which a sentence may seem to end."""
    text = without_marks(text)
    return f"{BEGIN}{text}{END}" if STOP.search(text) else text


def without_marks(text: str) -> str:
    """Remove the marks of `keep_whole`."""
    return text.replace(BEGIN, "").replace(END, "")


def _is_unspaced(character: str) -> bool:
    wide = bool(character) and unicodedata.east_asian_width(character) in "WF"
    return wide and not "\uac00" <= character <= "\ud7a3"  # Korean has spaces
