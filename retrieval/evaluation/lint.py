"""Find problems with the articles of a store.

Near-duplicates are found in time linear in the number of articles. One shingle in SAMPLED is kept, by its hash (Broder
1997, "modulo" sketches). Sorting the shingles puts articles that share one side by side; neighbours that share several
are compared completely.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from retrieval.index.searcher import Searcher
from retrieval.records import ANSWERING
from retrieval.store.reader import ArticleSurvey, Reader
from retrieval.text.dates import day_of
from retrieval.text.languages import STEMMERS, UNKNOWN, UNSPACED
from retrieval.text.near_duplicates import SHINGLE_WIDTH, NearDuplicates, hash_shingles
from retrieval.text.paragraphs import Mark, split_paragraphs

LONGEST = 500  # characters of a quotable sentence; the splitter cuts sentences above 1,000 into parts over this
FEW, BOILERPLATE = 5, 0.5  # sentences of an article; share of those that cannot answer
FEW_ARTICLES, NEARLY_ALL = 5, 0.9  # of a source: what is found in so large a share of them is found in the source
SAMPLED = np.uint64(4)
SHARED = 2  # sampled shingles that near-duplicates have in common, at least
MAX_TERMS = 20_000  # of an article, that are compared


class Check(StrEnum):
    """The checks, the worst problem first."""

    EMPTY = "empty"  # not one sentence can answer
    TWINS = "twins"  # the same story
    CONTRADICTION = "contradiction"  # another number or date of the same thing
    SAME_TITLE = "same title"
    NO_TITLE = "no title"
    NO_DATE = "no date"
    UNCLEAR_DATE = "unclear date"  # not in ISO 8601
    BOILERPLATE = "boilerplate"  # most sentences are of kinds that cannot answer, and neither code nor headings
    LONG_SENTENCES = "long sentences"
    NO_LANGUAGE = "no language"  # neither stated nor detected
    NO_STEMMER = "no stemmer"  # not an editor's mistake


_LAYOUT = {Mark.CODE, Mark.HEADING, Mark.HEADER, Mark.RULE}


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem that keeps articles from answering well."""

    check: Check
    articles: tuple[str, ...]  # ids; several if the problem is between them
    detail: str = ""  # the title, language, date, share of boilerplate, or positions of sentences
    source: str = ""  # if nearly all its articles have the problem; `detail` is then how many of how many


def lint(reader: Reader, searcher: Searcher | None) -> list[Finding]:
    """Check all articles; findings are ordered by check, then by id. Without a searcher, near-duplicates are not checked."""
    surveys = list(reader.survey(LONGEST))
    found = _by_source(surveys, [finding for survey in surveys for finding in _check_article(survey, reader)])
    found += [*_same_titles(surveys), *_without_stemmer(surveys)]
    if searcher is not None:
        ids = {survey.version: survey.id for survey in surveys}
        found += [Finding(Check.TWINS, group) for group in _groups(_twins(searcher, ids), ids)]
    order = list(Check)
    return sorted(found, key=lambda finding: (order.index(finding.check), finding.articles))


def _by_source(surveys: Iterable[ArticleSurvey], found: Iterable[Finding]) -> list[Finding]:
    """Join the findings that nearly all articles of a source have into one: they say something of the source."""
    origins = {one.id: one.origin for one in surveys}
    sizes = Counter(origins.values())
    alike = defaultdict(list)
    for finding in found:
        alike[finding.check, origins[finding.articles[0]]].append(finding)
    joined = []
    for (check, origin), some in alike.items():
        if sizes[origin] >= FEW_ARTICLES and len(some) >= NEARLY_ALL * sizes[origin]:
            ids = tuple(finding.articles[0] for finding in some)
            joined.append(Finding(check, ids, f"{len(some):,} of {sizes[origin]:,}", origin))
        else:
            joined += some
    return joined


