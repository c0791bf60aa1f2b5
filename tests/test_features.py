from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_candidates import LIKE, made, term
from small_index import candidates, searcher

from retrieval.ranking.features import FEATURE_GROUPS, closeness, compute_features, coverage, fields, shape
from retrieval.ranking.news import news
from retrieval.text.lexicon import TokenShape, WordClass

YEAR = WordClass.NUMBER | WordClass.YEAR


def near(values):
    return pytest.approx(values, abs=1e-5)


def test_the_scores_of_the_fields_come_in_tenths_and_as_shares_of_the_best_among_the_candidates():
    view = made(
        [term("bridge")], ["bridge", "ferry"],
        fields={"sentence": np.array([4, 2], np.float32), "title": np.array([0, 3], np.float32)},
        best={"sentence": 4.0, "title": 3.0}, score=np.array([5, 2], np.float32),
    )  # fmt: skip
    found = fields(view)
    assert found["score of sentence"].tolist() == near([0.4, 0.2])
    assert found["relative score of sentence"].tolist() == near([1, 0.5])
    assert found["score of title"].tolist() == near([0, 0.3])
    assert found["relative score of title"].tolist() == near([0, 1])
    assert found["score"].tolist() == near([0.5, 0.2])
    assert found["relative score"].tolist() == near([1, 0.4])
    assert found["rank"].tolist() == near([0, np.log(2)])


def test_a_field_without_a_score_anywhere_divides_nothing():
    view = made([term("bridge")], ["bridge"], fields={"title": np.zeros(1, np.float32)}, best={"title": 0.0})
    assert fields(view)["relative score of title"].tolist() == near([0])


def test_coverage_is_the_weight_of_the_terms_held_further_and_further_around():
    terms = [term("bridge", 3.0), term("lume", 1.0, name=True)]
    zero = [[0, 0, 0]]
    held = {"title": [[0, 0, 0], [1, 0, 0]], "previous": [[0, 1, 0], [0, 0, 0]], "article": [*zero, [1, 1, 1]]}
    found = coverage(made(terms, ["bridge stands", "lumes flows", "bridg bridg"], held=held))
    assert found["share of form"].tolist() == near([0.75, 0, 0])
    assert found["share of sentence"].tolist() == near([0.75, 0.25, 0.75 * LIKE])
    assert found["weight of sentence"].tolist() == near([0.3, 0.1, 0.3 * LIKE])
    assert found["names in sentence"].tolist() == near([0, 0.25, 0])
    assert found["names in form"].tolist() == near([0, 0, 0])
    assert found["share of title"].tolist() == near([1, 0.25, 0.75 * LIKE])
    assert found["share of title alone"].tolist() == near([0.25, 0, 0])
    assert found["share of previous"].tolist() == near([1, 1, 0.75 * LIKE])
    assert found["share of paragraph"].tolist() == near([1, 1, 0.75 * LIKE])
    assert found["share of article"].tolist() == near([1, 1, 0.75 * LIKE + 0.25])
    assert found["names in article"].tolist() == near([0.25, 0.25, 0.25])


@pytest.mark.parametrize(
    ("sentence", "beside", "pairs", "density"),
    [
        ("old bridge here", 6 / 7, 1, 0.5 + 0.5 * 6 / 7),
        ("bridge old here", 6 / 7, 0, 0.5 + 0.5 * 6 / 7),
        ("olds bridges here", 6 / 7, 1, 0.5 + 0.5 * 6 / 7),
        ("old stone bridge", 5 / 7, 0, 6 / 7),  # of both, one step away
        ("old 1 2 3 4 5 bridge", 1 / 7, 0, 4 / 7),
        ("old 1 2 3 4 5 6 bridge", 0, 0, 0.5),
        ("bridge here", 0, 0, 0.5),
        ("old bridg", LIKE * 6 / 7, LIKE, 0.5 + 0.5 * LIKE * 6 / 7),
        ("ferry", 0, 0, 0),
    ],
)
def test_closeness_falls_with_the_words_between(sentence, beside, pairs, density):
    found = closeness(made([term("old"), term("bridge")], [sentence, "a much longer sentence of quite other words"]))
    assert found["pairs near"][0] == near(beside)
    assert found["pairs"][0] == near(pairs)
    assert found["closeness"][0] == near(density)
    assert found["closeness"][1] == 0


