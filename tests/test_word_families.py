"""Irregular and derived forms of English words."""

import pytest

from retrieval.text.analyzer import analyzer
from retrieval.text.word_families import related_terms


def term(word):
    (found,) = analyzer("en").terms(word)
    return found


@pytest.mark.parametrize(
    ("form", "other"),
    [
        ("went", "go"),
        ("born", "birth"),
        ("birth", "bear"),
        ("died", "death"),
        ("discovery", "discovered"),
        ("feet", "foot"),
    ],
)
def test_irregular_and_derived_forms_are_related(form, other):
    assert term(other) in related_terms(term(form))
    assert term(form) in related_terms(term(other))


def test_a_word_is_not_related_to_itself_and_most_words_to_none():
    assert term("went") not in related_terms(term("went"))
    assert related_terms(term("xqzzyv")) == ()
