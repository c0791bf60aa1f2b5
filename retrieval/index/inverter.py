"""The words of a chunk of articles -> their postings, all in memory: what `merging` makes a segment of."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from retrieval.index.bm25 import MOST_TF
from retrieval.index.merger_input import MergePart, firsts
from retrieval.index.segment import WORD_BITS, Arrays
from retrieval.index.tokens import Chunk
from retrieval.index.vocabulary import word_number
from retrieval.text.analyzer import term_id
from retrieval.text.spelling import PREFIX, signatures

LONGEST = 255  # terms of a sentence that are told apart
LEAST_LETTERS = 3  # words of a letter or two would look like many by chance: they look like nothing
Numbers = NDArray[np.integer]


def invert(rows: Chunk) -> MergePart:
    """Order words by term and units by word; no bounds yet, and no dense columns."""
    columns_of_words, place, table = _tables(rows)
    first = {
        "article": firsts(rows.article, len(rows.version)),
        "paragraph": firsts(rows.paragraph, len(rows.article)),
    }
    columns = columns_of_words[rows.words]
    terms = len(table["terms"])
    sentences = _counted(np.ones(len(columns), np.int32), columns, rows.at, terms)
    by_column = sentences.tocsc()
    at = sentences.indptr[first["paragraph"][first["article"]]]
    articles = _counted(sentences.data, sentences.indices, at, terms)
    titles = columns_of_words[rows.title_words]
    titled = _counted(np.ones(len(titles), np.int32), titles, rows.title_at, terms)
    arrays: Arrays = {
        "version": rows.version,
        "article.first": first["article"].astype(np.int32),
        "paragraph.first": first["paragraph"].astype(np.int32),
        "paragraph.article": rows.article,
        "position": rows.position,
        "forward.at": rows.at.astype(np.uint32),
        "forward.words": place[rows.words] | (rows.cues.astype(np.uint32) << WORD_BITS),
        **table,
        **_postings("sentence", by_column),
        **_of_paragraphs(by_column, rows, first["paragraph"]),
        **_postings("article", articles.tocsc()),
        **_lengths("article", articles),
        **_postings("title", titled.tocsc()),
        **_lengths("title", titled),
    }
    return MergePart(arrays, dict(rows.languages))


def _counted(data: Numbers, columns: Numbers, at: Numbers, terms: int) -> csr_matrix:
    """Count how often each unit has each column; those of unit i are columns[at[i]:at[i + 1]]."""
    counts = csr_matrix((data.copy(), columns.copy(), at), shape=(len(at) - 1, terms))
    counts.sum_duplicates()
    return counts


def _postings(field: str, by_column: csc_matrix) -> Arrays:
    return {
        f"{field}.at": by_column.indptr.astype(np.uint32),
        f"{field}.units": by_column.indices.astype(np.int32),
        f"{field}.tf": np.minimum(by_column.data, MOST_TF).astype(np.uint8),
    }


def _lengths(field: str, counts: csr_matrix) -> Arrays:
    return {f"{field}.length": np.asarray(counts.sum(axis=1)).ravel().astype(np.uint32)}


def _of_paragraphs(by_column: csc_matrix, rows: Chunk, first: Numbers) -> Arrays:
    """Give the postings of paragraphs from those of their sentences, which follow each other within a column."""
    terms = by_column.shape[1]
    column = np.repeat(np.arange(terms), np.diff(by_column.indptr))
    unit = rows.paragraph[by_column.indices]
    begins = np.ones(len(unit), np.bool_)
    begins[1:] = (unit[1:] != unit[:-1]) | (column[1:] != column[:-1])
    begin = begins.nonzero()[0]
    lengths = np.minimum(np.diff(rows.at), LONGEST)[by_column.indices]
    tf, shortest = (
        (np.add.reduceat(by_column.data, begin), np.minimum.reduceat(lengths, begin)) if len(begin) else (unit, unit)
    )
    return {
        "paragraph.length": np.diff(rows.at[first]).astype(np.uint32),
        "paragraph.at": firsts(column[begin], terms).astype(np.uint32),
        "paragraph.units": unit[begin].astype(np.int32),
        "paragraph.tf": np.minimum(tf, MOST_TF).astype(np.uint8),
        "paragraph.shortest": shortest.astype(np.uint8),
    }


def _tables(rows: Chunk) -> tuple[NDArray[np.int32], NDArray[np.uint32], Arrays]:
    """Give each word's column, the place in the table of words of each that a sentence holds, and the tables."""
    running = np.flatnonzero(np.bincount(rows.words, minlength=len(rows.letters)))
    terms = np.unique(np.concatenate([rows.term[running], rows.term[rows.title_words]]))
    columns = terms.searchsorted(rows.term).astype(np.int32)
    forms = [
        (rows.letters[word], term) for word, term in zip(running.tolist(), rows.term[running].tolist(), strict=True)
    ]
    numbers = np.array([word_number(word, term) for word, term in forms], np.uint32)
    order = np.lexsort((numbers, columns[running]))
    ordered = running[order]
    place = np.zeros(len(rows.letters), np.uint32)
    place[ordered] = np.arange(len(ordered), dtype=np.uint32)
    words = [forms[place][0] for place in order.tolist()]
    return columns, place, {
        "terms": terms,
        "words.first": firsts(columns[ordered], len(terms)).astype(np.uint32),
        "words.number": numbers[order],
        "words.cues": rows.word_cues[ordered],
        "words.prefix": np.array([term_id(word[:PREFIX]) for word in words], np.uint32),
        "words.signature": signatures([word if len(word) >= LEAST_LETTERS else "" for word in words]),
        **_letters(words),
    }  # fmt: skip


def _letters(words: list[str]) -> Arrays:
    encoded = [word.encode("utf-8", "surrogatepass") for word in words]
    at = np.zeros(len(encoded) + 1, np.uint32)
    np.cumsum([len(word) for word in encoded], out=at[1:])
    return {"words.at": at, "words.letters": np.frombuffer(b"".join(encoded), np.uint8)}
