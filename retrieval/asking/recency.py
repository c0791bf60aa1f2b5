"""Which of candidates that are about as good come first: the newest if the question asks for it, and corrections.

That a question asks for the newest is said by words: "the latest release", "where is it now". The patterns are data:
`newest` in the word lists of `retrieval/text/wordlists/`, matched like those of `ranking/question_types.py`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from retrieval.asking.answer import AreAlike, RankedSentence, repeats, wording
from retrieval.asking.records import with_lag
from retrieval.index.searcher import Searcher
from retrieval.ranking.weights import Scores
from retrieval.store.reader import Reader
from retrieval.text.dates import moment_of
from retrieval.text.languages import UNSPACED, word_lists

ABOUT_AS_GOOD = 1.0  # points of score behind the first: the same sentence in six articles spreads over .7
MOST_APART = 2.0  # points of score between two sentences of which one corrects the other: their articles are alike
MIN_SHARED = 0.7  # of the words of two sentences of which one corrects the other


def asks_for_newest(question: str, language: str, words: Iterable[str]) -> bool:
    """Whether a question asks for what is newest or true now; `words` are its normalised words in order."""
    text = question if language in UNSPACED else f" {' '.join(words)} "
    return _pattern(language).search(text) is not None


@cache
def _pattern(language: str) -> re.Pattern[str]:
    return re.compile(word_lists(language).get("newest", "(?!)"))


def newest_first(
    reader: Reader,
    searcher: Searcher,
    rows: NDArray[np.intp],
    scores: Scores,
    order: NDArray[np.intp],
    *,
    undated_last: bool,
) -> tuple[Scores, NDArray[np.intp]]:
    """Reorder the candidates that are about as good as the best by date of publication.

    `order` is the numbers of candidates, best first. Undated ones come last, or keep their places. If the new first is
    less good, it is less likely to be right.
    """
    equals = order[scores.scores[order] >= scores.scores[order[0]] - ABOUT_AS_GOOD]
    keys = searcher.keys(rows[equals])
    places = reader.places(keys)
    moments = [moment_of(places[key].article.published) if key in places else "" for key in keys]
    moved = [place for place, moment in enumerate(moments) if undated_last or moment]
    by_moment = sorted(moved, key=moments.__getitem__, reverse=True)  # stable: of one day the best stays first
    reordered = order.copy()
    reordered[moved] = equals[by_moment]
    return with_lag(scores, float(scores.scores[order[0]] - scores.scores[reordered[0]])), reordered


def corrections_first(ranked: Sequence[RankedSentence], are_alike: AreAlike) -> list[RankedSentence]:
    """Put what was published last first, where articles tell one story and the best of their sentences differ in a word.

    What several articles say is as old as the first of them. A sentence that an article has beside the best one does
    not correct it.
    """
    if len({one.place.article.published for one in ranked}) < 2:  # noqa: PLR2004 - one is later than the other
        return list(ranked)
    claims: dict[str, list[int]] = {}
    for place, one in enumerate(ranked):
        words = wording(one.place.sentence.text)
        claims.setdefault(next((said for said in claims if repeats(words, said)), words), []).append(place)
    first, *others = claims.values()
    told = {ranked[place].version for place in first}
    rivals = [
        places
        for places in others
        if ranked[places[0]].score >= ranked[0].score - MOST_APART
        and told.isdisjoint(ranked[place].version for place in places)
        and _corrects(ranked[0], ranked[places[0]], are_alike)
    ]
    disagreeing = [places for places in [first, *rivals] if _since(ranked, places)]
    disagreeing.sort(key=lambda places: _since(ranked, places), reverse=True)
    reordered, newest = list(ranked), [place for places in disagreeing for place in places]
    for place, other in zip(sorted(newest), newest, strict=True):
        reordered[place] = ranked[other]
    return reordered


def _since(ranked: Sequence[RankedSentence], places: Sequence[int]) -> str:
    """Return when the first of these sentences was published, "" if no date is known."""
    return min(filter(None, (moment_of(ranked[place].place.article.published) for place in places)), default="")


def _corrects(one: RankedSentence, other: RankedSentence, are_alike: AreAlike) -> bool:
    """Whether two sentences of articles that tell one story differ in little."""
    first, second = (Counter(token.word for token in each.tokens) for each in (one, other))
    return 2 * (first & second).total() >= MIN_SHARED * (first.total() + second.total()) and are_alike(
        one.version, other.version
    )
