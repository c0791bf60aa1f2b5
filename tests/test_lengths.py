import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.lengths import beginning, shorten, utf16_units

FLAG, FAMILY, THUMB, DEVANAGARI = "🇩🇪", "👩‍👩‍👧‍👦", "👍🏽", "क्षि"


@pytest.mark.parametrize("grapheme", [FLAG, FAMILY, THUMB, DEVANAGARI, "e\u0301", "\u1112\u1161\u11ab"])
@pytest.mark.parametrize("most", range(40, 70))
def test_no_text_is_cut_within_what_people_see_as_one_character(grapheme, most):
    cut = shorten(130 * grapheme, most)
    assert cut.removesuffix("…").replace(grapheme, "") == ""
    assert most - utf16_units(grapheme) <= utf16_units(cut) <= most


def test_a_flag_is_told_from_the_halves_of_its_neighbours():
    assert beginning("a" + 9 * FLAG, 8) == "a" + FLAG


def test_words_stay_whole_and_a_single_long_one_is_cut():
    assert shorten("the quick brown fox", 12) == "the quick…"
    assert shorten("quick", 5) == "quick"
    assert shorten("a" * 99, 5) == "aaaa…"


def test_a_pile_of_marks_longer_than_the_room_is_cut_all_the_same():
    assert utf16_units(beginning("e" + 5000 * "\u0301", 100)) == 100


@given(st.text(st.characters(), max_size=60), st.integers(-1, 70))
def test_a_beginning_is_never_longer_than_wanted(text, most):
    cut = beginning(text, most)
    assert text.startswith(cut)
    assert utf16_units(cut) <= max(most, 0)
