"""What ranking knows beyond the letters of words: their meaning, their kinds, the form of a sentence, the subject."""

import numpy as np
import pytest
from made_candidates import made, term

from retrieval import open_engine
from retrieval.asking.answerer import Answerer
from retrieval.index.meanings import SentenceMark, sentence_marks
from retrieval.ranking.features import meaning, subject
from retrieval.ranking.news import amounts, asked_kinds, form
from retrieval.ranking.question_types import kinds_asked, question_types
from retrieval.records import NO_SURROUNDINGS, Span, Surroundings
from retrieval.text.lexicon import WordClass
from retrieval.text.word_kinds import kind_asked


def test_a_sentence_with_words_of_like_meaning_is_nearer_than_one_with_others():
    found = meaning(made([term("price")], ["its cost is high", "its dog is high"]))
    assert found["meaning of sentence"][0] > found["meaning of sentence"][1] + 0.2
    assert found["like words in sentence"][0] > found["like words in sentence"][1] + 0.3


def test_words_of_like_meaning_are_found_across_languages():
    found = meaning(made([term("dog")], ["der hund", "der preis"]))
    assert found["like words in sentence"][0] > found["like words in sentence"][1] + 0.2


def test_the_term_itself_counts_whole_even_if_no_vector_is_known():
    found = meaning(made([term("qwzx")], ["the qwzx opens", "the canal opens"]))
    assert found["like words in sentence"].tolist() == [1, 0]
    assert found["meaning of sentence"].tolist() == [0, 0]


def test_headings_and_neighbours_have_a_meaning_of_their_own():
    sentences, around = (
        ["it is high", "it is high"],
        {"title": ["", "cost"], "section": ["", ""], "previous": ["cost", ""]},
    )
    found = meaning(made([term("price")], sentences, around=around))
    assert found["meaning of headings"][1] > 0.5 > found["meaning of headings"][0] == 0
    assert found["meaning of previous"][0] > 0.5 > found["meaning of previous"][1] == 0
    assert found["meaning with headings"][1] > found["meaning with headings"][0]
    assert found["like words around"].min() > 0.5 > found["like words in sentence"].max()


def test_a_word_much_like_one_of_the_question_counts_in_both_grades_and_one_somewhat_like_it_in_one():
    found = meaning(made([term("price")], ["its cost is high", "its market is high", "its dog is high"]))
    assert found["words alike"][0] == 1 > found["words alike"][1] > 0.5 > found["words alike"][2] == 0
    assert found["words much alike"].tolist() == [1, 0, 0]


def test_words_alike_are_missing_only_where_neither_the_sentence_nor_its_headings_hold_the_term():
    sentences = ["its cost is high", "its price is high", "its cost is high", "its cost is high"]
    held = {"title": [[0, 0, 1, 0]], "section": [[0, 0, 0, 1]]}
    found = meaning(made([term("price")], sentences, held=held))
    assert found["words alike"].tolist() == [1, 1, 1, 1]
    assert found["missing words alike"].tolist() == [1, 0, 0, 0]
    assert found["missing words much alike"].tolist() == [1, 0, 0, 0]


def test_a_question_without_content_words_has_no_words_alike():
    found = meaning(made([term("why", grammar=True)], ["its cost is high"]))
    assert found["words alike"].tolist() == found["missing words much alike"].tolist() == [0]


@pytest.mark.parametrize(
    ("text", "around", "marks"),
    [
        ("Is it open on Sundays?", NO_SURROUNDINGS, SentenceMark.ASKS),
        ("开门吗？", NO_SURROUNDINGS, SentenceMark.ASKS),
        ("Run this:", NO_SURROUNDINGS, SentenceMark.ANNOUNCES),
        (
            "Run this:",
            Surroundings((), None, None, Span(9, 12, "run")),
            SentenceMark.ANNOUNCES | SentenceMark.INTRODUCES,
        ),
        ("Bicycle | 9 EUR", Surroundings((), None, Span(0, 12, "Kind | Price"), None), SentenceMark.ROW),
        ("Milk", Surroundings((), Span(0, 9, "You need:"), None, None), SentenceMark.ITEM),
        ("KESTON – The bridge opened.", NO_SURROUNDINGS, SentenceMark.DATELINE),
        ("The bridge – a new one – opened.", NO_SURROUNDINGS, SentenceMark(0)),
        ("Biscuit is home!", NO_SURROUNDINGS, SentenceMark.EXCLAIMS),
        ("", NO_SURROUNDINGS, SentenceMark(0)),
    ],
)
def test_the_marks_of_a_sentence_are_those_that_its_form_shows(text, around, marks):
    assert sentence_marks(text, "en", around) == marks


