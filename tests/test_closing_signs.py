"""Questions, announcements and exclamations, by their last signs."""

import pytest

from retrieval.text.closing_signs import announces, asks, exclaims


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Who ground it?", "en"), ("(Who ground it?)", "en"), ("“Who ground it?”", "en"), ("谁磨的？", "zh"),
        ("من طحنها؟", "ar"), ("Ποιος το άλεσε;", "el"), ("**Who ground it?**", "en"),
    ],
)  # fmt: skip
def test_a_question_is_known_in_any_script(text, language):
    assert asks(text, language)


@pytest.mark.parametrize("text", ["He asked: “Who ground it?”", "Who ground it? He did.", "It was late;", ""])
def test_a_sentence_that_quotes_a_question_is_none(text):
    assert not asks(text, "en")


@pytest.mark.parametrize("text", ["Run this:", "Run *this:*", "(Run this:)", "“Run this:”", "运行："])
def test_a_colon_announces_what_follows(text):
    assert announces(text)
    assert not announces(text + " now")


def test_a_sentence_exclaims_in_any_script():
    assert exclaims("“Home!”")
    assert exclaims("到家了！")
    assert not exclaims("Home! At last.")
