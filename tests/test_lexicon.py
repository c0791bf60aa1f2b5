import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import retrieval
from retrieval.text.analyzer import analyzer, normalize
from retrieval.text.languages import word_lists
from retrieval.text.lexicon import TokenShape, WordClass, token_shapes, word_classes

LISTS = sorted((Path(retrieval.__file__).parent / "text" / "wordlists").glob("??.json"))
LANGUAGES = [path.stem for path in LISTS]


def cues_of(text, language="en"):
    tokens = list(analyzer(language).tokens(text))
    words = [word_classes(token.word, language) for token in tokens]
    places = token_shapes(text, tokens, words)
    return {
        token.word: (WordClass(word), TokenShape(place))
        for token, word, place in zip(tokens, words, places, strict=True)
    }


@pytest.mark.parametrize(
    ("word", "language", "cue"),
    [
        ("may", "en", WordClass.MONTH),
        ("because", "en", WordClass.CAUSE),
        ("seven", "en", WordClass.NUMBER_WORD),
        ("he", "en", WordClass.PRONOUN),
        ("king", "en", WordClass.PERSON),
        ("euros", "en", WordClass.MONEY),
        ("percent", "en", WordClass.PERCENT),
        ("марта", "ru", WordClass.MONTH),
        ("Семь", "ru", WordClass.NUMBER_WORD),
        ("поскольку", "ru", WordClass.CAUSE),
        ("März", "de", WordClass.MONTH),
        ("fünf", "de", WordClass.NUMBER_WORD),
        ("dólares", "es", WordClass.MONEY),
        ("يناير", "ar", WordClass.MONTH),
        ("بسبب", "ar", WordClass.CAUSE),
        ("زیرا", "fa", WordClass.CAUSE),
        ("Ιανουαρίου", "el", WordClass.MONTH),
        ("जनवरी", "hi", WordClass.MONTH),
        ("çünkü", "tr", WordClass.CAUSE),
        ("因为", "zh", WordClass.CAUSE),
    ],
)
def test_a_listed_word_has_its_cue_however_it_is_written(word, language, cue):
    for written in (word, word.upper() if language != "tr" else word):
        assert WordClass(word_classes(normalize(written, language), language)) & cue


def test_a_word_may_have_several_cues_and_an_unlisted_one_has_none():
    assert word_classes("second", "en") == WordClass.NUMBER_WORD
    assert word_classes("in", "en") == WordClass.PLACE_BEFORE
    assert word_classes("founded", "en") == WordClass.PERSON
    assert word_classes("его", "ru") == WordClass.PRONOUN
    assert word_classes("el", "es") == WordClass.PRONOUN
    assert word_classes("entre", "es") == WordClass.PLACE_BEFORE
    assert WordClass(word_classes("ciento", "es")) == WordClass.NUMBER_WORD | WordClass.PERCENT
    assert word_classes("octopus", "en") == 0


def test_the_same_letters_are_another_cue_in_another_language():
    assert word_classes("mai", "de") == WordClass.MONTH
    assert word_classes("mai", "en") == 0
    assert word_classes("weil", "de") == WordClass.CAUSE
    assert word_classes("weil", "en") == 0


@pytest.mark.parametrize(
    ("word", "cues"),
    [
        ("1999", WordClass.NUMBER | WordClass.YEAR),
        ("1000", WordClass.NUMBER | WordClass.YEAR),
        ("2099", WordClass.NUMBER | WordClass.YEAR),
        ("2100", WordClass.NUMBER),
        ("999", WordClass.NUMBER),
        ("19990", WordClass.NUMBER),
        ("19.5", WordClass.NUMBER),
        ("٣", WordClass.NUMBER),
        ("", 0),
    ],
)
def test_numbers_and_years_need_no_list(word, cues):
    assert word_classes(word, "und") == cues
    assert word_classes(word, "en") == cues


def test_a_capital_counts_behind_the_first_word_and_two_in_a_row_are_a_pair():
    found = cues_of("Former Mayor Ann Lee met voters")
    assert found["former"][1] == 0
    assert found["mayor"][1] == TokenShape.CAPITAL | TokenShape.PAIR  # "Former" is capitalised for where it stands
    assert found["lee"][1] == TokenShape.CAPITAL | TokenShape.PAIR
    assert found["met"][1] == 0
    assert cues_of("it met Ann today")["ann"][1] == TokenShape.CAPITAL


def test_what_follows_a_preposition_of_place_may_be_one_if_it_is_capitalised():
    found = cues_of("They met in Paris, in spring, in 1932 and near Nice")
    assert TokenShape.PLACE in found["paris"][1]
    assert TokenShape.PLACE in found["nice"][1]
    assert TokenShape.PLACE not in found["spring"][1]
    assert TokenShape.PLACE not in found["1932"][1]


def test_where_a_script_has_no_capitals_any_word_after_such_a_preposition_may_be_a_place():
    assert TokenShape.PLACE in cues_of("ولد في طنجة سنة", "ar")["طنجة"][1]
    assert TokenShape.PLACE not in cues_of("родился в городе", "ru")["городе"][1]
    assert TokenShape.PLACE in cues_of("родился в Туле", "ru")["туле"][1]


@pytest.mark.parametrize("text", ["cost $40 then", "cost £40 then", "cost €40 then", "$40"])
def test_a_number_behind_a_currency_sign_is_money(text):
    assert TokenShape.MONEY in cues_of(text)["40"][1]
    assert TokenShape.MONEY not in cues_of("cost 40 then")["40"][1]


@pytest.mark.parametrize("text", ["by 40% then", "by 40 % then", "نسبة 40٪ من"])
def test_a_number_before_a_per_cent_sign_is_a_share(text):
    assert TokenShape.PERCENT in cues_of(text)["40"][1]
    assert TokenShape.PERCENT not in cues_of("by 40 then %")["40"][1]


def test_a_sign_at_the_other_end_of_the_sentence_is_not_the_numbers():
    assert cues_of("40 paid in $")["40"][1] == 0
    assert cues_of("40")["40"][1] == 0


@pytest.mark.parametrize("path", LISTS, ids=LANGUAGES)
def test_every_list_is_of_known_cues_and_every_word_of_it_is_found(path):
    names = {cue.name.lower() for cue in WordClass} - {"number", "year", "place_before"} | {"place"}
    listed = json.loads(path.read_text(encoding="utf-8"))["classes"]
    assert set(listed) <= names
    for name, words in listed.items():
        cue = WordClass.PLACE_BEFORE if name == "place" else WordClass[name.upper()]
        for word in words.split():
            assert WordClass(word_classes(normalize(word, path.stem), path.stem)) & cue, (name, word)


@pytest.mark.parametrize("language", ["und", "", "../wordlists/en", "every_language", "xx"])
def test_a_language_without_a_list_has_none_and_no_file_is_reached_by_name(language):
    assert word_lists(language) == {}
    assert word_classes("because", language) == 0


@given(st.text(max_size=40), st.sampled_from([*LANGUAGES, "und"]))
def test_any_text_has_a_cue_for_each_token_that_fits_its_bits(text, language):
    tokens = list(analyzer(language).tokens(text))
    words = [word_classes(token.word, language) for token in tokens]
    places = token_shapes(text, tokens, words)
    assert len(places) == len(tokens)
    assert all(0 <= word < 2**16 for word in words)
    assert all(0 <= place < 2**8 for place in places)
    assert not any(place & TokenShape.CAPITAL for place in places[:1])


def test_no_two_cues_share_a_bit():
    for kind in (WordClass, TokenShape):
        assert all(not one.value & other.value for one, other in itertools.combinations(kind, 2))
