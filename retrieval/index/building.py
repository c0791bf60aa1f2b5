"""Versions of articles -> the segment of a generation."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix

from retrieval.analysis import Analyzer, pair_numbers
from retrieval.index.counting import count_terms, sum_rows
from retrieval.index.fields import FIELDS
from retrieval.index.segments import Segment, write_segment
from retrieval.index.weighting import document_frequencies, impacts
from retrieval.languages import UNKNOWN
from retrieval.records import ANSWERING, Version


@dataclass(slots=True)
class _Rows:
    """What is known of each sentence, paragraph and article, in index order."""

    terms: list[list[int]] = field(default_factory=list)  # of each sentence
    titles: list[list[int]] = field(default_factory=list)  # of each article
    position: list[int] = field(default_factory=list)
    paragraph: list[int] = field(default_factory=list)  # number over the whole segment, from 0
    article: list[int] = field(default_factory=list)  # the same
    version: list[int] = field(default_factory=list)  # row of each article's version in the store
    languages: Counter[str] = field(default_factory=Counter)
    paragraphs: int = 0

    def add(self, version: Version, analyzers: dict[str, Analyzer]) -> None:
        """Take in the sentences of an article that can answer."""
        language = version.article.language or UNKNOWN
        analyzer = analyzers.setdefault(language, Analyzer(language))
        last = None
        for sentence in version.sentences:
            if sentence.kind not in ANSWERING:
                continue
            self.paragraphs += sentence.paragraph != last
            last = sentence.paragraph
            self.terms.append(analyzer.terms(sentence.text))
            self.position.append(sentence.position)
            self.paragraph.append(self.paragraphs - 1)
            self.article.append(len(self.version))
        self.titles.append(analyzer.terms(version.article.title))
        self.version.append(version.row)
        self.languages[language] += 1


def build_index(versions: Iterable[Version], folder: Path, generation: int) -> None:
    """Build the segment of a generation from its articles, which come ordered by id, and put it in place."""
    rows = _Rows()
    analyzers: dict[str, Analyzer] = {}
    for version in versions:
        rows.add(version, analyzers)
    arrays: dict[str, NDArray[np.generic]] = {
        "position": np.array(rows.position, np.int32),
        "paragraph": np.array(rows.paragraph, np.int32),
        "article": np.array(rows.article, np.int32),
        "version": np.array(rows.version, np.int64),
        **_forward(rows.terms),
        **_postings(rows),
    }
    write_segment(folder, Segment(generation, arrays, tuple(name for name, _ in rows.languages.most_common())))


def _forward(terms: list[list[int]]) -> dict[str, NDArray[np.generic]]:
    """Give the running terms of each sentence: those of sentence i are at[i]:at[i+1]."""
    at = np.zeros(len(terms) + 1, np.int64)
    np.cumsum([len(row) for row in terms], out=at[1:])
    return {"forward.at": at, "forward.terms": np.array([term for row in terms for term in row], np.uint32)}


def _postings(rows: _Rows) -> dict[str, NDArray[np.generic]]:
    arrays: dict[str, NDArray[np.generic]] = {}
    for grams in (1, 2):
        sentences = rows.terms if grams == 1 else [pair_numbers(terms) for terms in rows.terms]
        titles = rows.titles if grams == 1 else []
        counts, terms = count_terms([*sentences, *titles])
        of_sentences, of_titles = counts[: len(sentences)], counts[len(sentences) :]
        arrays[f"terms{grams}"] = terms
        arrays[f"df{grams}"] = document_frequencies(of_sentences)
        for spec in FIELDS:
            if spec.grams == grams:
                units = of_titles if spec.name == "title" else _units(of_sentences, spec.unit, rows)
                arrays |= _arrays(spec.name, impacts(units, spec))
    return arrays


def _units(counts: csr_matrix, unit: str, rows: _Rows) -> csr_matrix:
    if unit == "paragraph":
        return sum_rows(counts, np.array(rows.paragraph, np.int32), rows.paragraphs)
    if unit == "article":
        return sum_rows(counts, np.array(rows.article, np.int32), len(rows.version))
    return counts


def _arrays(name: str, weighed: csc_matrix) -> dict[str, NDArray[np.generic]]:
    return {
        f"{name}.at": weighed.indptr.astype(np.int64),
        f"{name}.units": weighed.indices.astype(np.int32),
        f"{name}.impacts": weighed.data,
    }
