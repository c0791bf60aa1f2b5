"""Operators in a question: what they are read as, and that they leave out the other articles and nothing else."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_corpora import chequered
from small_index import query

from bot.rendering.notices import OPERATORS, notices
from bot.rendering.telegram.answer_html import answer_html
from bot.rendering.telegram.escaping import MESSAGE_UNITS, to_plain, units
from bot.rendering.terminal.answer_lines import answer_lines
from retrieval import open_engine
from retrieval.asking.explanation import Fault
from retrieval.asking.filters import parse_question
from retrieval.index import segment_searcher
from retrieval.records import MOST_OPERATORS, Filter, Intent, Scope
from retrieval.store.reader import Reader

MOST_STEPS = 60  # of SQLite's virtual machine


@pytest.mark.parametrize(
    ("typed", "asked", "wanted"),
    [
        ("Who won? after:2024", "Who won?", Filter(after="2024")),
        ("after:2024-05 who won", "who won", Filter(after="2024-05")),
        ("Who won before:2024-5-3?", "Who won ?", Filter(before="2024-05-03")),
        ("Who won AFTER:2024-01-01", "Who won", Filter(after="2024")),
        ("Who won after:2024-05-01", "Who won", Filter(after="2024-05")),
        ("Who won after:٢٠٢٤", "Who won", Filter(after="2024")),
        ("after:2023 after:2024-02 before:2025 before:2024-12 won", "won", Filter("2024-02", "2024-12")),
        ("Who won in:news/ in:Example.org", "Who won", Filter(sources=("news", "Example.org"))),
        ('Who won in:"my folder" once', "Who won once", Filter(sources=("my folder",))),
        ("Who won in:“my folder”?", "Who won ?", Filter(sources=("my folder",))),
        ("newest: who won", "who won", Filter(newest=True)),
        ("who won newest:", "who won", Filter(newest=True)),
        ("who won sort:newest", "who won", Filter(newest=True)),
    ],
)
def test_operators_are_parted_from_what_is_asked(typed, asked, wanted):
    assert parse_question(typed) == (asked, wanted, (), False)


@pytest.mark.parametrize(
    "typed",
    [
        "What is the newest bridge?",
        "What happened after 2024?",
        "Who said: in the beginning?",
        "after: the flood",
        "the newest: a bridge of stone",
        "http://example.org/?after:2024",
        "the thereafter:2024 file",
        "  two  spaces: kept ",
    ],
)
def test_what_only_looks_like_an_operator_stays_to_the_letter(typed):
    assert parse_question(typed) == (typed, None, (), False)


@given(st.text(st.characters(exclude_characters=":")))
def test_a_question_without_a_colon_stays_to_the_letter(typed):
    assert parse_question(typed) == (typed, None, (), False)


@pytest.mark.parametrize(
    "operator", ["after:202x", "before:2024-13", "after:2024-02-30", "after:yesterday", "in:/", 'in:""', "sort:oldest"]
)
def test_an_operator_that_means_nothing_is_named_as_it_was_typed(operator):
    assert parse_question(f"Who won {operator}").mistakes == (operator,)


# --- the store ---

ARTICLES = [
    {"id": "news/bridge", "published": "2024-05-03T09:00", "url": "https://www.example.org:8080/a"},
    {"id": "news/tower", "published": "2023-12-31", "url": "http://news.example.org?x"},
    {"id": "blog/year", "published": "2024"},
    {"id": "blog/month", "published": "2024-05"},
    {"id": "Лента/a", "published": "3 May 2024"},
    {"id": "notes", "url": "https://other.test/example.org/x.example.org"},
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store") / "papers"
    folder.mkdir()
    rows = [{"title": "", "text": f"The ferry of Lakeside sank in storm number {number}."} for number in range(6)]
    lines = [json.dumps(row | more) for row, more in zip(rows, ARTICLES, strict=True)]
    (folder / "all.jsonl").write_text("\n".join(lines))
    with open_engine(folder.parent / "citebot.db") as engine:
        engine.load([folder])
        yield engine


def found(engine, operators, question="Where did the ferry of Lakeside sink?"):
    return {hit.article for hit in engine.ask(f"{question} {operators}").hits}


BRIDGE, TOWER, YEAR, MONTH, SPOKEN, UNDATED = [article["id"] for article in ARTICLES]


@pytest.mark.parametrize(
    ("operators", "articles"),
    [
        ("after:2024", {BRIDGE, YEAR, MONTH}),
        ("after:2024-01-01", {BRIDGE, YEAR, MONTH}),
        ("before:2024", {TOWER}),
        ("before:2024-01-01", {TOWER}),
        ("after:2024-05", {BRIDGE, YEAR, MONTH}),
        ("after:2024-06", {YEAR}),
        ("before:2024-05", {TOWER, YEAR}),
        ("after:2024-05-03", {BRIDGE, YEAR, MONTH}),
        ("after:2024-05-04", {YEAR, MONTH}),
        ("before:2024-05-03", {TOWER, YEAR, MONTH}),
        ("before:2024-05-04", {BRIDGE, TOWER, YEAR, MONTH}),
        ("after:2025", set()),
        ("in:news/", {BRIDGE, TOWER}),
        ("in:NEWS/b", {BRIDGE}),
        ("in:blog in:notes", {YEAR, MONTH, UNDATED}),
        ("in:Лента", {SPOKEN}),
        ("in:example.org", {BRIDGE, TOWER}),
        ("in:news.example.org", {TOWER}),
        ("in:xample.org", set()),
        ("in:papers", {BRIDGE, TOWER, YEAR, MONTH, SPOKEN, UNDATED}),
        ("in:apers", set()),
        ("in:%", set()),
        ("in:news after:2024", {BRIDGE}),
        ("in:example.org before:2024 sort:newest", {TOWER}),
    ],
)
def test_only_articles_that_match_are_asked(engine, operators, articles):
    assert found(engine, operators) == articles
    scope = engine.ask(f"ferry {operators}").scope
    assert scope.articles == len(articles)


@pytest.mark.parametrize("wanted", [Filter(after="2024"), Filter(before="2024"), Filter(sources=("example.org",))])
def test_a_filter_takes_few_steps_of_sqlite_for_each_article(tmp_path, wanted):
    articles, steps = 500, 0
    row = {
        "title": "",
        "text": "It sank.",
        "url": "https://www.example.org:8080/a?b#c",
        "published": "2024-05-03T09:00",
    }
    (tmp_path / "all.jsonl").write_text("\n".join(json.dumps(row | {"id": f"news/{n}"}) for n in range(articles)))
    with open_engine(tmp_path / "citebot.db") as engine:
        engine.load([tmp_path / "all.jsonl"])

    def count():
        nonlocal steps
        steps += 1

    with Reader(tmp_path / "citebot.db") as reader:
        reader._connection.get().set_progress_handler(count, 1)
        rows, _ = reader.matching(1, wanted)
    assert len(rows) in (0, articles)
    assert steps < MOST_STEPS * articles


def test_where_the_articles_are_on_the_server_cannot_be_asked(engine):
    assert found(engine, f"in:{engine.path.parent}/papers") == set()
    assert found(engine, f"in:{engine.path.parent.name}/papers") == set()


def test_articles_without_a_date_are_left_out_and_counted(engine):
    assert engine.ask("ferry after:2024").scope.undated == 2
    assert engine.ask("ferry after:2024 in:notes").scope.undated == 1
    assert engine.ask("ferry in:notes").scope.undated == 0


def test_a_question_without_operators_has_no_scope(engine):
    assert engine.ask("Where did the ferry sink?").scope is None


def test_an_answer_keeps_the_question_as_typed_and_its_hits_cite_exactly(engine):
    answer = engine.ask("ferry in storm number 3 after:2024")
    assert answer.question == "ferry in storm number 3 after:2024"
    assert answer.hits[0].article == MONTH
    for hit in answer.hits:
        assert engine.article(hit.article).text[hit.start : hit.end] == hit.text


def test_operators_alone_ask_nothing(engine):
    assert engine.ask("after:2024").intent is Intent.EMPTY


def test_nothing_is_looked_up_for_an_operator_that_means_nothing_and_words_say_why(engine):
    answer = engine.ask("Where did the ferry of Lakeside sink? after:202x in:<b>/")
    assert (answer.answered, answer.hits, answer.scope.mistakes) == (False, (), ("after:202x",))
    (line,) = answer_lines(answer)
    assert line.startswith(
        "“after:202x” needs a date, such as after:2024, after:2024-05 or after:2024-05-03. To search"
    )
    assert to_plain(answer_html(answer)) == line


def test_a_question_with_too_many_operators_is_not_looked_up_and_words_say_why(engine):
    many = " ".join(f"in:x{number}" for number in range(MOST_OPERATORS))
    assert engine.ask(f"ferry {many}").scope == Scope(Filter(sources=tuple(many.replace("in:", "").split())))
    for more in ("in:news", "after:2024", "after:202x", many * 100):
        answer = engine.ask(f"Where did the ferry sink? {many} {more}")
        assert (answer.intent, answer.hits, answer.scope) == (Intent.QUESTION, (), Scope(Filter(), too_many=True))
        assert list(answer_lines(answer)) == [
            "A question can have at most 8 operators such as in: or after:. Leave some out and ask again."
        ]


def test_a_notice_says_how_many_articles_were_searched(engine):
    assert notices(engine.ask("ferry after:2024 in:<b>")) == ["No article matches after:2024 in:<b>."]
    assert answer_html(engine.ask("ferry in:<b>")) == "<i>No article matches in:&lt;b&gt;.</i>"
    assert notices(engine.ask("ferry after:2024-01-01")) == [
        "Searched 3 articles: after:2024. Skipped 2 articles without a date."
    ]
    assert notices(engine.ask("ferry newest:")) == []


def test_a_notice_and_a_long_sentence_fit_one_message(engine):
    assert units(answer_html(engine.ask(f"ferry in:{'x' * 900} in:papers"))) <= MESSAGE_UNITS


def test_an_explanation_says_that_the_articles_asked_hold_no_word(engine):
    explanation = engine.explain("ferry after:2025")
    assert explanation.fault is Fault.OUTSIDE
    assert explanation.answer == engine.ask("ferry after:2025")


def test_the_help_tells_each_operator():
    for operator in ("after:", "before:", "in:", "sort:newest"):
        assert operator in OPERATORS


# --- newest ---


def test_newest_puts_the_later_first_of_those_that_are_about_as_good(engine):
    plain = engine.ask("Where did the ferry of Lakeside sink?")
    newest = engine.ask("Where did the ferry of Lakeside sink? sort:newest")
    assert {hit.article for hit in newest.hits} == {hit.article for hit in plain.hits}
    assert [hit.article for hit in newest.hits] == [BRIDGE, MONTH, YEAR, TOWER, SPOKEN, UNDATED]
    assert {hit.article: hit.score for hit in newest.hits} == {hit.article: hit.score for hit in plain.hits}
    assert newest.confidence <= plain.confidence


def test_newest_does_not_put_what_is_less_good_before_the_best(tmp_path):
    rows = [
        {"id": "old", "published": "2001", "text": "The stone bridge of Rivertown was built in 1721."},
        {"id": "new", "published": "2025", "text": "Rivertown is a town. The bakery was opened by a mason."},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row | {"title": ""}) for row in rows))
    with open_engine(tmp_path / "citebot.db") as engine:
        engine.load([tmp_path / "a.jsonl"])
        assert engine.ask("When was the bridge of Rivertown built? newest:").hits[0].article == "old"


# --- exactness ---


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("small", [0, 10**9])
def test_a_search_among_some_articles_is_the_plain_search_without_the_others(tmp_path, monkeypatch, seed, small):
    monkeypatch.setattr(segment_searcher, "SMALL", small)  # by pruning, and by adding up all
    corpus, history = chequered(tmp_path, seed, 40)
    searcher, rows = history.searcher(), sorted(history.living.values())
    wanted = corpus.random.permutation(rows)[: corpus.random.integers(0, len(rows) + 1)]
    among = searcher.restricted_to(np.sort(wanted).astype(np.int64))
    for _ in range(6):
        asked = query(searcher, corpus.question())
        plain, narrow = searcher.search(asked, 10**6), among.search(asked, 7)
        inside = [version in set(wanted.tolist()) for version, _ in searcher.keys(plain.rows)]
        assert query(among, asked.text) == asked
        expected = np.sort(plain.score[inside])[::-1][:7]
        assert np.allclose(narrow.score, expected, rtol=1e-5)
        assert {version for version, _ in among.keys(narrow.rows)} <= set(wanted.tolist())
        scores = dict(zip(plain.rows.tolist(), plain.score.tolist(), strict=True))
        assert all(
            np.isclose(scores[row], score, rtol=1e-5)
            for row, score in zip(narrow.rows.tolist(), narrow.score, strict=True)
        )
