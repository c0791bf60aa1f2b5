import json
from collections import Counter
from pathlib import Path

import frontmatter
import pytest

from retrieval.records import ANSWERING, Article
from retrieval.text.sentences import split_article

HERE = Path(__file__).parent
SEEDS = HERE.parent / "seeds"


def read_articles():
    articles = {}
    for path in sorted(SEEDS.rglob("*.md")):
        post = frontmatter.loads(path.read_text(encoding="utf-8"))
        articles[path.relative_to(SEEDS).with_suffix("").as_posix()] = (post.content, post["language"])
    return articles


def read_questions(name):
    return [json.loads(line) for line in (HERE / "questions" / name).read_text(encoding="utf-8").splitlines()]


ARTICLES = read_articles()
ANSWERED = read_questions("seeds.jsonl")
UNANSWERED = read_questions("nothing.jsonl")
SPANS = [
    pytest.param(gold["article"], gold["start"], gold["end"], id=f"{question['id']}/{position}")
    for question in ANSWERED
    for position, gold in enumerate(question["gold"])
]


@pytest.mark.parametrize(("article", "start", "end"), SPANS)
def test_a_gold_span_is_a_whole_sentence_that_can_answer(article, start, end):
    text, language = ARTICLES[article]
    sentences = split_article(Article(article, "", text, language), language).sentences
    whole = {(sentence.start, sentence.end): sentence.kind for sentence in sentences}
    assert (start, end) in whole, text[start:end]
    assert whole[start, end] in ANSWERING


def test_every_question_with_gold_has_some_and_none_twice():
    for question in ANSWERED:
        spans = [(gold["article"], gold["start"], gold["end"]) for gold in question["gold"]]
        assert spans, question["id"]
        assert len(set(spans)) == len(spans), question["id"]


def test_a_question_is_in_the_language_of_its_articles():
    for question in ANSWERED:
        assert {ARTICLES[gold["article"]][1] for gold in question["gold"]} == {question["language"]}, question["id"]


def test_ids_and_questions_are_unique_over_both_files():
    for key in ("id", "question"):
        seen = Counter(question[key] for question in ANSWERED + UNANSWERED)
        assert [value for value, times in seen.items() if times > 1] == []


def test_there_are_enough_questions_about_every_article():
    asked = Counter(article for question in ANSWERED for article in {gold["article"] for gold in question["gold"]})
    assert len(ANSWERED) >= 165
    assert set(asked) == set(ARTICLES)
    assert min(asked.values()) >= 8


def test_a_third_of_the_questions_are_paraphrased_or_have_typos():
    styles = Counter(question["style"] for question in ANSWERED)
    assert set(styles) == {"plain", "paraphrase", "typo"}
    assert 3 * (styles["paraphrase"] + styles["typo"]) >= len(ANSWERED)
    assert min(styles.values()) >= 20


@pytest.mark.parametrize("questions", [ANSWERED, UNANSWERED], ids=["seeds", "nothing"])
def test_every_language_of_the_articles_is_asked_in(questions):
    asked = Counter(question["language"] for question in questions)
    assert set(asked) == {language for _, language in ARTICLES.values()}
    assert set(asked) >= {"en", "ru", "ar", "es"}
    assert min(asked.values()) >= 8


def test_enough_questions_have_no_answer():
    assert len(UNANSWERED) >= 85
    assert all(question["gold"] == [] for question in UNANSWERED)


def test_half_of_the_unanswerable_questions_ask_about_what_an_article_names():
    named = [question for question in UNANSWERED if question["named"]]
    assert 2 * len(named) >= len(UNANSWERED)
    for question in named:
        stem = question["named"][:4].casefold()  # the question may inflect the name
        assert stem in question["question"].casefold(), question["id"]
        assert any(
            question["named"] in text for text, language in ARTICLES.values() if language == question["language"]
        ), question["id"]
