"""Counts -> impacts: what a term's frequency in a unit is worth, apart from its idf."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from retrieval.index.fields import Field


def impacts(counts: csr_matrix, field: Field) -> csc_matrix:
    """Weigh counts by BM25's saturation and length norm: shape (n_units, n_terms), term-major, float32.

    The formula is in `retrieval.index.fields`; a unit's length is the number of its terms.
    """
    lengths = np.asarray(counts.sum(axis=1), np.float64).ravel()
    mean = lengths.mean() if lengths.any() else 1.0
    norms = field.k1 * (1 - field.b + field.b * lengths / mean)
    weighed = counts.tocsc(copy=True)
    weighed.sort_indices()
    tf = weighed.data.astype(np.float64)
    weighed.data = (tf * (field.k1 + 1) / (tf + norms[weighed.indices])).astype(np.float32)
    return weighed


def document_frequencies(counts: csr_matrix) -> NDArray[np.int32]:
    """Count the documents that hold each term: shape (n_terms,)."""
    return np.bincount(counts.indices, minlength=counts.shape[1]).astype(np.int32)
