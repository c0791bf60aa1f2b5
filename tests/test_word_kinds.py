"""Kinds of things, the kinds that questions ask for, and base forms."""

import pytest

from retrieval.text.word_kinds import KINDS, kind_asked, kind_bits, kinds


@pytest.mark.parametrize(
    ("noun", "answers", "others"),
    [
        ("city", ["paris", "london"], ["dog", "river"]),
        ("country", ["france", "jordan"], ["paris", "violin"]),
        ("animal", ["dog", "dogs", "mice"], ["paris", "violin"]),
        ("person", ["women", "soldier", "einstein"], ["violin", "bread"]),
        ("instrument", ["violin"], ["bread", "dog"]),
        ("language", ["greek"], ["bread", "dog"]),
        ("disease", ["cholera"], ["bread", "paris"]),
        ("currency", ["euro"], ["bread", "paris"]),
        ("mountain", ["everest"], ["paris", "bread"]),
    ],
)
def test_a_noun_asks_for_words_of_its_kind(noun, answers, others):
    asked = kind_asked(noun)
    assert asked
    assert [word for word in answers if not kinds(word) & asked] == []
    assert [word for word in others if kinds(word) & asked] == []


def test_a_noun_that_names_no_kind_asks_for_what_it_is():
    assert kind_asked("actor") == kinds("actor")
    assert kinds("actor") & kind_bits()["person"]


def test_words_without_a_kind_have_no_bits():
    assert [kinds(word) for word in ("", "the", "xqzzyv", "s", "quickly")] == [0] * 5
    assert kind_asked("xqzzyv") == 0


def test_kinds_fit_into_64_bits():
    assert len(KINDS) <= 64
