"""Handmade candidates: sentences of plain words, compared with a question by simple rules."""

import numpy as np

from retrieval.index.records import SAME_TERM, VECTOR_PLACES, Candidates, Query, QueryTerm, VectorRows
from retrieval.ranking.proximity import Proximity
from retrieval.text.word_kinds import kinds
from retrieval.text.word_vectors import open_word_vectors

LIKE = 0.6  # what "bridg" is of "bridge" below


def term(word, weight=2.0, *, grammar=False, name=False):
    return QueryTerm(word, hash(word) % 2**32, ((0, 1.0),), weight, weight, grammar, name)


def similar(asked, word):
    """Compare a word of the question with one of a sentence: "bridges" is a form of "bridge", "bridg" resembles it."""
    if asked == word:
        return 1.0
    return SAME_TERM if word == f"{asked}s" else LIKE if asked.startswith(word) and len(word) > 3 else 0.0


def vector_rows(texts):
    """Return the rows of the vectors of the words of some texts."""
    rows = [open_word_vectors().rows(text.split()) + 1 for text in texts]
    return VectorRows.of(np.concatenate(rows).astype(np.uint16), np.array([len(row) for row in rows]))


def made(terms, sentences, *, cues=None, places=None, idf=None, held=None, around=None, kinds_asked=0, **given):
    """Make a question and candidates from sentences, whose words are separated by spaces.

    `cues` and `places` are bits by word, `idf` is 5 for other words; `held` adds what is around a candidate,
    `around` the words there, a text for each candidate.
    """
    rows = [sentence.split() for sentence in sentences]
    vocabulary = sorted({word for row in rows for word in row})
    n, longest = len(rows), max(map(len, rows))
    words = np.zeros((max(longest, 1), n), np.intp)
    for number, row in enumerate(rows):
        words[: len(row), number] = [vocabulary.index(word) + 1 for word in row]
    similarity = np.zeros((len(terms), len(vocabulary) + 1), np.float32)
    for number, asked in enumerate(terms):
        similarity[number, 1:] = [similar(asked.word, word) for word in vocabulary]
    matches = similarity[:, words]
    beside = np.minimum(matches[:-1, :-1], matches[1:, 1:]).max(axis=1, initial=0)
    sentence = matches.max(axis=1, initial=0)
    nothing = {
        name: np.zeros_like(sentence) for name in ("previous", "next", "section", "title", "paragraph", "article")
    }
    nothing |= {name: np.array(values, np.float32) for name, values in (held or {}).items()}
    padded = ["", *vocabulary]
    bits = {
        name: np.array([[(by_word or {}).get(padded[word], 0) for word in row] for row in words], kind)
        for name, by_word, kind in (("word", cues, np.uint16), ("place", places, np.uint8))
    }
    defaults = {
        "rows": np.arange(n), "score": np.linspace(2, 1, n, dtype=np.float32), "fields": {}, "best": {},
        "held": {"sentence": sentence, **nothing}, "paired": {"sentence": beside, "paragraph": np.zeros_like(beside)},
        "vectors": vector_rows(
            [*sentences, *(text for place in VECTOR_PLACES[1:] for text in (around or {}).get(place, [""] * n))]
        ),
        "similarity": similarity, "words": words, "unknown_idf": 8.0,
        "word_idf": np.array([0, *((idf or {}).get(word, 5.0) for word in vocabulary)], np.float32)[words],
        "word_cues": bits["word"], "place_cues": bits["place"], "marks": np.zeros(n, np.uint8),
        "word_kinds": np.array([[kinds(padded[word]) for word in row] for row in words], np.uint64), "lengths": np.array([len(row) for row in rows]),
        "paragraph": np.arange(n, dtype=np.int32), "article": np.zeros(n, np.int32),
        "in_paragraph": np.zeros(n, np.intp), "in_article": np.arange(n),
    }  # fmt: skip
    if "paired" in given:
        given = given | {"paired": {"sentence": beside, "paragraph": given["paired"]}}
    query = Query(" ".join(one.word for one in terms), "en", tuple(terms), kinds=kinds_asked)
    return Proximity(query, Candidates(**defaults | given))