def test_function_words_are_passed_over_by_pairs_and_counted_by_neighbours():
    terms = [term("mason"), term("of", 0.5, grammar=True), term("bridge")]
    found = closeness(made(terms, ["mason bridge", "mason of bridge", "of bridge"]))
    assert found["pairs"].tolist() == near([1, 0, 0])
    assert found["pairs near"].tolist() == near([6 / 7, 5 / 7, 0])
    assert found["neighbours in sentence"].tolist() == near([0, 1, 0.5])  # two pairs, each as heavy as its lighter term


def test_two_words_count_by_the_lighter_of_them():
    paired = np.array([[1, 0], [0, 1]], np.float32)
    found = closeness(made([term("a", 1.0), term("b", 3.0), term("c", 3.0)], ["a b", "b c"], paired=paired))
    assert found["pairs"].tolist() == near([0.25, 0.75])
    assert found["pairs near"].tolist() == near([0.25 * 6 / 7, 0.75 * 6 / 7])
    assert found["neighbours in sentence"].tolist() == near([0.25, 0.75])
    assert found["neighbours in paragraph"].tolist() == near([0.25, 0.75])


def test_news_is_what_the_question_does_not_hold_and_counts_by_how_rare_it_is():
    view = made([term("bridge")], ["bridges fell here", "bridge bridge", "bridg"], idf={"fell": 6.0, "here": 1.0})
    found = news(view)
    assert found["news"].tolist() == near([np.log(8), 0, np.log(6)])
    assert found["rare news"].tolist() == near([np.log(2), 0, np.log(2)])
    assert found["rare news near"].tolist() == near([6 / 7, 0, LIKE])
    assert found["question among words"].tolist() == near([5 / 13, 10 / 11, 0])


def test_a_number_is_news_unless_the_question_holds_it():
    cues = {"1721": YEAR, "five": WordClass.NUMBER_WORD}
    found = news(made([term("built"), term("1721")], ["built 1721", "built five"], cues=cues))
    assert found["year news"].tolist() == near([0, 0])
    assert found["number_word news"].tolist() == near([0, np.log(2)])
    found = news(made([term("built")], ["built 1721 1721", "1721 a b c d e f g built"], cues=cues))
    assert found["year news"].tolist() == near([np.log(3), np.log(2)])
    assert found["number news"].tolist() == near([np.log(3), np.log(2)])
    assert found["year news near"].tolist() == near([6 / 7, 0])


@pytest.mark.parametrize(
    ("name", "cues", "places"),
    [
        ("number", WordClass.NUMBER, 0), ("year", WordClass.YEAR, 0), ("month", WordClass.MONTH, 0),
        ("number_word", WordClass.NUMBER_WORD, 0), ("cause", WordClass.CAUSE, 0), ("copula", WordClass.COPULA, 0),
        ("time", WordClass.TIME, 0), ("unit", WordClass.UNIT, 0), ("person", WordClass.PERSON, 0),
        ("capital", 0, TokenShape.CAPITAL), ("pair", 0, TokenShape.PAIR), ("place", 0, TokenShape.PLACE),
        ("money", WordClass.MONEY, 0), ("money", 0, TokenShape.MONEY), ("percent", WordClass.PERCENT, 0),
        ("percent", 0, TokenShape.PERCENT),
    ],
)  # fmt: skip
def test_each_kind_of_news_is_counted_by_its_own_cue(name, cues, places):
    found = news(made([term("bridge")], ["bridge this", "bridge that"], cues={"this": cues}, places={"this": places}))
    assert found[f"{name} news"].tolist() == near([np.log(2), 0])
    others = {other: counted for other, counted in found.items() if other.endswith(" news") and other != "rare news"}
    assert [other for other, counted in others.items() if counted.any()] == [f"{name} news"]


