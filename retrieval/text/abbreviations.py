"""A language -> what a full stop after a word or a number says in it: its abbreviations, which are data.

The lists are in `wordlists/abbreviations/`, a file a language; those of `und` hold in every language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import accumulate, product

from retrieval.text.languages import UNKNOWN, abbreviation_lists, function_words

PARTS = re.compile(r"[-.]")
WORDS = re.compile(r"[^\W\d_]+")
SMALL_ROMAN = frozenset("".join(signs) for length in (2, 3, 4) for signs in product("ivx", repeat=length))
MIN_PART = 2  # letters
SAME_AS = {"nb": "no", "nn": "no"}  # Norwegian has three codes


class Kind(Enum):
    """What an abbreviation says about the end of a sentence; the values are the names of the lists."""

    TITLE = "title"  # never ends a sentence: a name follows
    NUMBER = "number"  # goes on before digits or a Roman number, otherwise ends
    DIGIT = "digit"  # goes on before digits, otherwise ends: it is also an ordinary word
    UNIT = "unit"  # may end a sentence after a number, otherwise it is a title
    NAME = "name"  # part of a name: ends a sentence only if the next word commonly begins one
    END = "end"  # ends a sentence if a capital follows


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """The abbreviations of a language, and the words that decide whether a sentence ends after one, all in lower case."""

    kinds: Mapping[str, Kind]  # by the word without its last full stop; single capital letters in upper case
    words: frozenset[str]  # the words that abbreviations are made of, and small Roman numbers
    endings: tuple[str, ...]  # of compounds: "str" for Hauptstr. 5
    openers: frozenset[str]  # words that commonly begin a sentence
    before_ordinal: frozenset[str]  # words after which a number with a full stop is an ordinal
    after_ordinal: frozenset[str]  # words before which it is one
    before_date: frozenset[str]  # words that begin a phrase of time: "In 1931"
    after_unit: frozenset[str]  # words that go with a unit: "5 p.m. Monday"
    parts: frozenset[str]  # beginnings of abbreviations of several words, and the abbreviations: "a.d", "a.d.n"
    ordinals: frozenset[str]  # "digits", "roman": these are ordinals wherever no opener follows

    def goes_on(self, before: str, word: str, following: str) -> bool:
        """Whether a word, its full stop and the word that follows belong to one abbreviation: "z. B."."""
        pair = f"{word}.{following}".lower()
        return pair in self.parts or (before.endswith(".") and before.lower() + pair in self.parts)

    def kind(self, word: str, before: str) -> Kind | None:
        """Return the kind of a word without its full stop; `before` is the word before it, "" if there is none."""
        joint = f"{before}{word}" if before.endswith(".") else f"{before}_{word}"  # "z. B." is "z.b"
        return self._listed(joint) or self._listed(word) or self._listed_part(PARTS.split(word)[-1])

    def _listed(self, word: str) -> Kind | None:
        """Look a word up as it is written, then in lower case: "π.Χ." is an era, "π.χ." is not; "M." is not "m."."""
        return self.kinds.get(word) or (self.kinds.get(word.lower()) if len(word) > 1 else None)

    def _listed_part(self, last: str) -> Kind | None:
        """Look up the last part of a compound: "Dipl.-Ing.", "Hauptstr."."""
        if len(last) < MIN_PART:
            return None
        return self._listed(last) or (Kind.NUMBER if last.lower().endswith(self.endings) else None)


@cache
def abbreviations(language: str) -> Abbreviations:
    """Return the abbreviations of a language; the English ones for a language without a file."""
    own = abbreviation_lists(SAME_AS.get(language, language)) if language != UNKNOWN else {}
    shared, own = abbreviation_lists(UNKNOWN), own or abbreviation_lists("en")
    kinds = {word: kind for lists in (shared, own) for kind in Kind for word in lists.get(kind.value, "").split()}

    def words(name: str) -> frozenset[str]:
        return frozenset(own.get(name, "").split())

    return Abbreviations(
        kinds=kinds,
        parts=frozenset(part for word in kinds for part in accumulate(word.split("."), "{}.{}".format) if "." in part),
        words=frozenset(part for word in kinds for part in WORDS.findall(word)) | SMALL_ROMAN,
        endings=tuple(words("endings")),
        openers=function_words(language) | words("openers"),
        ordinals=words("ordinals"),
        before_ordinal=words("before_ordinal"),
        after_ordinal=words("after_ordinal"),
        before_date=words("before_date"),
        after_unit=words("after_unit"),
    )
