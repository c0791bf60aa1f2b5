"""A question -> what it asks for: who, when, how_many, ... by the patterns of its language.

The patterns are data: `question_types` in the word lists of `retrieval/text/wordlists/`. They are matched against the
normalised words with one space between and around them; in languages without spaces, against the question as typed.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache

from retrieval.text.analyzer import normalize
from retrieval.text.languages import UNSPACED, word_lists
from retrieval.text.word_kinds import kind_asked

TYPES = (
    "who", "when", "year", "where", "how_many", "amount", "why", "how", "which", "what", "define", "yes_no", "name",
    "person", "other",
)  # fmt: skip
_ASKING = frozenset({"which", "what"})
_NEAR = 4  # words after those in which the thing asked for is named
_BY_TYPE = {"who": "person", "where": "place"}
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_FINAL_MARKS = "？?。.！! "


def question_types(question: str, language: str, words: Iterable[str]) -> frozenset[str]:
    """Return the types of a question, {"other"} if no pattern matches; `words` are its normalised words in order."""
    text = question.rstrip(_FINAL_MARKS) if language in UNSPACED else f" {' '.join(words)} "
    found = frozenset(name for name, pattern in _patterns(language).items() if pattern.search(text))
    return found or frozenset({"other"})


@cache
def _patterns(language: str) -> dict[str, re.Pattern[str]]:
    listed = word_lists(language).get("question_types", {})
    if language not in UNSPACED:  # й and ς are и and σ in normalised words
        listed = {name: _FOREIGN.sub(lambda found: normalize(found[0], language), one) for name, one in listed.items()}
    return {name: re.compile(pattern) for name, pattern in listed.items()}


def kinds_asked(words: Sequence[str], types: Collection[str]) -> int:
    """Return the bits of the kinds of things that an English question asks for, 0 if it asks for none.

    "Which city" and "what is the capital" ask for a city, "who" for a person; `words` are its normalised words in order.
    """
    if not _ASKING.isdisjoint(words):
        first = min(place for place, word in enumerate(words) if word in _ASKING)
        after = (kind_asked(word) for word in words[first + 1 : first + 1 + _NEAR])
        return next(filter(None, after), 0)
    return sum({kind_asked(noun) for name, noun in _BY_TYPE.items() if name in types})
