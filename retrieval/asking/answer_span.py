"""A question and a sentence that answers it -> the part most likely to be the answer, or none where that is unsure.

A question that asks when, how many, who or where is answered by a date, a number or a name that it does not hold, near
the words that it does. How sure that is, is a logistic regression over a few figures of the mention and its rivals.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from retrieval.asking.entities import Entity, EntityKind, find_mentions
from retrieval.asking.highlight import HighlightedWord
from retrieval.index.records import Query
from retrieval.ranking.proximity import REACH
from retrieval.text.languages import UNSPACED
from retrieval.text.lexicon import TokenShape, WordClass, listed_words, place_cues, word_cues

LEAST_SURE = 0.65  # probability; on development sets the mentions above it are right in some 85 of 100
FEW = 2  # words of a question after who someone is: fewer name only that person
MOST_HELD = 0.5  # share of its words that the question holds too: what is asked for is news


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """What questions of a type ask for."""

    type: str
    kind: EntityKind
    unless: frozenset[str]  # types of a question that is about something else: "what happened when ..."
    weights: Mapping[str, float]


# As plain integers: an IntFlag's operators cost a microsecond each.
_YEAR_CUE, _NUMBER_CUE = WordClass.YEAR.value, WordClass.NUMBER.value
_PLACE_BEFORE_CUE, _PLACE_CUE = WordClass.PLACE_BEFORE.value, TokenShape.PLACE.value
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
    ExpectedAnswer("how_many", EntityKind.NUMBER, frozenset({"why", "yes_no"}), _NUMBER),
    ExpectedAnswer("year", EntityKind.DATE, frozenset({"who"} | _REASONS), _DATE),
    ExpectedAnswer("amount", EntityKind.NUMBER, frozenset({"who"} | _REASONS), _NUMBER),
    ExpectedAnswer("when", EntityKind.DATE, frozenset({"what", "who", "how_many", "amount", "name"} | _REASONS), _DATE),
    ExpectedAnswer("who", EntityKind.NAME, frozenset({"what", "name", "how_many", "amount"} | _REASONS), _PERSON),
    ExpectedAnswer("person", EntityKind.NAME, frozenset({"how_many", "amount"} | _REASONS), _PERSON),
    ExpectedAnswer("where", EntityKind.NAME, frozenset({"who", "how_many", "when"} | _REASONS), _PLACE),
)


def asked_for(query: Query) -> ExpectedAnswer | None:
    """Tell what a question asks for, None where that is no date, number or name."""
    types = query.types - _WITHIN_OTHERS if query.language in UNSPACED else query.types
    asked = next((one for one in ASKED if one.type in types and not one.unless & types), None)
    if asked is None or (asked.type == "year" and any(_is_year(term.word) for term in query.terms)):
        return None  # what happened in 1992 is not asked with a year for an answer
    content = [term for term in query.terms if not term.grammar]
    is_about_a_name = "define" in query.types and (len(content) < FEW or all(term.name for term in content))
    return None if is_about_a_name else asked


def _is_year(word: str) -> bool:
    return bool(word_cues(word, "") & _YEAR_CUE)


class _Sentence:
    """A sentence that answers, with what its mentions are judged by."""

    def __init__(self, matched: HighlightedWord) -> None:
        self.matched = matched
        self.cues = [word_cues(token.word, matched.language) for token in matched.tokens]
        self.agents = listed_words(matched.language, "agent")

    def near(self, mention: Entity) -> float:
        """Give how much of the question stands near a mention, 0 to 1."""
        return max(map(self._density, range(mention.first, mention.last)))

    def _density(self, number: int) -> float:
        """Give how much of the question stands near a word: each word of it counts where it matches the nearest."""
        nearest: dict[int, float] = {}
        for (asked, place), match in self.matched.matches.items():
            near = match * (1 - abs(place - number) / (REACH + 1))
            nearest[asked] = max(nearest.get(asked, 0.0), near)
        return sum(self.matched.shares[asked] * near for asked, near in nearest.items())

    def figures(self, mention: Entity, near: float, others: Sequence[float]) -> dict[str, float]:
        """Give what speaks for a mention, near so much of the question, among others near so much of it."""
        first, last = mention.first, mention.last
        return {
            "offset": 1.0,
            "density": near,
            "margin": near - max(others, default=0.0),
            "only": float(not others),
            "one of two": float(len(others) == 1),
            "after place": float(self._is_placed(first)),
            "long": float(last - first > 1),
            "begins alone": float(first == 0 and last == 1),
            "in words": float(last - first == 1 and not self.cues[first] & _NUMBER_CUE),
            "agent": float(first > 0 and self.matched.tokens[first - 1].word in self.agents),
        }

    def _is_placed(self, first: int) -> bool:
        """Tell whether a mention stands behind a preposition of place, an article between them or not."""
        tokens, behind = self.matched.tokens, slice(max(first - 1, 0), first + 1)
        if place_cues(self.matched.text, tokens[behind], self.cues[behind])[-1] & _PLACE_CUE:
            return True
        return first > 1 and tokens[first - 1].grammar and bool(self.cues[first - 2] & _PLACE_BEFORE_CUE)


def find_focus(query: Query, matched: HighlightedWord) -> tuple[int, int] | None:
    """Give the half-open offsets of what is most likely the answer in a sentence, None when unsure."""
    asked = asked_for(query)
    if asked is None or not matched.shares:
        return None
    rivals = list(_rivals(asked, matched))
    if not rivals:
        return None
    sentence = _Sentence(matched)
    near = [sentence.near(mention) for mention in rivals]
    sure = [
        _probability(sentence.figures(mention, near[at], [*near[:at], *near[at + 1 :]]), asked.weights)
        for at, mention in enumerate(rivals)
    ]
    best = max(sure)
    return rivals[sure.index(best)].span if best >= LEAST_SURE else None


def _rivals(asked: ExpectedAnswer, matched: HighlightedWord) -> Iterator[Entity]:
    """Give the mentions of a sentence that could be what is asked for, and are news."""
    held = matched.held
    for mention in find_mentions(matched.text, matched.tokens, matched.language):
        numbers = range(mention.first, mention.last)
        in_form = asked.type != "year" or any(_is_year(matched.tokens[number].word) for number in numbers)
        is_news = len(held.intersection(numbers)) < MOST_HELD * len(numbers)
        if mention.kind is asked.kind and in_form and is_news:
            yield mention


def _probability(figures: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return 1 / (1 + math.exp(-sum(weight * figures[name] for name, weight in weights.items())))
