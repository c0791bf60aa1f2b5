"""Which of about equal hits comes first: the newest where a question asks for it, and what corrects another article."""

import json

import pytest
from made_stories import STORY, UPDATE

from retrieval import open_engine
from retrieval.asking.recency import asks_for_newest
from retrieval.text.analyzer import analyzer
from retrieval.text.dates import moment_of

INJURED = "How many passengers of the ferry Marigold were taken to the hospital of Port Osk?"


def asks(question, language):
    return asks_for_newest(question, language, [token.word for token in analyzer(language).tokens(question)])


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "What is the latest release?"),
        ("en", "Who is the mayor now?"),
        ("en", "current price"),
        ("en", "When was the last time it rained?"),
        ("en", "Is the pool still closed?"),
        ("en", "Who won the last election?"),
        ("de", "Wie ist der aktuelle Preis?"),
        ("de", "Was ist neu im letzten Release?"),
        ("de", "Was gilt jetzt?"),
        ("fr", "Quelle est la dernière version ?"),
        ("fr", "Quel est le prix actuel ?"),
        ("fr", "Qu'est-ce qui est ouvert aujourd'hui ?"),
        ("es", "¿Cuál es la última versión?"),
        ("es", "¿Cuánto cuesta ahora?"),
        ("ru", "Какие последние новости?"),
        ("ru", "Какой сейчас график?"),
        ("ru", "Кто нынешний директор?"),
        ("tr", "Son güncelleme ne zaman?"),
        ("tr", "Şu an fiyat ne?"),
        ("ro", "Care este cea mai recentă versiune?"),
        ("ro", "Cine este actualul primar?"),
        ("el", "Ποια είναι η τελευταία έκδοση;"),
        ("el", "Ποιος είναι τώρα ο διευθυντής;"),
        ("ar", "ما هي آخر نسخة؟"),
        ("ar", "من المدير الحالي؟"),
        ("fa", "آخرین نسخه چیست؟"),
        ("fa", "مدیر فعلی کیست؟"),
        ("he", "מה הגרסה האחרונה?"),
        ("he", "מי המנהל הנוכחי?"),
        ("hi", "नवीनतम संस्करण क्या है?"),
        ("hi", "अभी कीमत क्या है?"),
        ("vi", "Phiên bản mới nhất là gì?"),
        ("vi", "Giá hiện tại là bao nhiêu?"),
        ("zh", "最新版本是什么？"),
        ("zh", "现在的价格是多少？"),
    ],
)
def test_a_question_asks_for_the_newest(language, question):
    assert asks(question, language)


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "Who was the last emperor?"),
        ("en", "Who directed Apocalypse Now?"),
        ("en", "What is the current in the wire?"),
        ("en", "What is an alternating current?"),
        ("en", "How long does it last?"),
        ("de", "Wer war der letzte Kaiser?"),
        ("fr", "Qui fut le dernier empereur ?"),
        ("es", "¿Quién fue el último emperador?"),
        ("ru", "Кто был последним императором?"),
        ("tr", "Son padişah kimdi?"),
        ("el", "Ποιος ήταν ο τελευταίος αυτοκράτορας;"),
        ("ar", "من هو آخر خليفة؟"),
        ("fa", "آخرین شاه که بود؟"),
        ("he", "מי היה הקיסר האחרון?"),
        ("zh", "最后一个皇帝是谁？"),
        ("und", "latest"),
    ],
)
def test_a_question_about_what_came_last_or_is_called_so_does_not(language, question):
    assert not asks(question, language)


@pytest.mark.parametrize(
    ("published", "moment"),
    [
        (None, ""),
        ("3 May 2024", ""),
        ("2024", "2024"),
        ("2024-05-03", "2024-05-03"),
        ("2024-05-03T09:00", "2024-05-03T09:00:00"),
        ("2024-05-03T23:00:00-02:00", "2024-05-04T01:00:00"),
        ("2024-05-03T09:00:00Z", "2024-05-03T09:00:00"),
        ("2024-05-03 in the morning", "2024-05-03"),
        ("0001-01-01T00:00+05:00", "0001-01-01"),
    ],
)
def test_moments_are_told_as_precisely_as_they_were_given(published, moment):
    assert moment_of(published) == moment


def hits(tmp_path, question, *articles):
    (tmp_path / "articles.jsonl").write_text("\n".join(json.dumps({"title": ""} | article) for article in articles))
    with open_engine(tmp_path / "citebot.db") as engine:
        engine.load([tmp_path / "articles.jsonl"])
        return engine.ask(question).hits


def first_of(tmp_path, question, *articles):
    return [hit.article for hit in hits(tmp_path, question, *articles)]


def pass_costs(price, **more):
    return {
        "id": more.get("published", "undated"),
        "text": f"The monthly pass of Lakeside costs {price} crowns.",
    } | more


PRICES = [pass_costs(41, published="2023-02"), pass_costs(43), pass_costs(47, published="2024-02")]


def test_the_newest_of_equals_comes_first_where_a_question_asks_for_it_and_undated_ones_keep_their_places(tmp_path):
    before = first_of(tmp_path, "How much is the monthly pass of Lakeside?", *PRICES)
    assert before == ["2023-02", "undated", "2024-02"]
    now = first_of(tmp_path, "How much is the monthly pass of Lakeside now?", *PRICES)
    assert now == ["2024-02", "undated", "2023-02"]


def test_what_corrects_the_same_story_comes_first(tmp_path):
    old = {"id": "old", "published": "2024-03-05T21:00:00Z", "text": STORY}
    new = {"id": "new", "published": "2024-03-05T23:00:00+01:00", "text": UPDATE}
    late_copy = {"id": "copy", "published": "2024-03-09", "text": STORY}
    assert first_of(tmp_path, INJURED, old, new, late_copy)[:3] == ["new", "old", "copy"]
    undated = [{key: article[key] for key in ("id", "text")} for article in (old, new, late_copy)]
    assert first_of(tmp_path, INJURED, *undated)[:3] == ["old", "copy", "new"]


def test_a_sentence_that_an_article_has_beside_the_best_corrects_nothing(tmp_path):
    both = UPDATE + "\n\n" + STORY.split("\n\n")[0]
    one = {"id": "a", "published": "2024-03", "title": "Passengers", "text": STORY}
    first = hits(tmp_path, INJURED, one, {"id": "b", "published": "2024-04", "text": both})[0]
    assert first.article == "a"
    assert "eleven passengers" in first.text


def test_another_story_in_like_words_is_not_corrected(tmp_path):
    assert first_of(tmp_path, "How much is the monthly pass of Lakeside?", *PRICES)[0] == "2023-02"
