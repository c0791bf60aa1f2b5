"""A question and a sentence that answers it -> the part most likely to be the answer, or none where that is unsure.

A question that asks when, how many, who or where is answered by a date, a number or a name that it does not hold, near
the words that it does. How sure that is, is a logistic regression over a few figures of the mention and its rivals.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from retrieval.cues import PlaceCue, WordCue, listed_words, place_cues, word_cues
from retrieval.evidence import Query
from retrieval.languages import UNSPACED
from retrieval.matching import Matched
from retrieval.mentions import Mention, MentionKind, find_mentions
from retrieval.nearness import nearness

LEAST_SURE = 0.65  # probability; on development sets the mentions above it are right in some 85 of 100
FEW = 2  # words of a question after who someone is: fewer name only that person
MOST_HELD = 0.5  # share of its words that the question holds too: what is asked for is news


@dataclass(frozen=True, slots=True)
class Asked:
    """What questions of a type ask for."""

    type: str
    kind: MentionKind
    unless: frozenset[str]  # types of a question that is about something else: "what happened when ..."
    weights: Mapping[str, float]


_DATE = {"offset": 0.0, "density": 1.4, "margin": 4.8, "only": 2.3}
_NUMBER = {"offset": -0.2, "density": 1.1, "margin": 4.6, "only": 1.4, "one of two": 0.4, "in words": -0.6}
_PERSON = {
    "offset": -0.8, "density": 0.5, "margin": 4.1, "only": 0.8, "one of two": 0.4, "after place": -0.9, "long": 0.8,
    "begins alone": -0.8, "agent": 1.0,
}  # fmt: skip
_PLACE = {
    "offset": -1.2, "density": 0.4, "margin": 3.0, "only": 1.2, "one of two": 0.5, "after place": 0.7,
    "begins alone": -0.8, "agent": -1.0,
}  # fmt: skip
_WITHIN_OTHERS = {"what", "name"}  # without spaces "what time" is "what" too
_REASONS = {"why", "how", "yes_no"}
ASKED = (
    Asked("how_many", MentionKind.NUMBER, frozenset({"why", "yes_no"}), _NUMBER),
    Asked("year", MentionKind.DATE, frozenset({"who"} | _REASONS), _DATE),
    Asked("amount", MentionKind.NUMBER, frozenset({"who"} | _REASONS), _NUMBER),
    Asked("when", MentionKind.DATE, frozenset({"what", "who", "how_many", "amount", "name"} | _REASONS), _DATE),
    Asked("who", MentionKind.NAME, frozenset({"what", "name", "how_many", "amount"} | _REASONS), _PERSON),
    Asked("person", MentionKind.NAME, frozenset({"how_many", "amount"} | _REASONS), _PERSON),
    Asked("where", MentionKind.NAME, frozenset({"who", "how_many", "when"} | _REASONS), _PLACE),
)


def asked_for(query: Query) -> Asked | None:
    """Tell what a question asks for, None where that is no date, number or name."""
    types = query.types - _WITHIN_OTHERS if query.language in UNSPACED else query.types
    asked = next((one for one in ASKED if one.type in types and not one.unless & types), None)
    if asked is None or (asked.type == "year" and any(_is_year(term.word) for term in query.terms)):
        return None  # what happened in 1992 is not asked with a year for an answer
    content = [term for term in query.terms if not term.grammar]
    is_about_a_name = "define" in query.types and (len(content) < FEW or all(term.name for term in content))
    return None if is_about_a_name else asked


def _is_year(word: str) -> bool:
    return bool(word_cues(word, "") & WordCue.YEAR)


class _Sentence:
    """A sentence that answers, with what its mentions are judged by."""

    def __init__(self, matched: Matched) -> None:
        self.tokens = matched.tokens
        self.density = matched.shares @ nearness(matched.matches)
        self.cues = [word_cues(token.word, matched.language) for token in matched.tokens]
        self.places = place_cues(matched.text, matched.tokens, self.cues)
        self.agents = listed_words(matched.language, "agent")

    def near(self, mention: Mention) -> float:
        """Give how much of the question stands near a mention, 0 to 1."""
        return float(self.density[mention.first : mention.last].max())

    def figures(self, mention: Mention, rivals: Sequence[Mention]) -> dict[str, float]:
        """Give what speaks for a mention, itself among its rivals."""
        first, last = mention.first, mention.last
        others = [self.near(rival) for rival in rivals if rival is not mention]
        return {
            "offset": 1.0,
            "density": self.near(mention),
            "margin": self.near(mention) - max(others, default=0.0),
            "only": float(not others),
            "one of two": float(len(others) == 1),
            "after place": float(self._is_placed(first)),
            "long": float(last - first > 1),
            "begins alone": float(first == 0 and last == 1),
            "in words": float(last - first == 1 and not self.cues[first] & WordCue.NUMBER),
            "agent": float(first > 0 and self.tokens[first - 1].word in self.agents),
        }

    def _is_placed(self, first: int) -> bool:
        """Tell whether a mention stands behind a preposition of place, an article between them or not."""
        behind_article = first > 1 and self.tokens[first - 1].grammar
        return bool(self.places[first] & PlaceCue.PLACE) or (
            behind_article and bool(self.cues[first - 2] & WordCue.PLACE_BEFORE)
        )


def find_focus(query: Query, matched: Matched) -> tuple[int, int] | None:
    """Give the half-open offsets of what is most likely the answer in a sentence, None when unsure."""
    asked = asked_for(query)
    if asked is None or not matched.matches.size:
        return None
    sentence, rivals = _Sentence(matched), list(_rivals(asked, matched))
    sure = [_probability(sentence.figures(mention, rivals), asked.weights) for mention in rivals]
    best = max(sure, default=0.0)
    return rivals[sure.index(best)].span if best >= LEAST_SURE else None


def _rivals(asked: Asked, matched: Matched) -> Iterator[Mention]:
    """Give the mentions of a sentence that could be what is asked for, and are news."""
    held = matched.held
    for mention in find_mentions(matched.text, matched.tokens, matched.language):
        words = slice(mention.first, mention.last)
        in_form = asked.type != "year" or any(_is_year(token.word) for token in matched.tokens[words])
        if mention.kind is asked.kind and in_form and held[words].mean() < MOST_HELD:
            yield mention


def _probability(figures: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return 1 / (1 + math.exp(-sum(weight * figures[name] for name, weight in weights.items())))
