"""Versions of articles -> the segment of a generation."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from retrieval.analysis import Analyzer
from retrieval.cues import place_cues, word_cues
from retrieval.index.counting import count_terms, sum_rows
from retrieval.index.fields import FIELDS
from retrieval.index.segments import Segment, write_segment
from retrieval.index.weighting import document_frequencies, impacts
from retrieval.index.words import Arrays, WordTable
from retrieval.languages import UNKNOWN
from retrieval.records import ANSWERING, Sentence, Version


@dataclass(slots=True)
class _Rows:
    """What is known of each sentence, paragraph and article, in index order."""

    terms: list[list[int]] = field(default_factory=list)  # of each sentence
    words: list[list[int]] = field(default_factory=list)  # the same words, by their number in the table
    cues: list[list[int]] = field(default_factory=list)  # the same words' PlaceCue bits
    titles: list[list[int]] = field(default_factory=list)  # terms of each article's title
    position: list[int] = field(default_factory=list)
    paragraph: list[int] = field(default_factory=list)  # number over the whole segment, from 0
    article: list[int] = field(default_factory=list)  # the same
    version: list[int] = field(default_factory=list)  # row of each article's version in the store
    languages: Counter[str] = field(default_factory=Counter)
    table: WordTable = field(default_factory=WordTable)
    paragraphs: int = 0

    def add(self, version: Version, analyzer: Analyzer) -> None:
        """Take in the sentences of an article that can answer."""
        last = None
        for sentence in version.sentences:
            if sentence.kind in ANSWERING:
                self.paragraphs += sentence.paragraph != last
                last = sentence.paragraph
                self._add_sentence(sentence, analyzer)
        self.titles.append(analyzer.terms(version.article.title))
        self.version.append(version.row)
        self.languages[analyzer.language] += 1

    def _add_sentence(self, sentence: Sentence, analyzer: Analyzer) -> None:
        tokens = list(analyzer.tokens(sentence.text))
        cues = [word_cues(token.word, analyzer.language) for token in tokens]
        self.terms.append([token.term for token in tokens])
        self.words.append(
            [self.table.add(token.word, token.term, cue) for token, cue in zip(tokens, cues, strict=True)]
        )
        self.cues.append(place_cues(sentence.text, tokens, cues))
        self.position.append(sentence.position)
        self.paragraph.append(self.paragraphs - 1)
        self.article.append(len(self.version))


def build_index(versions: Iterable[Version], folder: Path, generation: int, begun: str = "") -> None:
    """Build the segment of a generation from its articles, which come ordered by id, and put it in place.

    `begun` is when the store began the generation.
    """
    rows = _Rows()
    analyzers: dict[str, Analyzer] = {}
    for version in versions:
        language = version.article.language or UNKNOWN
        rows.add(version, analyzers.setdefault(language, Analyzer(language)))
    postings = _postings(rows)
    arrays: Arrays = {
        "position": np.array(rows.position, np.int32),
        "paragraph": np.array(rows.paragraph, np.int32),
        "article": np.array(rows.article, np.int32),
        "version": np.array(rows.version, np.int64),
        **postings,
        **_forward(rows, postings["terms"]),  # type: ignore[arg-type]
    }
    write_segment(folder, Segment(generation, begun, arrays, tuple(name for name, _ in rows.languages.most_common())))


def _forward(rows: _Rows, terms: NDArray[np.uint32]) -> Arrays:
    """Give the running words of each sentence, those of sentence i at[i]:at[i+1], and the table of words."""
    at = np.zeros(len(rows.words) + 1, np.int64)
    np.cumsum([len(row) for row in rows.words], out=at[1:])
    table, place = rows.table.arrays(terms)
    words = np.array([word for row in rows.words for word in row], np.int32)
    cues = np.array([cue for row in rows.cues for cue in row], np.uint8)
    return {"forward.at": at, "forward.words": place[words], "forward.cues": cues, **table}


def _postings(rows: _Rows) -> Arrays:
    counts, terms = count_terms([*rows.terms, *rows.titles])
    of_sentences, of_titles = counts[: len(rows.terms)], counts[len(rows.terms) :]
    arrays: Arrays = {"terms": terms, "df": document_frequencies(of_sentences)}
    for spec in FIELDS:
        units = of_titles if spec.name == "title" else _units(of_sentences, spec.unit, rows)
        arrays |= _arrays(spec.name, impacts(units, spec))
    return arrays


def _units(counts: csr_matrix, unit: str, rows: _Rows) -> csr_matrix:
    if unit == "paragraph":
        return sum_rows(counts, np.array(rows.paragraph, np.int32), rows.paragraphs)
    if unit == "article":
        return sum_rows(counts, np.array(rows.article, np.int32), len(rows.version))
    return counts


def _arrays(name: str, weighed: csc_matrix) -> Arrays:
    return {
        f"{name}.at": weighed.indptr.astype(np.int64),
        f"{name}.units": weighed.indices.astype(np.int32),
        f"{name}.impacts": weighed.data,
    }
