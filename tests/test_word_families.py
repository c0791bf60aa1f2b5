"""Irregular and derived forms of English words."""

import pytest

from retrieval import open_engine
from retrieval.asking.answerer import Answerer
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


def test_a_question_finds_what_is_said_in_a_derived_form(tmp_path):
    (tmp_path / "mill.txt").write_text("The mill\n\nThe death of the miller ended it.\n\nTea was cheap.")
    with open_engine(tmp_path / "s.db") as engine, Answerer(tmp_path / "s.db") as answerer:
        engine.load([tmp_path / "mill.txt"])
        found = answerer.ranking_input("who died")
        assert found is not None
        assert answerer.hits(found)[0].text == "The death of the miller ended it."
