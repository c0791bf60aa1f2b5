import json

import pytest

from retrieval.errors import QuestionFileError
from retrieval.evaluation import Gold, Question, Quote, is_correct, locate, read_questions, read_run
from retrieval.evaluation.gold import longest_run, overlaps
from retrieval.records import Hit

QUOTE = "The ferry to the island leaves at half past seven, except on Sundays."


def hit(text, article="town/ferry"):
    return Hit(1, 1.0, article, "", None, None, 0, len(text), 1, 9, text)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (QUOTE.upper(), True),
        ("the  ferry to the island leaves at half-past seven — except on sundays!", True),  # its words
        (f"Note: {QUOTE} Tickets are sold on board.", True),  # within the text
        ("except on Sundays", False),  # a fragment
        ("leaves at half past", True),  # four words of the quote
        ("The old ferry leaves at half past seven on weekdays.", True),  # a run of five words
        ("The old ferry to the village leaves at eight, except on Sundays.", False),  # the longest run has three words
        ("…", False),
        ("", False),
    ],
)
def test_a_text_says_the_same_as_a_quote_if_they_share_most_words_in_a_row(text, same):
    assert overlaps(text, QUOTE) is same
    assert is_correct(hit(text), [Quote("ferry", QUOTE)]) is same


def test_a_short_quote_is_no_fragment_of_itself():
    assert overlaps("No.", "No")
    assert overlaps("Ja, sicher.", "ja sicher nicht")  # half of it
    assert not overlaps("Ja.", "ja sicher nicht")
    assert not overlaps("Tickets", "tickettes")  # words, not letters
    assert overlaps("ﬁrst café हिन्दी", "first café हिन्दी")  # the same characters, however they are written


def test_the_longest_run_may_begin_anywhere():
    assert longest_run(("a", "b", "a", "b", "c"), ("x", "a", "b", "c", "a")) == 3
    assert longest_run(("a",), ("b",)) == 0


@pytest.mark.parametrize("article", ["ferry", "town/ferry", "town:ferry", "town#ferry"])
def test_an_article_is_known_by_the_end_of_its_id(article):
    assert is_correct(hit(QUOTE, article), [Quote("ferry", QUOTE)])
    assert not is_correct(hit(QUOTE, f"{article}2"), [Quote("ferry", QUOTE)])
    assert not is_correct(hit(QUOTE, "car-ferry"), [Quote("ferry", QUOTE)])


def test_questions_are_read_with_quotes_kinds_and_languages(tmp_path):
    path = tmp_path / "questions.jsonl"
    rows = [
        {"id": "1", "question": "When?", "kind": "fact", "language": "en", "answers": [{"file": "a/b.c.md", "quote": "At 7."}]},
        {"id": "2", "question": "Who?", "answers": [{"file": "x.jsonl", "article": "m7", "quote": "Ann."}]},
        {"id": "3", "question": "Why?", "kind": "nearmiss", "answers": []},
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert list(read_questions(path)) == [
        Question("1", "When?", (Quote("a/b.c", "At 7."),), "en", "fact"),
        Question("2", "Who?", (Quote("m7", "Ann."),)),
        Question("3", "Why?", (), None, "nearmiss"),
    ]


@pytest.mark.parametrize(
    "answers", ['[{"file": "a.md"}]', '[{"quote": "x"}]', '["x"]', '[{"file": "a.md", "quote": " "}]', "7"]
)
def test_an_answer_out_of_form_is_named(tmp_path, answers):
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "A?", "answers": ' + answers + "}")
    with pytest.raises(QuestionFileError, match=r"q\.jsonl:1"):
        list(read_questions(path))


def test_gold_is_located_in_a_store():
    question = Question(None, "?", (Quote("ferry", QUOTE), Quote("gone", QUOTE), Gold("bus", 3, 9)))
    found = locate(question, {"town/ferry": 1, "other/ferry": 1, "bus": 1})
    assert found.gold == (Quote("other/ferry", QUOTE), Gold("bus", 3, 9))
    assert locate(question, set()).gold == ()


def test_a_saved_run_is_judged_by_quotes(tmp_path):
    path = tmp_path / "run.jsonl"
    hits = [{"article": "town/ferry", "start": 0, "end": 9, "text": text} for text in ("Buy tickets on board.", QUOTE)]
    path.write_text(json.dumps({"id": "1", "hits": hits, "answered": True, "confidence": 0.7}))
    (outcome,) = read_run(path, [Question("1", "When?", (Quote("ferry", QUOTE),))])
    assert outcome.rank == 2
