import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.text.spelling import MIN_SIMILARITY, can_be_misspelt, dice, prefix_weight, signatures, similarity

words = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=20)


def alike(one, other):
    return float(dice(signatures([one])[0], signatures([other]))[0])


@given(words, words)
def test_likeness_is_symmetric_from_0_to_1(one, other):
    assert alike(one, other) == alike(other, one)
    assert 0 <= alike(one, other) <= 1


@given(words)
def test_a_word_is_wholly_like_itself(word):
    assert alike(word, word) == 1


def test_the_likeness_of_two_words_is_the_dice_coefficient_of_their_pairs_of_letters():
    # ^n na ac ch ht t$ and ^n ni ig gh ht t$ share ^n, ht and t$: 2 * 3 / (6 + 6)
    assert alike("nacht", "night") == pytest.approx(0.5, abs=0.05)  # two pairs may share one of 128 bits
    assert alike("ab", "cd") == 0
    assert alike("abc", "abd") == pytest.approx(2 * 2 / 8)


@pytest.mark.parametrize(
    ("one", "other"),
    [("teheran", "tehran"), ("haniya", "haniyeh"), ("hamburg", "hambrug"), ("достоевский", "достоевскй"), ("παρις", "παρισ")],
)  # fmt: skip
def test_another_spelling_is_nearer_than_another_word(one, other):
    assert alike(one, other) >= MIN_SIMILARITY
    assert alike(one, other) > alike(one, "unrelated")
    assert alike(one, "unrelated") < MIN_SIMILARITY


def test_a_signature_has_a_bit_for_each_pair_of_letters_ends_included():
    found = signatures(["a", "ab", "aaaa", ""])
    assert found.shape == (4, 2)
    assert found.dtype == np.uint64
    assert np.bitwise_count(found).sum(axis=1).tolist() == [2, 3, 3, 1]
    assert signatures([]).shape == (0, 2)


def test_signatures_are_the_same_in_every_process():
    assert signatures(["tehran"]).tolist() == [[129, 36028797086072929]]


def test_many_words_are_compared_with_many_at_once():
    some, all_ = signatures(["tehran", "paris"]), signatures(["tehran", "teheran", "paris"])
    found = dice(some[:, None, :], all_)
    assert found.shape == (2, 3)
    assert found.dtype == np.float32
    assert found[0].tolist() == dice(some[0], all_).tolist()
    assert (found[0, 0], found[1, 2]) == (1, 1)


def test_what_is_like_is_worth_less_than_what_matches_and_what_is_hardly_like_nothing():
    worth = similarity(signatures(["tehran", "paris"]), signatures(["tehran", "teheran", "paris"]))
    assert worth.shape == (2, 3)
    assert worth[0, 0] == worth[1, 2] == pytest.approx(0.9)
    assert worth[0, 1] == pytest.approx(0.9 * alike("tehran", "teheran"))
    assert worth[1, :2].tolist() == [0, 0]


def test_a_shared_start_is_worth_the_less_the_longer_the_word():
    assert prefix_weight("abcde") == pytest.approx(0.85)
    assert prefix_weight("abcdefghij") == pytest.approx(0.7)
    assert prefix_weight("ab") == pytest.approx(0.85)


def test_only_words_of_some_length_that_are_no_numbers_are_misspelt():
    assert [word for word in ("abcd", "abc", "1234", "") if can_be_misspelt(word)] == ["abcd"]


def test_a_letter_that_no_encoding_holds_is_survived():
    assert alike("\ud800abc", "\ud800abc") == 1
