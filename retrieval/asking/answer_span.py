"""A question and a sentence that answers it -> the part most likely to be the answer, or None if that is unsure.

A question that asks when, how many, who or where is answered by a date, a number or a name that is not in the question,
near the words that are. A logistic regression over features of each such entity gives its probability.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from retrieval.asking.entities import Entity, EntityKind, find_entities
from retrieval.asking.highlight import MatchedSentence
from retrieval.index.records import Query
from retrieval.ranking.proximity import REACH
from retrieval.text.languages import UNSPACED
from retrieval.text.lexicon import TokenShape, WordClass, listed_words, token_shapes, word_classes

MIN_PROBABILITY = 0.65  # on development sets, entities above it are right about 85 times in 100
MIN_CONTENT_WORDS = 2  # in a question with "who"; with fewer, it asks who a named person is
MAX_KNOWN = 0.5  # share of its words that are also in the question: an answer says something new


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """What questions of a type ask for, and how to recognise it."""

    type: str
    kind: EntityKind
    unless: frozenset[str]  # the question is of one of these types too: "what happened when ..."
    weights: Mapping[str, float]


# As plain integers: an IntFlag's operators cost a microsecond each.
_YEAR, _NUMBER = WordClass.YEAR.value, WordClass.NUMBER.value
_PLACE_BEFORE, _PLACE = WordClass.PLACE_BEFORE.value, TokenShape.PLACE.value
_DATE_WEIGHTS = {"offset": 0.0, "density": 1.4, "margin": 4.8, "only": 2.3}
_NUMBER_WEIGHTS = {"offset": -0.2, "density": 1.1, "margin": 4.6, "only": 1.4, "one of two": 0.4, "in words": -0.6}
_PERSON_WEIGHTS = {
    "offset": -0.8, "density": 0.5, "margin": 4.1, "only": 0.8, "one of two": 0.4, "after place": -0.9, "long": 0.8,
    "begins alone": -0.8, "agent": 1.0,
}  # fmt: skip
_PLACE_WEIGHTS = {
    "offset": -1.2, "density": 0.4, "margin": 3.0, "only": 1.2, "one of two": 0.5, "after place": 0.7,
    "begins alone": -0.8, "agent": -1.0,
}  # fmt: skip
_WITHIN_OTHERS = {"what", "name"}  # without spaces, "what time" matches "what" too
_REASONS = {"why", "how", "yes_no"}
EXPECTED = (
    ExpectedAnswer("how_many", EntityKind.NUMBER, frozenset({"why", "yes_no"}), _NUMBER_WEIGHTS),
    ExpectedAnswer("year", EntityKind.DATE, frozenset({"who"} | _REASONS), _DATE_WEIGHTS),
    ExpectedAnswer("amount", EntityKind.NUMBER, frozenset({"who"} | _REASONS), _NUMBER_WEIGHTS),
    ExpectedAnswer(
        "when", EntityKind.DATE, frozenset({"what", "who", "how_many", "amount", "name"} | _REASONS), _DATE_WEIGHTS
    ),
    ExpectedAnswer(
        "who", EntityKind.NAME, frozenset({"what", "name", "how_many", "amount"} | _REASONS), _PERSON_WEIGHTS
    ),
    ExpectedAnswer("person", EntityKind.NAME, frozenset({"how_many", "amount"} | _REASONS), _PERSON_WEIGHTS),
    ExpectedAnswer("where", EntityKind.NAME, frozenset({"who", "how_many", "when"} | _REASONS), _PLACE_WEIGHTS),
)


def find_answer_span(query: Query, sentence: MatchedSentence) -> tuple[int, int] | None:
    """Return the half-open offsets of what is most likely the answer in a sentence, None if unsure."""
    expected = expected_answer(query)
    if expected is None or not sentence.shares:
        return None
    candidates = list(_candidates(expected, sentence))
    if not candidates:
        return None
    scorer = _Scorer(sentence)
    near = [scorer.nearness(entity) for entity in candidates]
    probabilities = [
        _probability(scorer.features(entity, near[at], [*near[:at], *near[at + 1 :]]), expected.weights)
        for at, entity in enumerate(candidates)
    ]
    best = max(probabilities)
    return candidates[probabilities.index(best)].span if best >= MIN_PROBABILITY else None


def expected_answer(query: Query) -> ExpectedAnswer | None:
    """Return what a question asks for, None if that is not a date, number or name."""
    types = query.types - _WITHIN_OTHERS if query.language in UNSPACED else query.types
    expected = next((one for one in EXPECTED if one.type in types and not one.unless & types), None)
    if expected is None or (expected.type == "year" and any(_is_year(term.word) for term in query.terms)):
        return None  # what happened in 1992 is not answered by a year
    content = [term for term in query.terms if not term.grammar]
    is_about_a_name = "define" in query.types and (
        len(content) < MIN_CONTENT_WORDS or all(term.name for term in content)
    )
    return None if is_about_a_name else expected


def _is_year(word: str) -> bool:
    return bool(word_classes(word, "") & _YEAR)


def _candidates(expected: ExpectedAnswer, sentence: MatchedSentence) -> Iterator[Entity]:
    """Yield the entities of a sentence that could be the answer: of the expected kind, and not in the question."""
    matched = sentence.matched
    for entity in find_entities(sentence.text, sentence.tokens, sentence.language):
        numbers = range(entity.first, entity.last)
        has_form = expected.type != "year" or any(_is_year(sentence.tokens[number].word) for number in numbers)
        is_news = len(matched.intersection(numbers)) < MAX_KNOWN * len(numbers)
        if entity.kind is expected.kind and has_form and is_news:
            yield entity


class _Scorer:
    """A sentence with what its entities are scored by."""

    def __init__(self, sentence: MatchedSentence) -> None:
        self.sentence = sentence
        self.classes = [word_classes(token.word, sentence.language) for token in sentence.tokens]
        self.agents = listed_words(sentence.language, "agent")

    def nearness(self, entity: Entity) -> float:
        """Return how much of the question is near an entity, 0 to 1."""
        return max(map(self._density, range(entity.first, entity.last)))

    def _density(self, number: int) -> float:
        """Return how much of the question is near a word: each of its words counts at the nearest match."""
        nearest: dict[int, float] = {}
        for (asked, place), match in self.sentence.matches.items():
            near = match * (1 - abs(place - number) / (REACH + 1))
            nearest[asked] = max(nearest.get(asked, 0.0), near)
        return sum(self.sentence.shares[asked] * near for asked, near in nearest.items())

    def features(self, entity: Entity, near: float, others: Sequence[float]) -> dict[str, float]:
        """Return the features of an entity, by its nearness and that of the others."""
        first, last = entity.first, entity.last
        return {
            "offset": 1.0,
            "density": near,
            "margin": near - max(others, default=0.0),
            "only": float(not others),
            "one of two": float(len(others) == 1),
            "after place": float(self._follows_preposition(first)),
            "long": float(last - first > 1),
            "begins alone": float(first == 0 and last == 1),
            "in words": float(last - first == 1 and not self.classes[first] & _NUMBER),
            "agent": float(first > 0 and self.sentence.tokens[first - 1].word in self.agents),
        }

    def _follows_preposition(self, first: int) -> bool:
        """Whether a word follows a preposition of place, directly or after an article."""
        tokens, behind = self.sentence.tokens, slice(max(first - 1, 0), first + 1)
        if token_shapes(self.sentence.text, tokens[behind], self.classes[behind])[-1] & _PLACE:
            return True
        return first > 1 and tokens[first - 1].grammar and bool(self.classes[first - 2] & _PLACE_BEFORE)


def _probability(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return 1 / (1 + math.exp(-sum(weight * features[name] for name, weight in weights.items())))
