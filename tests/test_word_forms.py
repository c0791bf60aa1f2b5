import pytest
from rapidfuzz.distance import DamerauLevenshtein

from retrieval.text.word_forms import differ_by_ending, differ_by_prefix, is_word, may_mean


def means(word, other, language="en"):
    return may_mean(word, other, language, DamerauLevenshtein.normalized_similarity(word, other))


def test_frequent_misspellings_and_words_of_other_languages_are_no_words():
    assert [word for word in ("separate", "seperate", "their", "thier", "fluss", "qwzxk") if is_word(word, "en")] == [
        "separate", "their",
    ]  # fmt: skip
    assert is_word("fluss", "de")
    assert not is_word("separate", "xx")


@pytest.mark.parametrize(
    ("word", "other", "language"),
    [
        ("sang", "sung", "en"),
        ("centre", "center", "en"),
        ("tehran", "teheran", "en"),  # the other spelling is in no table
        ("begonnen", "begannen", "de"),
        ("закрыта", "закрыт", "ru"),
        ("بوصية", "وصية", "ar"),
    ],
)
def test_other_forms_and_spellings_of_a_word_may_be_meant(word, other, language):
    assert means(word, other, language)


@pytest.mark.parametrize(
    ("word", "other", "language"),
    [
        ("canada", "canal", "en"),
        ("painted", "printed", "en"),
        ("university", "universal", "en"),  # English words seldom differ in their ending alone
        ("stadt", "staat", "de"),
        ("послал", "после", "ru"),
        ("عاصمة", "عاصفة", "ar"),
    ],
)
def test_a_word_that_only_looks_like_it_is_not_meant(word, other, language):
    assert not means(word, other, language)


def test_endings_are_short_and_prefixes_are_of_languages_that_have_them():
    assert differ_by_ending("registrieren", "registrierte", 5)
    assert not differ_by_ending("capital", "capitalise", 8)
    assert not differ_by_ending("bundes", "bundestag", 7)
    assert not differ_by_ending("interest", "interestingly", 5)
    assert differ_by_prefix("لمتحف", "المتحف", "ar")
    assert differ_by_prefix("باجراء", "واجراء", "ar")
    assert not differ_by_prefix("stand", "bestand", "de")
