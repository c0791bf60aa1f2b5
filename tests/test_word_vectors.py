"""Word vectors and frequencies: words of like meaning are near each other, in one language and across languages."""

import subprocess
import sys

import numpy as np
import pytest
from conftest import environment

from retrieval.text.analyzer import analyzer
from retrieval.text.word_frequency import zipf
from retrieval.text.word_vectors import open_word_vectors


def cosine(one, other):
    first, second = open_word_vectors().vectors([one, other])
    return float(first @ second)


@pytest.mark.parametrize(
    ("word", "near", "far"),
    [
        ("cost", "price", "captain"),
        ("buy", "purchase", "river"),
        ("dog", "hund", "price"),
        ("dog", "perro", "price"),
        ("dog", "собака", "price"),
        ("river", "fluss", "doctor"),
        ("capital", "capitale", "canal"),
        ("school", "学校", "river"),
    ],
)
def test_words_of_like_meaning_are_near_each_other(word, near, far):
    assert cosine(word, near) > cosine(word, far) + 0.2


def test_vectors_have_length_1_and_unknown_words_have_none():
    table = open_word_vectors()
    known, unknown = table.vectors(["bridge", "xqzzyv"])
    assert known.dtype == np.float32
    assert known.shape == (table.dimensions,)
    assert np.linalg.norm(known) == pytest.approx(1, abs=0.02)
    assert not unknown.any()
    assert table.rows(["bridge", "xqzzyv"])[1] == -1
    assert table.vectors([]).shape == (0, table.dimensions)


def test_products_computed_in_blocks_are_those_of_the_whole_vectors():
    table = open_word_vectors()
    asked = table.vectors(["bridge", "price", "xqzzyv"])
    rows = np.arange(2000)  # more than are computed at once
    assert table.products(asked, rows) == pytest.approx(asked @ table.vectors_of_rows(rows).T, abs=1e-5)
    assert table.products(asked[:0], rows).shape == (0, len(rows))


def test_an_unknown_form_has_the_vector_of_its_stem():
    table = open_word_vectors()
    tokens = list(analyzer("de").tokens("brücke brückes xqzzyv"))
    words = [token.word for token in tokens]
    terms = np.array([token.term for token in tokens], np.uint32)
    assert table.rows(words).tolist()[1:] == [-1, -1]
    known, form, unknown = table.rows(words, terms).tolist()
    assert known == form >= 0
    assert unknown == -1
    assert not table.vectors(words, terms)[2].any()


def test_a_long_word_without_a_vector_has_that_of_its_parts():
    table = open_word_vectors()
    assert table.rows(["arbeitsvertrag", "webhook", "xqzzyvbridge"]).tolist() == [-1, -1, -1]
    compound, first, last, webhook, unknown = table.vectors(
        ["arbeitsvertrag", "arbeit", "vertrag", "webhook", "xqzzyvbridge"]
    )
    assert min(float(compound @ first), float(compound @ last)) > 0.6
    assert np.linalg.norm([compound, webhook], axis=1) == pytest.approx([1, 1], abs=0.001)
    assert not unknown.any()


def test_frequency_tells_known_words_from_misspelt_ones():
    assert zipf("the") > zipf("capital") > zipf("aqueduct") > 2
    assert zipf("captial") == 0.0
    assert zipf("hund", "de") > 4
    assert zipf("hund", "en") == 0.0
    assert zipf("hund", "xx") == 0.0


def test_the_tables_are_read_when_they_are_used_and_not_before():
    program = """
import sys, retrieval.asking.answerer
mapped = lambda: "vectors.npy" in open("/proc/self/maps").read()
import retrieval.text.word_vectors as words
print(mapped()); words.open_word_vectors(); print(mapped())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]
