"""A store -> what is wrong with its articles: findings, each of a check, with the articles that it is about.

Twins are looked for among all articles in a time that grows with their number, not with its square. Of all shingles one
in SAMPLED is kept, by its number (Broder 1997, "modulo" sketches). Articles that share one stand side by side when they
are sorted; neighbours that share several are compared whole.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from retrieval.index.searcher import Searcher
from retrieval.store.reader import ArticleSurvey, Reader
from retrieval.text.dates import day_of
from retrieval.text.languages import STEMMERS, UNKNOWN, UNSPACED
from retrieval.text.near_duplicates import SHINGLE_WIDTH, NearDuplicates, hash_shingles

LONGEST = 500  # characters of a sentence that is still a quotation; one above 1,000 was cut into such when it was read
FEW, BOILERPLATE = 5, 0.5  # sentences of an article; share of those that cannot answer
SAMPLED = np.uint64(4)
SHARED = 2  # sampled shingles that twins share at least
WHOLE = 20_000  # terms of an article that are compared


class Check(StrEnum):
    """What is looked for, the worst first."""

    EMPTY = "empty"  # no sentence that can answer
    TWINS = "twins"  # the same story
    SAME_TITLE = "same title"
    NO_TITLE = "no title"
    NO_DATE = "no date"
    UNCLEAR_DATE = "unclear date"  # not in ISO 8601
    BOILERPLATE = "boilerplate"  # most sentences are of kinds that cannot answer
    LONG_SENTENCES = "long sentences"
    NO_LANGUAGE = "no language"  # neither stated nor found
    NO_STEMMER = "no stemmer"  # nothing that an editor can put right


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that keeps articles from answering well."""

    check: Check
    articles: tuple[str, ...]  # ids; more than one where it is about them together
    detail: str = ""  # the title, the language, the date as given, the share, the positions of sentences


def lint(reader: Reader, searcher: Searcher | None) -> list[Finding]:
    """Look through all articles; findings are ordered by check, then by id."""
    surveyed = list(reader.survey(LONGEST))
    found = [finding for one in surveyed for finding in _alone(one)]
    found += [*_same_titles(surveyed), *_without_stemmer(surveyed)]
    if searcher is not None:
        ids = {one.version: one.id for one in surveyed}
        found += [Finding(Check.TWINS, group) for group in _groups(_twins(searcher, ids), ids)]
    order = list(Check)
    return sorted(found, key=lambda one: (order.index(one.check), one.articles))


def _alone(one: ArticleSurvey) -> Iterator[Finding]:
    """Look at one article by itself."""
    about = (one.id,)
    if not one.answering:
        yield Finding(Check.EMPTY, about)
    elif one.sentences >= FEW and 1 - one.answering / one.sentences > BOILERPLATE:
        yield Finding(Check.BOILERPLATE, about, f"{100 * (1 - one.answering / one.sentences):.0f} %")
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


def _same_titles(surveyed: Iterable[ArticleSurvey]) -> Iterator[Finding]:
    by_title = defaultdict(list)
    for one in surveyed:
        by_title[" ".join(one.title.casefold().split())].append(one)
    for title, some in by_title.items():
        if title and len(some) > 1:
            yield Finding(Check.SAME_TITLE, tuple(one.id for one in some), some[0].title)


def _without_stemmer(surveyed: Iterable[ArticleSurvey]) -> Iterator[Finding]:
    by_language = defaultdict(list)
    for one in surveyed:
        by_language[one.language].append(one.id)
    for language in sorted(by_language.keys() - STEMMERS.keys() - UNSPACED - {UNKNOWN}):
        yield Finding(Check.NO_STEMMER, tuple(by_language[language]), language)


def _twins(searcher: Searcher, ids: dict[int, str]) -> Iterator[tuple[int, int]]:
    """Give pairs of versions that are twins, such that all of a group hang together."""
    shared = Counter(_neighbours(*_sampled(searcher, np.array(sorted(ids), np.int64))))
    twins = NearDuplicates(searcher.running_terms, WHOLE)
    yield from (pair for pair, times in shared.items() if times >= SHARED and twins.are_alike(*pair))


def _sampled(searcher: Searcher, shown: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Give the sampled shingles of all articles that are shown, and the version of each; sorted, none twice in a version."""
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
    """Give the pairs of versions that follow each other under a shingle that both hold."""
    same = (shingle[1:] == shingle[:-1]).nonzero()[0]
    return zip(version.take(same).tolist(), version.take(same + 1).tolist(), strict=True)


def _groups(pairs: Iterable[tuple[int, int]], ids: dict[int, str]) -> list[tuple[str, ...]]:
    """Join pairs that share an article; each group in order of its ids."""
    group: dict[int, list[int]] = {}
    for first, second in pairs:
        one, other = group.setdefault(first, [first]), group.setdefault(second, [second])
        if one is not other:
            one += other
            group |= dict.fromkeys(other, one)
    return [_named(some, ids) for some in {id(some): some for some in group.values()}.values()]


def _named(group: Sequence[int], ids: dict[int, str]) -> tuple[str, ...]:
    return tuple(sorted(ids[version] for version in group))
