import itertools

import pytest
from hostile_texts import cpu_limit, repeated
from hypothesis import given
from hypothesis import strategies as st

from retrieval.text.analyzer import Analyzer, analyzer, normalize, term_id


def same(language, *words):
    return len({tuple(analyzer(language).terms(word)) for word in words}) == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["election", "Elections", "ELECTION’S", "election's"]),
        ("en", ["1,000", "1000"]),
        ("en", ["naïve", "naive", "NAI\u0308VE"]),
        ("en", ["Ｔｅｈｒａｎ", "tehran"]),
        ("ru", ["ёлка", "елка", "ЁЛКИ"]),
        ("ar", ["الكِتَابُ", "الكتاب", "الكتـــاب"]),
        ("ar", ["أحمد", "احمد"]),
        ("fa", ["کتاب", "كتاب"]),
        ("he", ["שָׁלוֹם", "שלום"]),
        ("es", ["canción", "cancion", "canciones"]),
        ("de", ["Häuser", "hauser"]),
        ("hi", ["लड़के", "लड़के"]),
    ],
)
def test_forms_that_a_reader_takes_for_one_word_are_one_term(language, words):
    assert same(language, *words)


def test_different_words_are_different_terms():
    assert not same("en", "Iran", "Iraq")
    assert not same("hi", "पानी", "पाना")
    assert not same("tr", "on", "ön")


def test_a_word_in_capitals_is_no_other_word():
    assert same("tr", "istanbul", "İstanbul")
    assert same("tr", "ısı", "ISI")
    assert same("de", "Straße", "STRASSE")


def test_chinese_gives_pairs_of_characters_with_their_offsets():
    assert [(token.start, token.end) for token in Analyzer("zh").tokens("北京大学 A")] == [
        (0, 2),
        (1, 3),
        (2, 4),
        (5, 6),
    ]
    assert len(Analyzer("zh").terms("人")) == 1


def test_digits_decimals_and_letters_part():
    assert [token.word for token in Analyzer("en").tokens("In 1990s COVID-19 cost $3.5m, x_y")] == [
        "in", "1990", "s", "covid", "19", "cost", "3.5", "m", "x", "y",
    ]  # fmt: skip


def test_function_words_are_marked():
    assert [token.grammar for token in Analyzer("en").tokens("Who is the president?")] == [True, True, True, False]


def test_a_term_number_is_the_same_everywhere():
    assert term_id("canal") == 3783392089


@given(st.text(max_size=60), st.sampled_from(["en", "ar", "hi", "zh", "und", "th"]))
def test_tokens_lie_in_the_text_in_order_and_any_text_is_analysed(text, language):
    tokens = list(Analyzer(language).tokens(text))
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert all(before.start < after.start for before, after in itertools.pairwise(tokens))
    assert all(0 <= token.term < 2**32 for token in tokens)


@given(st.text(st.characters(exclude_characters="ı\U0001d6a4"), max_size=20))  # dotless i: its capital is the I of i
def test_normalising_twice_changes_nothing_more(text):
    once = normalize(text, "en")
    assert normalize(once.upper().lower(), "en") == normalize(once, "en")


@pytest.mark.parametrize("unit", ["\u0327\u0301", "\u05b0\u05b1", "a\u0327\u0301", "ﷺ"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_word_is_too_long_to_be_analyzed(unit, language):
    with cpu_limit(15):  # to order so many marks would take twice as long
        assert list(Analyzer(language).tokens(f"a{repeated(unit)(200_000)} end"))
