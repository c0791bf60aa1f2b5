"""The words of a chunk of articles -> its postings, in memory, ready to be merged into a segment."""

import numpy as np
from numpy.typing import NDArray

from retrieval.index.bm25 import MAX_TF
from retrieval.index.merger_input import MergeInput, firsts
from retrieval.index.postings import TermCounts, count_terms
from retrieval.index.segment import WORD_BITS, Arrays
from retrieval.index.tokens import Chunk
from retrieval.index.vocabulary import word_number
from retrieval.text.analyzer import term_id
from retrieval.text.spelling import PREFIX, signatures

MAX_SHORTEST = 255  # terms of a sentence; longer ones count as so long
MIN_LETTERS = 3  # a shorter word is never matched by resemblance: it would resemble too many by chance
Numbers = NDArray[np.integer]


def invert(chunk: Chunk) -> MergeInput:
    """Number terms and words, and sort postings by term."""
    columns, places, tables = _tables(chunk)
    terms = len(tables["terms"])
    first_row = firsts(chunk.paragraph, len(chunk.article))
    first_paragraph = firsts(chunk.article, len(chunk.version))
    lengths, section_lengths, title_lengths = map(np.diff, (chunk.at, chunk.section_at, chunk.title_at))
    sentences = count_terms(columns[chunk.words], lengths)
    paragraphs, starts = _grouped(sentences, chunk.paragraph)
    articles, _ = _grouped(paragraphs, chunk.article)
    sections = count_terms(columns[chunk.section_words], section_lengths)
    titles = count_terms(columns[chunk.title_words], title_lengths)
    shortest = _reduced(np.minimum, np.minimum(lengths, MAX_SHORTEST)[sentences.units], starts)
    arrays: Arrays = {
        "version": chunk.version,
        "article.first": first_paragraph.astype(np.int32),
        "paragraph.first": first_row.astype(np.int32),
        "paragraph.article": chunk.article,
        "position": chunk.position,
        "marks": chunk.marks,
        **_vectors("section", chunk, chunk.section_words, chunk.section_at),
        **_vectors("title", chunk, chunk.title_words, chunk.title_at),
        "forward.at": chunk.at.astype(np.uint32),
        "forward.words": places[chunk.words] | (chunk.cues.astype(np.uint32) << WORD_BITS),
        **tables,
        **_postings("paragraph", paragraphs, terms, np.diff(chunk.at[first_row])),
        **_postings("section", sections, terms, section_lengths),
        **_postings("article", articles, terms, np.diff(chunk.at[first_row[first_paragraph]])),
        **_postings("title", titles, terms, title_lengths),
        "paragraph.shortest": shortest.astype(np.uint8),
    }
    return MergeInput(arrays, dict(chunk.languages))


def _vectors(field: str, chunk: Chunk, words: Numbers, at: Numbers) -> Arrays:
    return {f"{field}.vectors": chunk.vectors[words], f"{field}.vectors.at": at.astype(np.uint32)}


def _grouped(counts: TermCounts, group_of: Numbers) -> tuple[TermCounts, NDArray[np.intp]]:
    """Add up the counts of neighbouring units that form a group; also return where each group starts."""
    groups = group_of[counts.units]
    changes = (np.diff(counts.columns, prepend=-1) != 0) | (np.diff(groups, prepend=-1) != 0)
    starts = changes.nonzero()[0]
    return TermCounts(counts.columns[starts], groups[starts], _reduced(np.add, counts.tf, starts)), starts


def _reduced(how: np.ufunc, values: Numbers, starts: Numbers) -> Numbers:
    return how.reduceat(values, starts) if len(starts) else values


def _postings(field: str, counts: TermCounts, terms: int, lengths: Numbers) -> Arrays:
    return {
        f"{field}.length": lengths.astype(np.uint32),
        f"{field}.at": firsts(counts.columns, terms).astype(np.uint32),
        f"{field}.units": counts.units.astype(np.int32),
        f"{field}.tf": np.minimum(counts.tf, MAX_TF).astype(np.uint8),
    }


def _tables(chunk: Chunk) -> tuple[NDArray[np.int32], NDArray[np.uint32], Arrays]:
    """Return the column of each word, the place of each running word in the table of words, and the tables."""
    running = np.flatnonzero(np.bincount(chunk.words, minlength=len(chunk.letters)))
    terms = np.unique(chunk.term)
    columns = terms.searchsorted(chunk.term).astype(np.int32)
    forms = [
        (chunk.letters[word], term) for word, term in zip(running.tolist(), chunk.term[running].tolist(), strict=True)
    ]
    numbers = np.array([word_number(word, term) for word, term in forms], np.uint32)
    order = np.lexsort((numbers, columns[running]))
    ordered = running[order]
    places = np.zeros(len(chunk.letters), np.uint32)
    places[ordered] = np.arange(len(ordered), dtype=np.uint32)
    words = [forms[place][0] for place in order.tolist()]
    return columns, places, {
        "terms": terms,
        "words.first": firsts(columns[ordered], len(terms)).astype(np.uint32),
        "words.number": numbers[order],
        "words.cues": chunk.word_cues[ordered],
        "words.vector": chunk.vectors[ordered],
        "words.kinds": chunk.kinds[ordered],
        "words.prefix": np.array([term_id(word[:PREFIX]) for word in words], np.uint32),
        "words.signature": signatures([word if len(word) >= MIN_LETTERS else "" for word in words]),
        **_letters(words),
    }  # fmt: skip


def _letters(words: list[str]) -> Arrays:
    encoded = [word.encode("utf-8", "surrogatepass") for word in words]
    at = np.zeros(len(encoded) + 1, np.uint32)
    np.cumsum([len(word) for word in encoded], out=at[1:])
    return {"words.at": at, "words.letters": np.frombuffer(b"".join(encoded), np.uint8)}