def test_the_shape_of_a_sentence_is_its_length_and_its_place():
    view = made(
        [term("bridge")], ["bridge is old and long", "a b c d e f g h bridge", "bridge is new"],
        in_paragraph=np.array([0, 1, 0]), in_article=np.array([0, 4, 9]),
    )  # fmt: skip
    found = shape(view)
    assert found["length"].tolist() == near([np.log(6), np.log(10), np.log(4)])
    assert found["shortness"].tolist() == near([3 / 8, 0, 5 / 8])
    assert found["place in paragraph"].tolist() == near([0, np.log(2), 0])
    assert found["place in article"].tolist() == near([0, np.log(5), np.log(10)])
    assert found["first of article"].tolist() == near([1, 0, 0])


SENTENCES = ["it has arches", "then it fell", "arches has it", "bridge fell", "it was bridge"]


@pytest.mark.parametrize(
    ("place", "on_previous", "on_title"),
    [("previous", [1, 1, 0, 0, 0], [0, 0, 0, 0, 0]), ("title", [0, 0, 0, 0, 0], [1, 1, 0, 0, 0])],
)
def test_a_sentence_leans_by_a_pronoun_of_its_first_two_words_on_what_it_does_not_say_itself(
    place, on_previous, on_title
):
    found = shape(made([term("bridge")], SENTENCES, cues={"it": WordClass.PRONOUN}, held={place: [[1] * 5]}))
    assert found["leaning"].tolist() == near([1, 1, 0, 0, 1])
    assert found["leaning on previous"].tolist() == near(on_previous)
    assert found["leaning on title"].tolist() == near(on_title)


def test_no_two_features_have_one_name():
    view = made([term("old"), term("bridge")], ["old bridge", "ferry"])
    names = Counter(name for family in FEATURE_GROUPS for name in family(view))
    assert [name for name, times in names.items() if times > 1] == []
    assert list(compute_features(view.query, view.candidates)) == list(names)


def finite(found, n):
    return {name for name, values in found.items() if values.shape != (n,) or not np.isfinite(values).all()} == set()


HOSTILE = {
    "dots": ("...", [["...", "!?", "😀"], ["-"]]),
    "empty title": ("", [["Bridge."], ["1721", "$1,721.50"]]),
    "long": ("Bridge", [["bridge " * 300 + "end"], ["x" * 500 + " bridge"]]),
    "one": ("One", [["Bridge"]]),
    "grammar": ("Of the", [["The one of a."], ["The", "It is the."]]),
}


@pytest.mark.parametrize(
    "question",
    ["bridge", "the of a", "Bridge bridge?", "1721", "the bridge " * 90, "brdige end", "bridge 桥 мост", "😀 one"],
)
def test_hostile_sentences_and_questions_give_finite_features(tmp_path, question):
    asked, found = candidates(searcher(tmp_path, HOSTILE), question)
    assert len(found)
    assert finite(compute_features(asked, found), len(found))


def test_chinese_gives_finite_features_and_sees_the_words_of_the_question(tmp_path):
    index = searcher(tmp_path, {"a": ("桥", [["这座桥建于1721年。", "洪水冲走了塔。", "桥。"]])}, language="zh")
    asked, found = candidates(index, "桥建于哪一年？", language="zh")
    given = compute_features(asked, found)
    assert finite(given, len(found))
    assert given["share of sentence"].argmax() == 0
    assert given["closeness"].argmax() == 0


ALPHABET = ["bridge", "bridges", "bridg", "old", "it", "1721", "the", "x"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["bridge", "old", "the", "1721"]), unique=True, max_size=4),
    st.lists(st.lists(st.sampled_from(ALPHABET), max_size=9).map(" ".join), min_size=1, max_size=4),
)
def test_any_candidates_give_finite_features_and_shares_from_0_to_1(words, sentences):
    terms = [term(word, grammar=word == "the", name=word == "1721") for word in words]
    view = made(terms, sentences, cues={"it": WordClass.PRONOUN})
    found = compute_features(view.query, view.candidates)
    assert finite(found, len(sentences))
    for name, values in found.items():
        if name.startswith(("share of", "pairs", "closeness", "neighbours", "question among")):
            assert ((values >= 0) & (values <= 1 + 1e-5)).all(), name
