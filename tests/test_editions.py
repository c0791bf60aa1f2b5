"""A year or a version in a question: what is about another one comes behind, and is not certain."""

import json

import pytest

from retrieval import open_engine
from retrieval.asking.answer import RankedSentence
from retrieval.asking.editions import ANOTHER_EDITION, asked_first
from retrieval.records import Sentence, StoredArticle, Surroundings
from retrieval.store.sentence_reader import SentencePlace


def sentence(text, *, title="", section=(), published=None, score=5.0, language="en"):
    article = StoredArticle("a", title, language, None, published, None, 9, 99, "")
    return RankedSentence(
        SentencePlace(article, Sentence(1, 1, 0, len(text), "body", text), around=Surroundings(section)), score
    )


def lag(question, *args, language="en", **more):
    return asked_first(question, language, [sentence(*args, **more, language=language)])[1]


@pytest.mark.parametrize(
    ("language", "question", "text"),
    [
        ("en", "How high was the fare in 2019?", "The fare rose to 3 crowns in 2021."),
        ("en", "How high was the fare in 2019?", "From 2020 to 2023 the fare was 3 crowns."),
        ("en", "How high was the fare in the 1960s?", "The fare rose to 3 crowns in the 1970s."),
        ("ar", "كم كان السعر في ٢٠١٩؟", "ارتفع السعر في ٢٠٢١."),
        ("zh", "2019年的票价是多少？", "2021年票价上涨。"),
        ("en", "What is new in version 2.1?", "Version 2.0 reads maps."),
        ("en", "What is new in v3?", "Release 2 reads maps."),
        ("en", "Does it run on Gearbox 1.16?", "It runs on Gearbox 1.20 and nothing else."),
        ("de", "Was ist neu in Version 2.1?", "Ausgabe 3.0 liest Karten."),
        ("ru", "Что нового в версии 2.1?", "Версия 2.0 читает карты."),
        ("tr", "2.1 sürümünde, sürüm 2.1 ne?", "Sürüm 2.0 haritaları okur."),
        ("zh", "版本2.1有什么新功能？", "版本2.0可以读地图。"),
    ],
)
def test_what_states_another_year_or_version_is_less_certain(language, question, text):
    assert lag(question, text, language=language) == ANOTHER_EDITION


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How high was the fare in 2019?", "The fare is 3 crowns."),
        ("How high was the fare in 2019?", "From 2015 to 2023 the fare was 3 crowns."),
        ("How high was the fare in 2019?", "The fare of 2018/19 was 3 crowns."),
        ("How high was the fare in 2019?", "In the 2010s the fare was 3 crowns."),
        ("How high was the fare in 2019?", "It cost 2,021 crowns, or 2021.5 with the ferry."),
        ("How high was the fare in 2019 and 2021?", "The fare rose to 3 crowns in 2021."),
        ("How high was the fare?", "The fare rose to 3 crowns in 2021."),
        ("What is new in version 2.1?", "Version 2.1.3 reads maps."),
        ("What is new in version 2.1?", "It reads maps with 3.5 metres of detail, 99.9% of them."),
        ("What is new in Gearbox 2.1?", "Gearbox reads maps since Motor 1.4."),
        ("Is it open at 18.30?", "It is open at 19.00 too."),
    ],
)
def test_what_states_the_same_or_nothing_of_the_kind_is_as_certain(question, text):
    assert lag(question, text) == 0


def test_headings_title_and_date_tell_what_a_sentence_is_about():
    assert lag("What is new in version 2.1?", "It reads maps.", section=("Changes", "2.0.4 (May)")) == ANOTHER_EDITION
    assert lag("What is new in version 2.1?", "Unlike version 2.0, it reads maps.", section=("2.1.0",)) == 0
    assert lag("Who won in 2019?", "Mira won.", title="The regatta of 2021") == ANOTHER_EDITION
    assert lag("Who won in 2019?", "Mira, champion of 2017, won.", title="The regatta of 2019") == 0
    assert lag("Who won in 2019?", "Mira, champion of 2017, won.", published="2019-07-01") == 0
    assert lag("Who won in 2019?", "Mira won.", published="2017-07-01") == ANOTHER_EDITION
    assert lag("Who won in 2019?", "Mira won.", published="2021-07-01") == 0  # it may look back


def test_what_is_about_another_year_comes_behind_the_first_that_is_about_the_one_asked():
    texts = ["Mira won in 2021.", "Somebody won.", "Osk won in 2020.", "Tova won in 2019.", "Bero won in 2018."]
    ranked = [sentence(text, score=9 - place / 2) for place, text in enumerate(texts)]
    order, lag = asked_first("Who won in 2019?", "en", ranked)
    assert [texts.index(one.place.sentence.text) for one in order] == [1, 3, 0, 2, 4]
    assert lag == 0
    far = [ranked[0], sentence(texts[3], score=1.0)]
    assert asked_first("Who won in 2019?", "en", far) == (far, ANOTHER_EDITION)


def test_the_answer_about_another_year_is_not_given_as_certain(tmp_path):
    text = "The regatta of Lakeside was won by Mira Vosk in 2021."
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "a", "title": "", "text": text}))
    with open_engine(tmp_path / "citebot.db") as engine:
        engine.load([tmp_path / "a.jsonl"])
        right, wrong = (engine.ask(f"Who won the regatta of Lakeside in {year}?") for year in (2021, 2019))
    assert right.certainty == "sure"
    assert wrong.certainty != "sure"
    assert wrong.hits[0].text == text
