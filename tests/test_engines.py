"""The contract of an engine: what is asked of articles in files on this machine, and in a Milvus, comes out the same."""

import json
import math
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from conftest import ARTICLES, fill

from retrieval import Engine, GenerationGone, open_engine
from retrieval.index.bm25 import FIELD_NAMES
from retrieval.milvus import corpus

pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")

LONG = "long"
BULLETINS = 2000  # articles with the same title
ODD = [
    {"id": "contents", "title": "A chapter about octopuses", "text": "Contents"},
    {"id": "untitled", "title": "", "text": "The lighthouse keeper of Skarholm feeds nineteen cats. He is called Ole."},
    {"id": "word", "title": "", "text": "Kumquat"},
    {"id": "zh", "title": "长江", "text": "长江是亚洲最长的河流，全长约六千三百公里。它发源于青藏高原。", "language": "zh"},
    {"id": "th", "title": "แม่น้ำโขง", "text": "แม่น้ำโขงยาวประมาณ 4,350 กิโลเมตร\n\nแม่น้ำนี้ไหลผ่านหกประเทศ", "language": "th"},
    {"id": "ja", "title": "富士山", "text": "富士山の高さは三七七六メートルです。日本で一番高い山です。", "language": "ja"},
    {"id": "early", "title": "Harbour", "text": "The harbour of Lume was dug in 1902.", "published": "2001-03-04"},
    {"id": "late", "title": "Harbour", "text": "The harbour of Lume was closed in 1999.", "published": "2024-03-04"},
]  # fmt: skip
QUESTIONS = (
    "When was the stone bridge of Rivertown built?",
    "How much ice does the Blue Glacier lose every summer?",
    "What does <script> do?",
    "Who feeds nineteen cats?",
    "kumquat",
    "长江有多长？",
    "แม่น้ำโขงยาวเท่าไร",
    "富士山の高さは？",
    "octopuses",
    "When was the harbour of Lume dug?",
    "How many crates did ship 1234 carry?",
    "What does the bulletin say?",
    "bulletin",
    "Which number has chapter 4321?",
    "What is it of the?",
    "the of and in",
    "When was the stoen brigde biult?",
    "When did the last dodo die?",
    "hello",
    "",
    " ".join(["Why did the mason of the old bridge leave the harbour and the glacier of"] * 14),
)
FIRST = {  # hits, by article
    "Who feeds nineteen cats?": "untitled",
    "kumquat": "word",
    "长江有多长？": "zh",
    "แม่น้ำโขงยาวเท่าไร": "th",
    "富士山の高さは？": "ja",
    "octopuses": None,
    "How many crates did ship 1234 carry?": "b1234",
    "Which number has chapter 4321?": LONG,
}
FOLLOWED = QUESTIONS[0], "And who built it?"


def long_text():
    """A text of two megabytes, which an engine holds in several pieces even when it is compressed."""
    dice = np.random.default_rng(1)
    numbers = dice.choice(dice.integers(10**9, size=3000), size=(6000, 32)).tolist()
    sentences = [f"Chapter {place} tells of {', '.join(map(str, some))}." for place, some in enumerate(numbers)]
    return "\n\n".join(" ".join(sentences[start : start + 6]) for start in range(0, len(sentences), 6))


