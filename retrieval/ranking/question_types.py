"""A question -> what it asks for: who, when, how_many, ... by the patterns of its language.

The patterns are data: `question_types` in the word lists of `retrieval/text/wordlists/`. They are matched against the
normalised words with one space between and around them; in languages without spaces, against the question as typed.
"""

import re
from collections.abc import Iterable
from functools import cache

from retrieval.text.languages import UNSPACED, word_lists

TYPES = (
    "who", "when", "year", "where", "how_many", "amount", "why", "how", "which", "what", "define", "yes_no", "name",
    "person", "other",
)  # fmt: skip
_FINAL_MARKS = "？?。.！! "


def question_types(question: str, language: str, words: Iterable[str]) -> frozenset[str]:
    """Return the types of a question, {"other"} if no pattern matches; `words` are its normalised words in order."""
    text = question.rstrip(_FINAL_MARKS) if language in UNSPACED else f" {' '.join(words)} "
    found = frozenset(name for name, pattern in _patterns(language).items() if pattern.search(text))
    return found or frozenset({"other"})


@cache
def _patterns(language: str) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern) for name, pattern in word_lists(language).get("question_types", {}).items()}
