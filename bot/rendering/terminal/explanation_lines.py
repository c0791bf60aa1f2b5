"""An `Explanation` -> lines: for each of the first hits, tables of what made its score, in plain words.

The points of a table are rounded so that they add up to the score below them.
"""

import math
from collections.abc import Iterator, Sequence

from bot.rendering.messages import PERHAPS
from bot.rendering.terminal.answer_lines import PLAIN, Layout, snippet_lines, text_lines
from bot.rendering.terminal.layout import table
from retrieval import ExplainedHit, Explanation, Fault, FoundWord, Match
from retrieval.records import Snippet

_INDENT = "   "
_PLACES = {
    "sentence": "in the sentence", "section": "in a heading above", "title": "in the title", "previous": "in the sentence before",
    "next": "in the sentence after", "paragraph": "in the paragraph", "article": "elsewhere in the article",
}  # fmt: skip
_MATCHES = {
    Match.SAME: "same word", Match.FORM: "other form", Match.ALIKE: "similar word", Match.FOREIGN: "in another language",
}  # fmt: skip
_WORTH = "(WORTH: how much lower the score would be without that word)"


def explanation_lines(explanation: Explanation, look: Layout = PLAIN, number: int | None = None) -> Iterator[str]:
    """Explain an answer: for each of the first hits what made its score, then the certainty of the first.

    `number` is under which the only one that is explained was shown, if not its rank.
    """
    if explanation.fault is Fault.NO_QUESTION:
        yield from text_lines("This is not a question, so nothing was searched.", look)
        return
    for hit in explanation.hits:
        yield ""
        yield from snippet_lines([Snippet(hit.hit, matched=())], look, first=number or hit.hit.rank)
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
    """Return the table of words, without function words; [] if there are none."""
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
    return [("WHAT COUNTED", " POINTS"), *rows, ("score (total)", f"{round(explained.hit.score, 2):7.2f}")]


def round_to_sum(values: Sequence[float], total: float) -> list[float]:
    """Round values to hundredths that add up to their rounded total: those cut the most are rounded up."""
    cents = [math.floor(100 * value) for value in values]
    missing = round(100 * total) - sum(cents)
    by_rest = sorted(range(len(values)), key=lambda at: cents[at] - 100 * values[at])
    for at in by_rest[: max(missing, 0)]:
        cents[at] += 1
    return [cent / 100 for cent in cents]


def _verdict(explanation: Explanation) -> str:
    unknown = ", ".join(explanation.unknown)
    if explanation.fault is Fault.NO_WORDS:
        return (
            f"No article contains any of these words: {unknown}."
            if unknown
            else "No article contains a word of the question."
        )
    if explanation.fault is Fault.OUTSIDE:
        return "None of the articles selected by the operators contains a word of the question."
    nowhere = f" No article contains: {unknown}." if unknown else ""
    return f"{_certainty(explanation)} These thresholds are those of CITEBOT_CAUTION={explanation.caution}.{nowhere}"


def _certainty(explanation: Explanation) -> str:
    """Say both probabilities in words, and what follows from them."""
    answer, needed = explanation.answer, _per_cent(explanation.threshold)
    in_store, right = _per_cent(answer.p_in_store), _per_cent(answer.p_right)
    if not answer.answered:
        return f"The articles answer it: {in_store}, but {needed} is needed, so there is no answer."
    which, than = ("without", "at least") if answer.certainty == "sure" else ("with", "less than")
    return (
        f"The articles answer it: {in_store} ({needed} is needed). The first sentence is right: {right},"
        f" so it is said {which} “{PERHAPS}” ({than} {_per_cent(explanation.sure_threshold)})."
    )


def _per_cent(share: float) -> str:
    return f"{100 * share:.1f} %"
