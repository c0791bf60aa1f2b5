"""The words of an article -> sparse vectors whose inner product with a query is what the index scores.

A dimension is the number of a term. The idf of terms comes with the query, so that new articles change no vector.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, diags_array

from retrieval.index.bm25 import (
    ARTICLE,
    PARAGRAPH,
    PREVIOUS_WEIGHT,
    SECTION,
    SENTENCE,
    TITLE,
    Field,
    Means,
    impacts,
    norms,
)
from retrieval.index.merger_input import MergeInput
from retrieval.index.postings import count_terms
from retrieval.index.segment import WORD

Vector = dict[int, float]  # impacts by term


class ArticleVectors(NamedTuple):
    """The vectors of one article; one without words is empty."""

    sentences: list[Vector]  # of each sentence that can answer, of all fields but the article's, each with its weight
    text: Vector  # of the article field
    title: Vector


def article_vectors(article: MergeInput, means: Means) -> ArticleVectors:
    """Return the vectors of an article that was just inverted, by these mean lengths: none if no sentence can answer."""
    if not len(article.arrays["position"]):
        return ArticleVectors([], {}, {})
    terms = article.arrays["terms"].tolist()
    text, title = (_vectors(_unit_impacts(article, field, means), terms) for field in (ARTICLE, TITLE))
    return ArticleVectors(_vectors(_weighted_sentences(article, means), terms), text[0], title[0])


def _weighted_sentences(article: MergeInput, means: Means) -> csr_array:
    """Add up the impacts of a sentence, the one before it, its paragraph and what surrounds that: (n, V)."""
    own, first = _sentence_impacts(article, means), article.arrays["paragraph.first"]
    follows = np.ones(len(article.arrays["position"]))
    follows[first[:-1]] = 0  # the first of a paragraph has none before it
    before = diags_array(follows[1:], offsets=-1, shape=(len(follows), len(follows)), format="csr")
    paragraph = np.repeat(np.arange(len(first) - 1), np.diff(first))
    around = sum(field.weight * _unit_impacts(article, field, means)[paragraph] for field in (PARAGRAPH, SECTION))
    return csr_array(SENTENCE.weight * own + PREVIOUS_WEIGHT * (before @ own) + around)


def _sentence_impacts(article: MergeInput, means: Means) -> csr_array:
    arrays = article.arrays
    lengths, of_words = (
        np.diff(arrays["forward.at"]),
        np.repeat(np.arange(len(arrays["terms"])), np.diff(arrays["words.first"])),
    )
    columns, rows, tf = count_terms(of_words[arrays["forward.words"] & WORD], lengths)
    impact = impacts(tf, norms(lengths[rows], SENTENCE, means[SENTENCE.name]), SENTENCE)
    return csr_array((impact.astype(np.float64), (rows, columns)), shape=(len(lengths), len(arrays["terms"])))


def _unit_impacts(article: MergeInput, field: Field, means: Means) -> csr_array:
    """Return the impacts in the paragraphs, or in the article: (units, V)."""
    at, units, tf, lengths = (article.arrays[f"{field.name}.{part}"] for part in ("at", "units", "tf", "length"))
    impact = impacts(tf, norms(lengths[units], field, means[field.name]), field).astype(np.float64)
    columns = np.repeat(np.arange(len(at) - 1), np.diff(at))
    return csr_array((impact, (units, columns)), shape=(len(lengths), len(at) - 1))


def _vectors(table: csr_array, terms: list[int]) -> list[Vector]:
    ends = table.indptr.tolist()
    columns, values = table.indices.tolist(), table.data.tolist()
    return [
        {terms[column]: value for column, value in zip(columns[start:end], values[start:end], strict=True)}
        for start, end in pairwise(ends)
    ]