def written(folder):
    """Write all articles."""
    fill(folder)
    bulletins = (
        {
            "id": f"b{number:04}",
            "title": "Bulletin",
            "text": f"Ship {number} carried {number % 97} crates of figs.\n\nIt left.",
        }
        for number in range(BULLETINS)
    )
    every = [*ODD, {"id": LONG, "title": "Numbers", "text": long_text()}, *bulletins]
    (folder / "odd.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in every))
    return [folder / "articles", folder / "odd.jsonl"]


@pytest.fixture(scope="module")
def engines(tmp_path_factory):
    """The same articles in files, and in a Milvus that is read on a machine without files."""
    folder = tmp_path_factory.mktemp("contract")
    address, sources = f"milvus+file://{folder}/engine.db", written(folder)
    with open_engine(folder / "files.db", address=address) as loader:
        for source in sources:
            loader.add_source(source, set_name="odd" if source.suffix else "")
        failed = loader.load(sources).failed
        assert not failed
    with open_engine(folder / "files.db") as local, open_engine(folder / "reader.db", address=address) as engine:
        yield local, engine


def hits(engine: Engine):
    return [hit for question in QUESTIONS[:12] for hit in engine.ask(question, k=2).hits]


def asked(*questions: str) -> Callable[[Engine], object]:
    return lambda engine: [engine.ask(question) for question in questions]


CALLS: Mapping[str, Callable[[Engine], object]] = {
    **{f"ask: {question[:40]}": asked(question) for question in QUESTIONS},
    **{
        f"retrieve by {name}": lambda engine, name=name: [engine.retrieve(one, 5, [name]) for one in QUESTIONS[1:9]]
        for name in FIELD_NAMES
    },
    "retrieve": lambda engine: [engine.retrieve(question) for question in QUESTIONS],
    "retrieve by two": lambda engine: engine.retrieve(QUESTIONS[0], 10, ["title", "sentence"]),
    "retrieve none": lambda engine: engine.retrieve(QUESTIONS[0], 0),
    "retrieve many": lambda engine: len(engine.retrieve("ships carried crates", 3000)),
    "explain": lambda engine: [engine.explain(question) for question in QUESTIONS],
    "more": lambda engine: [engine.more(found) for one in QUESTIONS if (found := engine.ask(one).context)],
    "follow-up": lambda engine: engine.ask(FOLLOWED[1], context=engine.ask(FOLLOWED[0]).context),
    "in:": asked(
        f"When was the bridge built? in:{'bridge'}", "bridge in:nowhere", "When was the harbour dug? in:odd.jsonl"
    ),
    "after:": asked("Lume harbour after:2010", "Lume harbour after:2030"),
    "before:": asked("Lume harbour before:2010", "bulletin before:2010 sort:newest"),
    "best_in": lambda engine: engine.best_in(["bridge", "early", "late"], "When was the harbour dug?"),
    "articles": lambda engine: engine.articles(),
    "article": lambda engine: [engine.article(one.id) for one in engine.articles()[:20]] + [engine.article("none")],
    "the long article": lambda engine: engine.article(LONG),
    "context": lambda engine: [engine.context(hit.article, hit.position, 2) for hit in hits(engine)],
    "context of a version": lambda engine: [
        engine.context(hit.article, hit.position, 1, hit.version) for hit in hits(engine)
    ],
    "cited": lambda engine: [engine.cited(hit.version, hit.start) for hit in hits(engine)],
    "passage": lambda engine: [engine.passage(hit) for hit in hits(engine)],
    "quoted": lambda engine: [engine.quoted(hit.article, hit.version, hit.start, hit.end) for hit in hits(engine)],
    "address": lambda engine: [engine.address(hit) for hit in hits(engine)],
    "export": lambda engine: list(engine.export()),
    "history": lambda engine: engine.history(),
    "generation": lambda engine: engine.generation(),
    "sources": lambda engine: engine.sources(),
    "is_empty": lambda engine: [engine.is_empty()],
    "group_questions": lambda engine: engine.group_questions(QUESTIONS),
}


@pytest.mark.parametrize("call", CALLS)
def test_it_gives_what_files_give(engines, call):
    expected, found = (CALLS[call](engine) for engine in engines)
    assert is_same(found, expected), (found, expected)


@pytest.mark.parametrize("rare", [1, 10**6])
@pytest.mark.parametrize("call", ["in:", "after:", "before:", "best_in"])
def test_many_articles_that_are_wanted_are_named_or_left_out_of_lists(engines, monkeypatch, call, rare):
    monkeypatch.setattr(corpus, "NAMED", 0)
    monkeypatch.setattr(corpus, "RARE", rare)  # more than one in a million are not
    expected, found = (CALLS[call](engine) for engine in engines)
    assert is_same(found, expected), (found, expected)


def test_both_find_the_right_articles(engines):
    for engine in engines:
        found = {question: engine.ask(question).hits for question in FIRST}
        assert {question: hits[0].article if hits else None for question, hits in found.items()} == FIRST


def is_same(found, expected):
    """Whether two values are equal, but for the last digits of scores."""
    if isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=1e-3, abs_tol=1e-4)
    if is_dataclass(expected):
        names = [field.name for field in fields(expected)]
        return type(found) is type(expected) and all(
            is_same(getattr(found, one), getattr(expected, one)) for one in names
        )
    if isinstance(expected, Mapping):
        return found.keys() == expected.keys() and all(is_same(found[key], expected[key]) for key in expected)
    if isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(map(is_same, found, expected))
    return found == expected


@pytest.fixture(params=["files", "milvus"])
def opened(request, tmp_path):
    """Open the same articles, in a Milvus by the name of the machine that does."""

    def open_(machine="loader", sets=()):
        if request.param == "files":
            return open_engine(tmp_path / "files.db", sets=sets)
        return open_engine(tmp_path / f"{machine}.db", sets=sets, address=f"milvus+file://{tmp_path}/engine.db")

    return open_


def test_an_empty_engine_answers_nothing_and_has_nothing(opened):
    with opened() as engine:
        assert engine.is_empty()
        assert (engine.generation(), engine.articles(), engine.history(), engine.sources()) == (0, [], [], [])
        answer = engine.ask("When was the bridge built?")
        assert (answer.certainty, answer.hits, answer.generation) == ("none", (), 0)
        assert engine.retrieve("bridge") == []
        assert engine.article("bridge") is None
        assert engine.context("bridge", 1) == ()
        assert list(engine.export()) == []
        assert not engine.remove("bridge")
        assert not engine.remove_source("nowhere")
        with pytest.raises(GenerationGone):
            engine.rollback()


