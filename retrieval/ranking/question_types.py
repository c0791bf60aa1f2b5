"""A question -> what it asks for: who, when, how_many, ... by patterns of its language, which are data.

The patterns stand in `retrieval/wordlists/` under `question_types`; they are matched against the normalised words with
one space between and around them, in Chinese against the question as it was typed.
"""

import re
from collections.abc import Iterable
from functools import cache

from retrieval.text.languages import UNSPACED
from retrieval.text.lexicon import word_list

TYPES = (
    "who", "when", "year", "where", "how_many", "amount", "why", "how", "which", "what", "define", "yes_no", "name",
    "person", "other",
)  # fmt: skip
_MARKS = "？?。.！! "


def question_types(question: str, language: str, words: Iterable[str]) -> frozenset[str]:
    """Give what a question asks for, {"other"} where no pattern fits; `words` are its normalised words in order."""
    text = question.rstrip(_MARKS) if language in UNSPACED else f" {' '.join(words)} "
    return frozenset(name for name, pattern in _patterns(language).items() if pattern.search(text)) or frozenset(
        {"other"}
    )


@cache
def _patterns(language: str) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern) for name, pattern in word_list(language).get("question_types", {}).items()}
