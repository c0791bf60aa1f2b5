"""Terms -> counts, by scikit-learn."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

Terms = Sequence[int]


class Counts(NamedTuple):
    """How often each term stands in each document."""

    matrix: csr_matrix  # float32, shape (n_documents, n_terms)
    terms: NDArray[np.uint32]  # shape (n_terms,), ascending: the term of each column


def count_terms(documents: Sequence[Terms]) -> Counts:
    """Count the terms of each document; a document without a term gives an empty row."""
    if not any(documents):  # CountVectorizer refuses an empty vocabulary
        return Counts(csr_matrix((len(documents), 0), dtype=np.float32), np.empty(0, np.uint32))
    vectorizer = CountVectorizer(analyzer=_as_counted, dtype=np.float32)
    matrix = vectorizer.fit_transform(documents)
    terms = np.fromiter(vectorizer.vocabulary_, np.uint32, len(vectorizer.vocabulary_))
    return Counts(matrix, np.sort(terms))  # scikit-learn sorts its columns by term


def _as_counted(terms: Terms) -> Terms:
    return terms


def sum_rows(counts: csr_matrix, group: NDArray[np.int32], groups: int) -> csr_matrix:
    """Add up the rows of each group: shape (n_documents, n_terms) -> (groups, n_terms)."""
    members = csr_matrix((np.ones(len(group), np.float32), (group, np.arange(len(group)))), shape=(groups, len(group)))
    return (members @ counts).tocsr()
