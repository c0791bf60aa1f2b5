"""Years and versions in a question -> which candidates are about another year or version.

"The fare in 2019", "what changed in version 2.1", "v3", "Kubernetes 1.16". A version is a number after a word for
"version", or a number with a point after a name; in a heading it needs no name. What states another version names it
alike: "Kubernetes 1.20", not "1.20 crowns". The words for "version" are data: `version` in `text/wordlists/`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import cache

from retrieval.asking.answer import MAX_LAG, RankedSentence
from retrieval.text.dates import day_of
from retrieval.text.languages import function_words, word_lists

ANOTHER_EDITION = 1.0  # points of score by which such an answer is less certain: below a third of "sure" remains

_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?<![\d.,/A-Za-z])(1\d{3}|20\d\d)(s\b|\s?[-–/]\s?(?:20|19)?\d\d)?(?![.,]?\d)")
_VERSION = re.compile(r"(?:([^\W\d_]+)[ -]?)?(?<![\d.,])(\d{1,3}(?:\.\d{1,3}){0,3})(?![.,]?\d|\s?[%٪])")

_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९", "0123456789" * 3)

_Years = list[tuple[int, int]]  # the first and the last of each time that is stated
_Version = tuple[str | None, tuple[int, ...]]  # its name in lower case, "" for "version", None without one; its parts


class About(Enum):
    """What a candidate is about."""

    ASKED = "the year and version asked"
    ANOTHER = "another one"
    UNSAID = "none is stated"


def asked_first(question: str, language: str, ranked: Sequence[RankedSentence]) -> tuple[list[RankedSentence], float]:
    """Put candidates about another year or version behind the first that is about the one asked, if that is near.

    Also return by how many points of score the new first is less certain.
    """
    if not ranked or not _DIGIT.search(question):
        return list(ranked), 0.0
    years, versions = _years(question), _asked_versions(question, language)
    if not (years or versions):
        return list(ranked), 0.0
    near = sum(one.score >= ranked[0].score - MAX_LAG for one in ranked)
    about = [_about(one, years, versions) for one in ranked[:near]]
    asked = about.index(About.ASKED) if About.ASKED in about else -1
    behind = [place for place in range(asked) if about[place] is About.ANOTHER]
    order = [place for place in range(asked + 1) if place not in behind] + behind + list(range(asked + 1, len(ranked)))
    return [ranked[place] for place in order], ANOTHER_EDITION * (about[order[0]] is About.ANOTHER)


def _about(one: RankedSentence, years: _Years, versions: Sequence[_Version]) -> About:
    article, around, language = one.place.article, one.place.around, one.place.article.language
    headings = [*reversed(around.section), article.title]
    beside = [span.text for span in (one.place.before, around.header, around.intro) if span]
    found: list[About] = []
    if years:
        found.append(_about_years(years, one.place.sentence.text, headings, beside, day_of(article.published)[:4]))
    if versions:
        stated = [
            list(_versions(one.place.sentence.text, language)),
            *(list(_versions(heading, language, heading=True)) for heading in headings),
        ]
        found.append(
            _about_versions(versions, stated, [known for text in beside for known in _versions(text, language)])
        )
    return next(about for about in (About.ANOTHER, About.UNSAID, About.ASKED) if about in found)


def _about_years(asked: _Years, sentence: str, headings: Sequence[str], beside: Sequence[str], published: str) -> About:
    stated = [_years(text) for text in (sentence, *headings, *beside)]
    wholes = [(years[0][0], years[-1][1]) for years in map(sorted, stated) if years]  # "from 1990 to 2005"
    wholes += [(int(published), int(published))] if published else []
    if any(first <= last_asked and first_asked <= last for first, last in wholes for first_asked, last_asked in asked):
        return About.ASKED
    if any(stated[: 1 + len(headings)]) or (published and all(first > int(published) for first, _ in asked)):
        return About.ANOTHER
    return About.UNSAID


def _about_versions(
    asked: Sequence[_Version], stated: Sequence[Sequence[_Version]], beside: Iterable[_Version]
) -> About:
    alike = [
        [one for one in known if any(_named_alike(one, other) for other in asked)] for known in [*stated, list(beside)]
    ]
    if any(_agree(one, other) for known in alike for one in known for other in asked):
        return About.ASKED
    return About.ANOTHER if any(alike[: len(stated)]) else About.UNSAID


def _named_alike(stated: _Version, asked: _Version) -> bool:
    return stated[0] in (None, asked[0])


def _agree(stated: _Version, asked: _Version) -> bool:
    """Whether one is the other, or a part of it, as 2.1.3 is of 2.1."""
    return all(one == other for one, other in zip(stated[1], asked[1], strict=False))


def _years(text: str) -> _Years:
    return [_span(int(found[1]), (found[2] or "").lstrip(" -–/")) for found in _YEAR.finditer(text.translate(_DIGITS))]


def _span(first: int, more: str) -> tuple[int, int]:
    if more == "s":
        return first, first + (9 if first % 100 else 99)
    last = int(str(first)[: -len(more)] + more) if more else first
    return first, max(first, last)


def _asked_versions(question: str, language: str) -> list[_Version]:
    return [known for known in _versions(question, language) if known[0] == "" or len(known[1]) > 1]


def _versions(text: str, language: str, *, heading: bool = False) -> Iterator[_Version]:
    for found in _VERSION.finditer(text):
        name, number = (found[1] or "").lower(), tuple(map(int, found[2].split(".")))
        if _is_version_word(name, language):
            yield "", number
        elif len(number) > 1 and name and name not in function_words(language):
            yield name, number
        elif len(number) > 1 and heading:
            yield None, number


def _is_version_word(name: str, language: str) -> bool:
    return _version_words(language).fullmatch(name) is not None


@cache
def _version_words(language: str) -> re.Pattern[str]:
    return re.compile(f"v|ver|version|{word_lists(language).get('version', 'versions?')}")