def test_the_index_keeps_what_sentences_look_like_and_what_is_beside_them_through_a_merge(tmp_path):
    text = "KESTON – The bridge is open.\n\nIs it new?\n\nIt cost nine marks."
    (tmp_path / "news.txt").write_text(f"Bridge news\n\n{text}")
    (tmp_path / "other.txt").write_text("Ferry\n\nThe ferry to Orrin leaves at nine.")
    store = tmp_path / "s.db"
    with open_engine(store) as engine:
        engine.load([tmp_path])
        (tmp_path / "other.txt").write_text("Ferry\n\nThe ferry to Orrin leaves at ten.")
        engine.load([tmp_path])
    with Answerer(store) as answerer:
        found = answerer.ranking_input("What did the bridge cost?")
        marks = dict(zip([hit.text for hit in answerer.hits(found)], found.candidates.marks.tolist(), strict=True))
    assert marks["KESTON – The bridge is open."] == SentenceMark.DATELINE
    assert marks["It cost nine marks."] == 0
    n = len(found.candidates)
    titles = found.candidates.vectors.stretches()[n : 2 * n]
    assert all(rows.any() for rows in titles)


def test_a_definition_has_what_is_asked_for_before_is():
    terms, cues = [term("canal")], {"is": WordClass.COPULA}
    found = form(made(terms, ["a canal is a waterway", "the boat is in the canal"], cues=cues))
    assert found["defines"].tolist() == [1, 0]


def test_a_definition_counts_more_in_the_article_about_the_word():
    terms, cues = [term("canal")], {"is": WordClass.COPULA}
    found = form(made(terms, ["a canal is wet", "a canal is wet"], cues=cues, held={"title": [[1, 0]]}))
    assert found["headed defines"].tolist() == [1, 0]


def test_an_amount_stands_before_what_is_counted():
    terms, cues = [term("heart"), term("octopus")], {"three": WordClass.NUMBER_WORD, "1": WordClass.NUMBER}
    sentences = ["three small hearts beat", "its heart has 1 valve", "three things in a heart", "three"]
    assert amounts(made(terms, sentences, cues=cues))["amount news"].tolist() == [1, 0, 0, 0]


def test_two_years_near_the_start_are_the_dates_of_a_life():
    cues = dict.fromkeys(("1820", "1910"), WordClass.NUMBER | WordClass.YEAR)
    sentences = [
        "ada 3 may 1820 3 june 1910 wrote",
        "ada was born in 1820",
        "in 1820 she left her home for good and in 1910",
    ]
    assert amounts(made([term("ada")], sentences, cues=cues))["life span news"].tolist() == [1, 0, 0]


def test_names_of_the_kind_that_is_asked_for_are_counted_unless_the_question_has_them():
    asked = made([term("paris")], ["paris and berlin", "paris and apples"], kinds_asked=kind_asked("city"))
    assert asked_kinds(asked)["asked kind news"].tolist() == pytest.approx([np.log(2), 0])


@pytest.mark.parametrize(
    ("question", "noun"), [("which city is it", "city"), ("what is the language", "language"), ("who was it", "person")]
)
def test_a_question_asks_for_a_kind_by_its_noun_or_its_type(question, noun):
    words = question.split()
    assert kinds_asked(words, question_types(question, "en", words)) & kind_asked(noun)


def test_question_types_are_found_by_words_whose_letters_are_normalised():
    assert "which" in question_types("Какой город?", "ru", ["какои", "город"])


def test_the_subject_is_the_rarest_content_word():
    terms = [term("open", 1.0), term("orrin", 6.0)]
    held = {"title": [[0, 0], [0, 1]]}
    found = subject(made(terms, ["orrin is far", "it will open"], held=held))
    assert found["subject in sentence"].tolist() == [1, 0]
    assert found["subject in headings"].tolist() == [0, 1]
    assert found["subject near"].tolist() == [1, 1]


def test_the_rarest_word_that_is_missing_around_a_sentence_counts_by_its_rarity():
    terms = [term("open", 2.0), term("orrin", 6.0)]
    found = subject(made(terms, ["orrin opens", "it will open"], held={"paragraph": [[0, 0], [0, 1]]}))
    assert found["missed near"].tolist() == [0, 0.75]
    assert found["missed in paragraph"].tolist() == [0, 0]