def first_text(engine, question):
    found = engine.ask(question).hits
    return found[0].text if found else ""


def test_what_one_machine_changes_another_sees(opened, tmp_path):
    folder = fill(tmp_path) / "articles"
    question, text = QUESTIONS[1], ARTICLES["glaciers.txt"]
    with opened() as loader, opened("reader") as reader:
        assert reader.is_empty()
        assert loader.load([folder]).added == ("bridge", "glaciers", "markup")
        assert not reader.is_empty()
        before = reader.ask(question).hits[0]
        assert "nine metres" in before.text

        (folder / "glaciers.txt").write_text(text.replace("nine", "seven"), encoding="utf-8")
        assert loader.load([folder]).changed == ("glaciers",)
        assert "seven metres" in first_text(reader, question)
        assert "nine metres" in reader.quoted("glaciers", before.version, before.start, before.end).text

        assert loader.remove("glaciers")
        assert reader.ask(question).certainty == "none"
        assert [one.id for one in reader.articles()] == ["bridge", "markup"]
        assert reader.rollback().added == ("glaciers",)
        assert "seven metres" in first_text(loader, question)
        assert "nine metres" in reader.cited(before.version, before.start).text
        assert [one.number for one in loader.history()] == [4, 3, 2, 1]
        assert is_same(reader.history(), loader.history())
        assert loader.rollback(1).changed == ("glaciers",)
        assert "nine metres" in first_text(reader, question)

        assert loader.remove_all(["bridge", "glaciers", "markup"]) == ["bridge", "glaciers", "markup"]
        assert reader.is_empty()
        assert reader.ask(question).hits == ()


def test_each_bot_sees_the_articles_of_its_sets(opened, tmp_path):
    (tmp_path / "lit.txt").write_text("Lit\n\nThe lighthouse of Skarholm was lit in 1888.\n", encoding="utf-8")
    (tmp_path / "tower.txt").write_text("Tower\n\nThe lighthouse of Skarholm has a red tower.\n", encoding="utf-8")
    (tmp_path / "all.txt").write_text("All\n\nA lighthouse warns ships.\n", encoding="utf-8")
    question = "What of the lighthouse?"
    with opened() as loader, opened("reader", ["one"]) as one, opened("other", ["two"]) as two:
        for name, chosen in (("lit", "one"), ("tower", "two"), ("all", "")):
            assert loader.add_source(tmp_path / f"{name}.txt", set_name=chosen)
        loader.load([source.spec for source in loader.sources()])
        for engine, own in ((loader, {"lit", "tower"}), (one, {"lit"}), (two, {"tower"})):
            assert {hit.article for hit in engine.retrieve(question)} == own | {"all"}
            assert {article.id for article in engine.articles()} == own | {"all"}
        assert {hit.article for hit in loader.best_in(["lit"], question, 9)} == {"lit"}
        assert {hit.article for hit in loader.within(["one"]).retrieve(question)} == {"lit", "all"}
        assert one.ask("When was the lighthouse lit? in:tower.txt").hits == ()
        assert "red tower" in first_text(two, "Which tower has the lighthouse? in:tower.txt")


def test_another_machine_goes_on_from_what_a_milvus_holds(tmp_path):
    folder, address = fill(tmp_path) / "articles", f"milvus+file://{tmp_path}/engine.db"
    with (
        open_engine(tmp_path / "one.db", address=address) as one,
        open_engine(tmp_path / "two.db", address=address) as two,
    ):
        one.load([folder])
        (folder / "river.txt").write_text("The river\n\nThe river Lume is 90 kilometres long.\n", encoding="utf-8")
        report = two.load([folder])
        assert (report.added, len(report.unchanged)) == (("river",), len(ARTICLES))
        with open_engine(tmp_path / "two.db") as complete:  # the same store without the Milvus
            for question in (*QUESTIONS[:4], "How long is the river Lume?"):
                expected = complete.ask(question)
                assert is_same(one.ask(question), expected)
                assert is_same(two.ask(question), expected)


def test_many_threads_ask_while_articles_change(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "REMEMBERED", 3000)  # bytes: one or two articles
    folder, address = fill(tmp_path) / "articles", f"milvus+file://{tmp_path}/engine.db"
    text = ARTICLES["glaciers.txt"]
    with (
        open_engine(tmp_path / "loader.db", address=address) as loader,
        open_engine(tmp_path / "reader.db", address=address) as reader,
        ThreadPoolExecutor(6) as pool,
    ):
        loader.load([folder])
        asked = [pool.submit(first_text, reader, question) for _ in range(20) for question in QUESTIONS[:3]]
        for metres in ("ten", "eleven", "twelve"):
            (folder / "glaciers.txt").write_text(text.replace("nine", metres), encoding="utf-8")
            loader.load([folder])
        assert all(one.result() for one in asked)
        assert "twelve metres" in first_text(reader, QUESTIONS[1])
