import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import retrieval
from retrieval.text.analyzer import analyzer, normalize
from retrieval.text.lexicon import PlaceCue, WordCue, place_cues, word_cues, word_list

LISTS = sorted((Path(retrieval.__file__).parent / "wordlists").glob("*.json"))
LANGUAGES = [path.stem for path in LISTS]


def cues_of(text, language="en"):
    tokens = list(analyzer(language).tokens(text))
    words = [word_cues(token.word, language) for token in tokens]
    places = place_cues(text, tokens, words)
    return {
        token.word: (WordCue(word), PlaceCue(place)) for token, word, place in zip(tokens, words, places, strict=True)
    }


@pytest.mark.parametrize(
    ("word", "language", "cue"),
    [
        ("may", "en", WordCue.MONTH),
        ("because", "en", WordCue.CAUSE),
        ("seven", "en", WordCue.NUMBER_WORD),
        ("he", "en", WordCue.PRONOUN),
        ("king", "en", WordCue.PERSON),
        ("euros", "en", WordCue.MONEY),
        ("percent", "en", WordCue.PERCENT),
        ("марта", "ru", WordCue.MONTH),
        ("Семь", "ru", WordCue.NUMBER_WORD),
        ("поскольку", "ru", WordCue.CAUSE),
        ("März", "de", WordCue.MONTH),
        ("fünf", "de", WordCue.NUMBER_WORD),
        ("dólares", "es", WordCue.MONEY),
        ("يناير", "ar", WordCue.MONTH),
        ("بسبب", "ar", WordCue.CAUSE),
        ("زیرا", "fa", WordCue.CAUSE),
        ("Ιανουαρίου", "el", WordCue.MONTH),
        ("जनवरी", "hi", WordCue.MONTH),
        ("çünkü", "tr", WordCue.CAUSE),
        ("因为", "zh", WordCue.CAUSE),
    ],
)
def test_a_listed_word_has_its_cue_however_it_is_written(word, language, cue):
    for written in (word, word.upper() if language != "tr" else word):
        assert WordCue(word_cues(normalize(written, language), language)) & cue


def test_a_word_may_have_several_cues_and_an_unlisted_one_has_none():
    assert word_cues("second", "en") == WordCue.NUMBER_WORD
    assert word_cues("in", "en") == WordCue.PLACE_BEFORE
    assert word_cues("founded", "en") == WordCue.PERSON
    assert word_cues("его", "ru") == WordCue.PRONOUN
    assert word_cues("el", "es") == WordCue.PRONOUN
    assert word_cues("entre", "es") == WordCue.PLACE_BEFORE
    assert WordCue(word_cues("ciento", "es")) == WordCue.NUMBER_WORD | WordCue.PERCENT
    assert word_cues("octopus", "en") == 0


def test_the_same_letters_are_another_cue_in_another_language():
    assert word_cues("mai", "de") == WordCue.MONTH
    assert word_cues("mai", "en") == 0
    assert word_cues("weil", "de") == WordCue.CAUSE
    assert word_cues("weil", "en") == 0


@pytest.mark.parametrize(
    ("word", "cues"),
    [
        ("1999", WordCue.NUMBER | WordCue.YEAR),
        ("1000", WordCue.NUMBER | WordCue.YEAR),
        ("2099", WordCue.NUMBER | WordCue.YEAR),
        ("2100", WordCue.NUMBER),
        ("999", WordCue.NUMBER),
        ("19990", WordCue.NUMBER),
        ("19.5", WordCue.NUMBER),
        ("٣", WordCue.NUMBER),
        ("", 0),
    ],
)
def test_numbers_and_years_need_no_list(word, cues):
    assert word_cues(word, "und") == cues
    assert word_cues(word, "en") == cues


def test_a_capital_counts_behind_the_first_word_and_two_in_a_row_are_a_pair():
    found = cues_of("Former Mayor Ann Lee met voters")
    assert found["former"][1] == 0
    assert found["mayor"][1] == PlaceCue.CAPITAL | PlaceCue.PAIR  # "Former" is capitalised for where it stands
    assert found["lee"][1] == PlaceCue.CAPITAL | PlaceCue.PAIR
    assert found["met"][1] == 0
    assert cues_of("it met Ann today")["ann"][1] == PlaceCue.CAPITAL


def test_what_follows_a_preposition_of_place_may_be_one_if_it_is_capitalised():
    found = cues_of("They met in Paris, in spring, in 1932 and near Nice")
    assert PlaceCue.PLACE in found["paris"][1]
    assert PlaceCue.PLACE in found["nice"][1]
    assert PlaceCue.PLACE not in found["spring"][1]
    assert PlaceCue.PLACE not in found["1932"][1]


def test_where_a_script_has_no_capitals_any_word_after_such_a_preposition_may_be_a_place():
    assert PlaceCue.PLACE in cues_of("ولد في طنجة سنة", "ar")["طنجة"][1]
    assert PlaceCue.PLACE not in cues_of("родился в городе", "ru")["городе"][1]
    assert PlaceCue.PLACE in cues_of("родился в Туле", "ru")["туле"][1]


@pytest.mark.parametrize("text", ["cost $40 then", "cost £40 then", "cost €40 then", "$40"])
def test_a_number_behind_a_currency_sign_is_money(text):
    assert PlaceCue.MONEY in cues_of(text)["40"][1]
    assert PlaceCue.MONEY not in cues_of("cost 40 then")["40"][1]


@pytest.mark.parametrize("text", ["by 40% then", "by 40 % then", "نسبة 40٪ من"])
def test_a_number_before_a_per_cent_sign_is_a_share(text):
    assert PlaceCue.PERCENT in cues_of(text)["40"][1]
    assert PlaceCue.PERCENT not in cues_of("by 40 then %")["40"][1]


def test_a_sign_at_the_other_end_of_the_sentence_is_not_the_numbers():
    assert cues_of("40 paid in $")["40"][1] == 0
    assert cues_of("40")["40"][1] == 0


@pytest.mark.parametrize("path", LISTS, ids=LANGUAGES)
def test_every_list_is_of_known_cues_and_every_word_of_it_is_found(path):
    names = {cue.name.lower() for cue in WordCue} - {"number", "year", "place_before"} | {"place"}
    listed = json.loads(path.read_text(encoding="utf-8"))["cues"]
    assert set(listed) <= names
    for name, words in listed.items():
        cue = WordCue.PLACE_BEFORE if name == "place" else WordCue[name.upper()]
        for word in words.split():
            assert WordCue(word_cues(normalize(word, path.stem), path.stem)) & cue, (name, word)


@pytest.mark.parametrize("language", ["und", "", "../wordlists/en", "xx"])
def test_a_language_without_a_list_has_none_and_no_file_is_reached_by_name(language):
    assert word_list(language) == {}
    assert word_cues("because", language) == 0


@given(st.text(max_size=40), st.sampled_from([*LANGUAGES, "und"]))
def test_any_text_has_a_cue_for_each_token_that_fits_its_bits(text, language):
    tokens = list(analyzer(language).tokens(text))
    words = [word_cues(token.word, language) for token in tokens]
    places = place_cues(text, tokens, words)
    assert len(places) == len(tokens)
    assert all(0 <= word < 2**16 for word in words)
    assert all(0 <= place < 2**8 for place in places)
    assert not any(place & PlaceCue.CAPITAL for place in places[:1])


def test_no_two_cues_share_a_bit():
    for kind in (WordCue, PlaceCue):
        assert all(not one.value & other.value for one, other in itertools.combinations(kind, 2))
