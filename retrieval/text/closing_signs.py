"""A sentence -> what its last sign says: that it asks, exclaims, or announces what follows it."""

_COLONS, _EXCLAMATION_MARKS = (":", "："), ("!", "！")
_QUESTION_MARKS = ("?", "？", "؟")
_GREEK_QUESTION_MARKS = (*_QUESTION_MARKS, ";", "\u037e")
_CLOSING, _CLOSING_QUOTES = ")]）*_", "\"'”’»"  # signs that may follow the last stop
_OPENING_QUOTES = (*_CLOSING_QUOTES, "“", "„", "«", "‘")


def asks(text: str, language: str) -> bool:
    """Whether a sentence is a question, and not one that quotes a question."""
    bare = text.rstrip(_CLOSING)
    if bare.startswith(_OPENING_QUOTES):
        bare = bare.rstrip(_CLOSING_QUOTES)
    return bare.endswith(_GREEK_QUESTION_MARKS if language == "el" else _QUESTION_MARKS)


def announces(text: str) -> bool:
    """Whether a sentence ends in a colon."""
    return _bare(text).endswith(_COLONS)


def exclaims(text: str) -> bool:
    """Whether a sentence ends in an exclamation mark."""
    return _bare(text).endswith(_EXCLAMATION_MARKS)


def _bare(text: str) -> str:
    return text.rstrip(_CLOSING + _CLOSING_QUOTES)
