"""Questions -> groups of those that ask the same in other words, by the store's own TF-IDF."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from retrieval.asking.follow_ups import Reading
from retrieval.asking.in_context import build_query
from retrieval.asking.port import SentenceIndex
from retrieval.text.languages import detect_question_language

FARTHEST = 0.5  # mean cosine distance within a group: "How much is a ticket?", "What does a ticket cost?"
_SAYS_NOTHING = frozenset({"what", "name"})  # types of nearly all questions


def group_questions(questions: Sequence[str], searcher: SentenceIndex) -> list[list[int]]:
    """Return the numbers of the questions in groups, each in ascending order; a question like no other is alone.

    What they ask for counts like a word. A word that no article has counts as the word that it was read as, so that a
    typo parts nothing. It takes time and memory in the square of their number: some seconds and 200 MB for 5,000.
    """
    if len(questions) < 2:  # noqa: PLR2004 - nothing to compare
        return [[number] for number in range(len(questions))]
    from sklearn.cluster import AgglomerativeClustering  # noqa: PLC0415 - a second, needed only here

    vectors = _vectors(questions, searcher)
    distances = np.clip(1 - (vectors @ vectors.T).toarray(), 0, 1)
    np.fill_diagonal(distances, 0)
    clusters = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=FARTHEST
    ).fit_predict(distances)
    groups: dict[int, list[int]] = {}
    for number, cluster in enumerate(clusters.tolist()):
        groups.setdefault(cluster, []).append(number)
    return list(groups.values())


def _vectors(questions: Sequence[str], searcher: SentenceIndex) -> csr_matrix:
    """Return one row for each question, of length 1: the weights of its words but function words, and of its types."""
    rows, columns, weights = list[int](), list[int](), list[float]()
    known: dict[int | str, int] = {}
    for row, question in enumerate(questions):
        language = detect_question_language(question, searcher.languages)
        query, _ = build_query(searcher, Reading(question, len(question)), language)
        terms: dict[int | str, float] = {
            term.readings[0][0] if term.readings else term.term: term.weight for term in query.terms if not term.grammar
        }
        usual = sum(terms.values()) / max(len(terms), 1)
        terms |= dict.fromkeys(query.types - _SAYS_NOTHING, usual)  # who, when, how much
        length = sum(weight**2 for weight in terms.values()) ** 0.5 or 1.0
        for term, weight in terms.items():
            rows.append(row)
            columns.append(known.setdefault(term, len(known)))
            weights.append(weight / length)
    return csr_matrix((weights, (rows, columns)), shape=(len(questions), max(len(known), 1)), dtype=np.float32)
