"""From an `Explanation` to lines for a person who has never seen a program: tables of what made each of the first hits.

The figures of a table are rounded so that what is shown adds up to the score that is shown.
"""

import math
from collections.abc import Iterator, Sequence

from bot.rendering.terminal.answer import PLAIN, Layout, snippet_lines, text_lines
from bot.rendering.terminal.layout import table
from retrieval import ExplainedHit, Explanation, Fault, FoundWord, Match
from retrieval.records import Snippet

_INDENT = "   "
_PLACES = {
    "sentence": "in the sentence", "title": "in the title", "previous": "in the sentence before",
    "next": "in the sentence after", "paragraph": "in the paragraph", "article": "elsewhere in the article",
}  # fmt: skip
_MATCHES = {Match.SAME: "the same word", Match.FORM: "a form of it", Match.ALIKE: "a word like it"}
_WORTH = "(worth: how much lower the score would be, had the word not been found there)"


def explanation_lines(explanation: Explanation, look: Layout = PLAIN) -> Iterator[str]:
    """Say why an answer is as it is: for each of the first hits what made its score, then how sure the first is."""
    if explanation.fault is Fault.NO_QUESTION:
        yield from text_lines("This was not looked up: it is no question.", look)
        return
    for hit in explanation.hits:
        yield ""
        yield from snippet_lines([Snippet(hit.hit, matched=())], look, first=hit.hit.rank)
        yield from _indented(_word_rows(hit.words), look)
        yield from _indented(_part_rows(hit), look)
    if explanation.hits:
        yield ""
        yield from text_lines(_WORTH, look)
    yield from text_lines(_verdict(explanation), look)


def _indented(rows: Sequence[tuple[str, ...]], look: Layout) -> Iterator[str]:
    if rows:
        yield ""
        yield from (_INDENT + line for line in table(rows, look.width and look.width - len(_INDENT)))


def _word_rows(words: Sequence[FoundWord]) -> list[tuple[str, ...]]:
    """Give the rows of the table of words, those of grammar left out; [] where there are none."""
    rows = [(word.word, _found(word), _where(word), f"{word.gave:7.2f}") for word in words if not word.grammar]
    return [("WORD", "FOUND", "WHERE", "  WORTH"), *rows] if rows else []


def _found(word: FoundWord) -> str:
    match = _MATCHES[word.match]
    return match if word.match is Match.SAME or not word.found else f"{match}: {word.found}"


def _where(word: FoundWord) -> str:
    return ", ".join(_PLACES[place] for place in word.places)


def _part_rows(explained: ExplainedHit) -> list[tuple[str, ...]]:
    families = explained.families()
    shown = round_to_sum(list(families.values()), explained.hit.score)
    rows = [(family.value, f"{figure:7.2f}") for family, figure in zip(families, shown, strict=True)]
    return [("WHAT COUNTED", " POINTS"), *rows, ("score: all of it", f"{round(explained.hit.score, 2):7.2f}")]


def round_to_sum(values: Sequence[float], total: float) -> list[float]:
    """Round values to hundredths that add up to their rounded total: those cut by most are rounded up."""
    cents = [math.floor(100 * value) for value in values]
    missing = round(100 * total) - sum(cents)
    by_rest = sorted(range(len(values)), key=lambda at: cents[at] - 100 * values[at])
    for at in by_rest[: max(missing, 0)]:
        cents[at] += 1
    return [cent / 100 for cent in cents]


def _verdict(explanation: Explanation) -> str:
    unknown = ", ".join(explanation.unknown)
    if explanation.fault is Fault.NO_WORDS:
        return f"No article holds any of these words: {unknown}." if unknown else "No article holds any of its words."
    if explanation.fault is Fault.OUTSIDE:
        return "None of the articles that its operators name holds any of its words."
    sure, needed = explanation.answer.confidence, explanation.threshold
    held = f" No article holds: {unknown}." if unknown else ""
    if explanation.fault is None:
        return f"{_per_cent(sure)} sure that the first of these answers; {_needed(explanation)}.{held}"
    return (
        f"These came nearest, but none was sure enough: the first is {_per_cent(sure)} sure to answer, {_needed(explanation)};"
        f" {_per_cent(needed - sure)} short.{held}"
    )


def _needed(explanation: Explanation) -> str:
    return f"{_per_cent(explanation.threshold)} is asked for (CITEBOT_CAUTION={explanation.caution})"


def _per_cent(share: float) -> str:
    return f"{100 * share:.1f} %"
