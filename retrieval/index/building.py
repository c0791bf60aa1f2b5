"""Versions of articles -> the segment of a generation."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from retrieval.index.counting import count_terms, sum_rows
from retrieval.index.fields import FIELDS
from retrieval.index.rows import Chunk, Offsets, Rows, Words
from retrieval.index.segments import Segment, write_segment
from retrieval.index.weighting import document_frequencies, impacts
from retrieval.index.words import Arrays, WordTable
from retrieval.records import Version


def build_index(versions: Iterable[Version], folder: Path, generation: int, begun: str = "") -> None:
    """Build the segment of a generation from its articles, which come ordered by id, and put it in place.

    `begun` is when the store began the generation.
    """
    rows = Rows()
    for version in versions:
        rows.add(version)
    chunk = rows.take()
    postings = _postings(chunk)
    arrays: Arrays = {
        "position": chunk.position,
        "paragraph": chunk.paragraph,
        "article": chunk.article[chunk.paragraph],
        "version": chunk.version,
        **postings,
        **_forward(chunk, postings["terms"]),  # type: ignore[arg-type]
    }
    languages = tuple(name for name, _ in chunk.languages.most_common())
    write_segment(folder, Segment(generation, begun, arrays, languages))


def _forward(chunk: Chunk, terms: NDArray[np.uint32]) -> Arrays:
    """Give the running words of each sentence, those of sentence i at[i]:at[i + 1], and the table of words."""
    table = WordTable()
    held = int(chunk.words.max(initial=-1)) + 1  # the words behind these are of titles alone
    for word, term, cues in zip(chunk.letters[:held], chunk.term[:held], chunk.word_cues[:held], strict=True):
        table.add(word, int(term), int(cues))
    arrays, place = table.arrays(terms)
    return {"forward.at": chunk.at, "forward.words": place[chunk.words], "forward.cues": chunk.cues, **arrays}


def _postings(chunk: Chunk) -> Arrays:
    documents = [*_terms(chunk, chunk.words, chunk.at), *_terms(chunk, chunk.title_words, chunk.title_at)]
    counts, terms = count_terms(documents)
    sentences = len(chunk.position)
    of_sentences, of_titles = counts[:sentences], counts[sentences:]
    arrays: Arrays = {"terms": terms, "df": document_frequencies(of_sentences)}
    for spec in FIELDS:
        units = of_titles if spec.name == "title" else _units(of_sentences, spec.unit, chunk)
        arrays |= _arrays(spec.name, impacts(units, spec))
    return arrays


def _terms(chunk: Chunk, words: Words, at: Offsets) -> list[list[int]]:
    return [document.tolist() for document in np.split(chunk.term[words], at[1:-1])] if len(at) > 1 else []


def _units(counts: csr_matrix, unit: str, chunk: Chunk) -> csr_matrix:
    if unit == "paragraph":
        return sum_rows(counts, chunk.paragraph, len(chunk.article))
    if unit == "article":
        return sum_rows(counts, chunk.article[chunk.paragraph], len(chunk.version))
    return counts


def _arrays(name: str, weighed: csc_matrix) -> Arrays:
    return {
        f"{name}.at": weighed.indptr.astype(np.int64),
        f"{name}.units": weighed.indices.astype(np.int32),
        f"{name}.impacts": weighed.data,
    }