def _check_article(one: ArticleSurvey, reader: Reader) -> Iterator[Finding]:
    about = (one.id,)
    if not one.answering:
        yield Finding(Check.EMPTY, about)
    elif one.sentences >= FEW and 1 - one.answering / one.sentences > BOILERPLATE:
        share = _boilerplate(one, reader)
        if share > BOILERPLATE:
            yield Finding(Check.BOILERPLATE, about, f"{100 * share:.0f} %")
    if not one.title:
        yield Finding(Check.NO_TITLE, about)
    if not one.published:
        yield Finding(Check.NO_DATE, about)
    elif not day_of(one.published):
        yield Finding(Check.UNCLEAR_DATE, about, one.published)
    if one.too_long:
        yield Finding(Check.LONG_SENTENCES, about, ", ".join(map(str, one.too_long)))
    if one.language == UNKNOWN:
        yield Finding(Check.NO_LANGUAGE, about)


def _boilerplate(one: ArticleSurvey, reader: Reader) -> float:
    """Return the share of sentences that cannot answer, without code and headings, which belong to the text."""
    article = reader.article(one.id)
    marks = {paragraph.start: paragraph.mark for paragraph in split_paragraphs(article.text)} if article else {}
    starts = sorted(marks)
    useless = sum(
        sentence.kind not in ANSWERING and marks[starts[bisect_right(starts, sentence.start) - 1]] not in _LAYOUT
        for sentence in reader.sentences(one.id)
    )
    return useless / (useless + one.answering)


def _same_titles(surveys: Iterable[ArticleSurvey]) -> Iterator[Finding]:
    by_title = defaultdict(list)
    for one in surveys:
        by_title[" ".join(one.title.casefold().split())].append(one)
    for title, some in by_title.items():
        if title and len(some) > 1:
            yield Finding(Check.SAME_TITLE, tuple(one.id for one in some), some[0].title)


def _without_stemmer(surveys: Iterable[ArticleSurvey]) -> Iterator[Finding]:
    by_language = defaultdict(list)
    for one in surveys:
        by_language[one.language].append(one.id)
    for language in sorted(by_language.keys() - STEMMERS.keys() - UNSPACED - {UNKNOWN}):
        yield Finding(Check.NO_STEMMER, tuple(by_language[language]), language)


def _twins(searcher: Searcher, ids: dict[int, str]) -> Iterator[tuple[int, int]]:
    """Yield pairs of near-duplicate versions that connect all members of each group."""
    shared = Counter(_neighbours(*_sampled(searcher, np.array(sorted(ids), np.int64))))
    twins = NearDuplicates(searcher.running_terms, MAX_TERMS)
    yield from (pair for pair, times in shared.items() if times >= SHARED and twins.are_alike(*pair))


def _sampled(searcher: Searcher, shown: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the sampled shingles of the current articles and the version of each; sorted, once per version."""
    shingles, versions = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    for segment in searcher.segments:
        for version, terms in segment.running_terms_of_all():
            numbers = hash_shingles(terms)
            whole = (
                version[: len(numbers)] == version[SHINGLE_WIDTH - 1 :]
            )  # not from the end of one article into the next
            kept = (whole & ((numbers >> np.uint64(32)) % SAMPLED == 0)).nonzero()[0]
            kept = kept[np.isin(version.take(kept), shown)]
            shingles.append(numbers.take(kept))
            versions.append(version.take(kept))
    shingle, version = np.concatenate(shingles), np.concatenate(versions)
    order = np.lexsort((version, shingle))
    shingle, version = shingle.take(order), version.take(order)
    first = np.ones(len(order), np.bool_)
    first[1:] = (shingle[1:] != shingle[:-1]) | (version[1:] != version[:-1])
    return shingle[first], version[first]


def _neighbours(shingle: NDArray[np.uint64], version: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Return pairs of versions that are neighbours under a shingle that both hold."""
    same = (shingle[1:] == shingle[:-1]).nonzero()[0]
    return zip(version.take(same).tolist(), version.take(same + 1).tolist(), strict=True)


def _groups(pairs: Iterable[tuple[int, int]], ids: dict[int, str]) -> list[tuple[str, ...]]:
    """Join pairs that share an article; each group is sorted by id."""
    group: dict[int, list[int]] = {}
    for first, second in pairs:
        one, other = group.setdefault(first, [first]), group.setdefault(second, [second])
        if one is not other:
            one += other
            group |= dict.fromkeys(other, one)
    distinct = {id(members): members for members in group.values()}.values()
    return [tuple(sorted(ids[version] for version in members)) for members in distinct]
