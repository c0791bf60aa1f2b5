"""Why an answer is as it is: the parts add up to the score, words are named with their places, a refusal with its stage."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.terminal.explanation_lines import explanation_lines, round_to_sum
from retrieval import open_engine
from retrieval.asking.explanation import Fault, Match
from retrieval.ranking.feature_names import FeatureGroup, describe
from retrieval.ranking.weights import packaged_weights

ARTICLES = {
    "bridge": (
        "The bridge",
        "The river is wide. Engineers built the bridge in 1932 for trams. It carries no cars today.",
    ),
    "tower": ("The tower", "A storm took the tower in 1901. Builders restored it slowly."),
    "bread": ("Bread", "Rye bread keeps for a week. Bakers add salt to the dough."),
}
BUILT = "When was the bridge built?"


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    rows = [json.dumps({"id": name, "title": title, "text": text}) for name, (title, text) in ARTICLES.items()]
    (folder / "articles.jsonl").write_text("\n".join(rows))
    with open_engine(folder / "citebot.db") as engine:
        engine.load([folder / "articles.jsonl"])
        yield engine


@pytest.mark.parametrize("question", [BUILT, "Who took the tower?", "bread", "How do bakers salt dough in a storm?"])
def test_what_the_features_gave_adds_up_to_the_score(engine, question):
    explanation = engine.explain(question)
    assert explanation.answer == engine.ask(question)
    assert [explained.hit for explained in explanation.hits] == list(explanation.answer.hits[:3])
    for explained in explanation.hits:
        assert math.fsum(part.gave for part in explained.parts) == pytest.approx(explained.hit.score, abs=1e-4)
        assert sum(explained.families().values()) == pytest.approx(explained.hit.score, abs=1e-4)


def test_each_word_is_named_with_its_form_and_its_places(engine):
    (first, *_) = engine.explain("Who was building the old bridge?").hits
    words = {word.word: word for word in first.words}
    assert first.hit.text.startswith("Engineers built")
    assert (words["bridge"].match, words["bridge"].found) == (Match.SAME, "bridge")
    assert words["bridge"].places[:2] == ("sentence", "title")
    assert "old" not in words
    assert words["the"].grammar
    assert not words["bridge"].grammar


def test_another_form_of_a_word_is_shown_as_it_stands(engine):
    (first, *_) = engine.explain("Which baker adds salt?").hits
    words = {word.word: word for word in first.words}
    assert (words["baker"].match, words["baker"].found) == (Match.FORM, "bakers")
    assert (words["salt"].match, words["salt"].found) == (Match.SAME, "salt")


def test_a_misspelt_word_is_shown_with_what_it_was_read_as(engine):
    explanation = engine.explain("When was the brigde built?")
    assert explanation.unknown == ("brigde",)
    (word,) = (word for word in explanation.hits[0].words if word.word == "brigde")
    assert (word.match, word.found) == (Match.ALIKE, "bridge")


def test_a_word_in_the_sentence_before_is_placed_there(engine):
    (hit,) = (hit for hit in engine.explain("a wide river with trams").hits if hit.hit.text.startswith("Engineers"))
    words = {word.word: word for word in hit.words}
    assert words["river"].places == ("previous",)
    assert words["river"].found == ""


def test_a_word_that_makes_a_hit_is_worth_more_than_one_that_is_everywhere(engine):
    (first, *_) = engine.explain(BUILT).hits
    words = {word.word: word.gave for word in first.words}
    assert words["built"] > words["the"]
    assert words["built"] > 0.5


@pytest.mark.parametrize("word", ["salt", "rye"])
def test_the_only_word_of_a_question_is_worth_all_that_words_can_give(engine, word):
    first = engine.explain(word).hits[0]
    families = first.families()
    assert [found.word for found in first.words] == [word]
    by_words = families[FeatureGroup.WORDS] + families[FeatureGroup.CLOSENESS]
    assert by_words <= first.words[0].gave <= by_words + families[FeatureGroup.MEANING]  # headings mean something, too


def test_words_that_no_article_holds_are_the_stage_at_fault(engine):
    explanation = engine.explain("qwzx vbnm?")
    assert (explanation.fault, explanation.unknown, explanation.hits) == (Fault.NO_WORDS, ("qwzx", "vbnm"), ())
    assert list(explanation_lines(explanation)) == ["No article contains any of these words: qwzx, vbnm."]


def test_a_confidence_below_the_threshold_is_the_stage_at_fault_and_by_how_much(engine):
    with open_engine(engine.path, "high") as cautious:
        explanation = cautious.explain("Which engineers went to Vienna?")
    answer = explanation.answer
    assert (answer.answered, explanation.fault) == (False, Fault.NOT_SURE)
    assert answer.p_in_store < explanation.threshold
    assert "vienna" in explanation.unknown
    told = list(explanation_lines(explanation))[-1]
    needed = f"{100 * explanation.threshold:.1f} % is needed"
    assert told.startswith(
        f"The articles answer it: {100 * answer.p_in_store:.1f} %, but {needed}, so there is no answer."
    )
    assert "vienna" in told


def test_a_greeting_is_no_question_and_an_empty_store_holds_no_words(engine, tmp_path):
    assert engine.explain("good morning").fault is Fault.NO_QUESTION
    with open_engine(tmp_path / "none.db") as empty:
        assert empty.explain(BUILT).fault is Fault.NO_WORDS
        assert list(explanation_lines(empty.explain(BUILT))) == ["No article contains a word of the question."]


def test_the_caution_sets_the_threshold_and_another_word_is_refused(engine):
    thresholds, sure = [], []
    for caution in ("low", "normal", "high"):
        with open_engine(engine.path, caution) as cautious:
            explanation = cautious.explain(BUILT)
        thresholds.append(explanation.threshold)
        sure.append(explanation.sure_threshold)
        told = next(line for line in explanation_lines(explanation) if line.startswith("The articles answer it"))
        assert ("with “Perhaps:”" in told) == (explanation.answer.certainty == "perhaps")
        assert explanation.answer.answered == (explanation.answer.p_in_store >= explanation.threshold)
        assert explanation.answer.hits == engine.ask(BUILT).hits
    assert thresholds == sorted(set(thresholds))
    assert sure == sorted(set(sure))
    with pytest.raises(ValueError, match="low, normal, high"):
        open_engine(engine.path, "medium")


def test_every_feature_that_is_weighed_has_a_name_in_plain_words():
    ranker = packaged_weights().ranker
    features = ranker.weights.keys() | {name for weights in ranker.by_type.values() for name in weights}
    assert [name for name in features if describe(name)[0] is FeatureGroup.OTHER] == []
    assert len({describe(name)[1] for name in features}) == len(features)
    assert describe("share of nowhere") == (FeatureGroup.OTHER, "share of nowhere")


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8))
def test_rounded_parts_add_up_to_the_rounded_score_and_none_is_off_by_a_hundredth(values):
    total = math.fsum(values)
    shown = round_to_sum(values, total)
    assert round(100 * math.fsum(shown)) == round(100 * total)
    assert all(abs(figure - value) <= 0.01 + 1e-9 for figure, value in zip(shown, values, strict=True))


def test_a_word_found_in_another_language_is_marked_as_such(engine):
    explanation = engine.explain("Сколько хранится хлеб?")
    words = [word for explained in explanation.hits for word in explained.words]
    assert {(word.word, word.match) for word in words} == {("хлеб", Match.FOREIGN)}
    assert "bread" in {word.found for word in words}
    assert "хлеб" in explanation.unknown
    assert any("in another language: bread" in line for line in explanation_lines(explanation))


def test_a_word_in_a_heading_above_is_told_of_and_one_hit_alone_can_be_explained(tmp_path):
    (tmp_path / "clock.md").write_text("# Notes\n\n## Time zone\n\nThe clock tower keeps that of Riga. It is old.\n")
    with open_engine(tmp_path / "s.db") as engine:
        engine.load(tmp_path / "clock.md")
        question = "Which time zone has the clock tower?"
        assert any("in a heading above" in line for line in explanation_lines(engine.explain(question)))
        answer = engine.ask(question)
        for hit in answer.hits:
            (alone,) = engine.explain(question, only=hit).hits
            assert alone == next(one for one in engine.explain(question).hits if one.hit == hit)
        assert engine.explain(question, only=replace(hit, start=999)).hits == ()
