"""Find pairs of sentences in a store that state different numbers or dates of the same thing."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from retrieval.asking.disagreement import Statement, find_disagreement, read_statement
from retrieval.evaluation.lint import Check, Finding
from retrieval.records import ANSWERING, NO_SURROUNDINGS, Article, Hit, Sentence, Version
from retrieval.text.analyzer import analyzer
from retrieval.text.languages import UNKNOWN

NEAREST = 6  # sentences that a sentence is compared with, itself included
MOST_SHOWN = 120  # characters of a sentence in a finding


def find_contradictions(
    versions: Iterable[Version], retrieve: Callable[[str, int], Sequence[Hit]]
) -> Iterator[Finding]:
    """Search for each sentence that states a number or a date; yield it with those found that disagree, each pair once."""
    seen = set()
    for article, sentence, mine in _statements(versions):
        for hit in retrieve(sentence.text, NEAREST):
            pair = frozenset({(article.id, sentence.start), (hit.article, hit.start)})
            if hit.article == article.id or pair in seen:
                continue
            seen.add(pair)
            if find_disagreement(mine, _read(hit.text, hit.language, (hit.title, *hit.section), hit.published)):
                detail = f"“{_short(sentence.text)}” / “{_short(hit.text)}”"
                yield Finding(Check.CONTRADICTION, tuple(sorted((article.id, hit.article))), detail)


def _statements(versions: Iterable[Version]) -> Iterator[tuple[Article, Sentence, Statement]]:
    """Yield the sentences that can answer and state a number or a date."""
    for version in versions:
        article = version.article
        for sentence in version.sentences:
            headings = version.surroundings.get(sentence.paragraph, NO_SURROUNDINGS).section
            if sentence.kind in ANSWERING:
                read = _read(sentence.text, article.language, (article.title, *headings), article.published)
                if read.quantities:
                    yield article, sentence, read


def _read(text: str, language: str | None, headings: Sequence[str], published: str | None) -> Statement:
    language = language or UNKNOWN
    return read_statement(text, analyzer(language).tokens(text), language, headings, published)


def _short(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
