"""Earlier versions of an article: what a citation quoted is still there, and is known to be of an earlier text."""

import random
import sqlite3
import string

import pytest

from bot.console import Console
from bot.rendering.terminal.answer_lines import PLAIN
from retrieval import open_engine
from retrieval.records import Quoted
from retrieval.store import earlier_versions

HIGH = "The hill\n\nThe hill near Dover is {} metres high. It is green in summer. Sheep graze on it.\n"


@pytest.fixture
def engine(tmp_path):
    with open_engine(tmp_path / "s.db") as engine:
        yield engine


def load(engine, text, name="hill"):
    folder = engine.path.with_name("news")
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return engine.load([folder])


def cite(engine):
    return engine.ask("How high is the hill near Dover?").hits[0]


def quoted(engine, hit):
    return engine.quoted(hit.article, hit.version, hit.start, hit.end)


def in_store(engine, query):
    store = sqlite3.connect(engine.path)
    try:
        return store.execute(query).fetchall()
    finally:
        store.close()


def test_a_hit_says_which_version_it_cites(engine):
    load(engine, HIGH.format(100))
    first = cite(engine)
    load(engine, HIGH.format(200))
    second = cite(engine)
    rows = dict(in_store(engine, "SELECT row, text FROM versions"))
    assert rows[first.version][first.start : first.end] == first.text != second.text
    assert rows[second.version][second.start : second.end] == second.text
    assert engine.retrieve("hill near Dover")[0].version == second.version


def test_a_citation_of_the_current_text_is_current(engine):
    load(engine, HIGH.format(100))
    hit = cite(engine)
    load(engine, "The lake\n\nThe lake is deep.\n", "lake")
    assert quoted(engine, hit) == Quoted(hit.text, current=True, changed=None)


@pytest.mark.parametrize("reloads", [1, 3, 4, 8])
def test_a_citation_of_an_earlier_text_still_shows_what_it_quoted_and_since_when_it_is_another(engine, reloads):
    load(engine, HIGH.format(100))
    hit = cite(engine)
    for number in range(reloads):
        load(engine, HIGH.format(200 + number))
    since = next(one.published for one in engine.history() if one.number == 2)
    assert quoted(engine, hit) == Quoted("The hill near Dover is 100 metres high.", current=False, changed=since)
    assert in_store(engine, "SELECT count(*) FROM earlier") == [(max(0, reloads - 3),)]
    assert in_store(engine, "SELECT count(DISTINCT version) FROM spans") == [(min(reloads, 3) + 1,)]


def test_going_back_makes_a_citation_current_again(engine):
    load(engine, HIGH.format(100))
    hit = cite(engine)
    load(engine, HIGH.format(200))
    engine.rollback()
    assert cite(engine).version != hit.version
    assert quoted(engine, hit) == Quoted(hit.text, current=True, changed=None)


def test_while_a_load_is_under_way_the_text_it_will_replace_is_current(engine):
    load(engine, HIGH.format(100))
    hit, seen = cite(engine), []

    def look(step):
        if step.phase == "indexing":
            with open_engine(engine.path) as other:
                seen.append(quoted(other, hit))
                seen.append(other.quoted("hill", hit.version + 1, hit.start, hit.end))

    engine.path.with_name("news").joinpath("hill.txt").write_text(HIGH.format(200))
    engine.load([engine.path.with_name("news")], progress=look)
    assert seen[:2] == [Quoted(hit.text, current=True, changed=None), None]
    assert not quoted(engine, hit).current


def test_what_never_was_quoted_is_not_found(engine):
    for number in range(6):
        load(engine, HIGH.format(100 + number))
    hit, length = cite(engine), len(engine.article("hill").text)
    assert engine.quoted("lake", hit.version, hit.start, hit.end) is None
    assert engine.quoted("lake", 1, hit.start, hit.end) is None
    assert engine.quoted("hill", 99, hit.start, hit.end) is None
    for start, end in ((-1, 5), (5, 5), (7, 5), (0, length + 1)):
        assert engine.quoted("hill", hit.version, start, end) is None
        assert engine.quoted("hill", 1, start, end) is None
    assert engine.quoted("hill", 1, 0, length).text == HIGH.format(100)


def test_letters_of_all_kinds_come_back_from_compression_at_their_offsets(engine):
    text = "Zero\n\nThe 𝄞 of “Zoë” 🎻 lasts \u202b42\u202c minutes.\n"
    load(engine, text)
    for number in range(5):
        load(engine, HIGH.format(number))
    assert in_store(engine, "SELECT count(*) FROM earlier WHERE version = 1") == [(1,)]
    assert engine.quoted("hill", 1, 6, 22).text == text[6:22]


def test_of_an_article_the_ten_newest_earlier_texts_are_kept(engine):
    for number in range(16):
        load(engine, HIGH.format(100 + number))
    assert in_store(engine, "SELECT version FROM earlier ORDER BY version") == [(row,) for row in range(3, 13)]
    assert engine.quoted("hill", 2, 0, 8) is None
    assert engine.quoted("hill", 3, 0, 8).text == "The hill"


def test_earlier_texts_of_an_article_take_no_more_than_the_limit(engine, monkeypatch):
    monkeypatch.setattr(earlier_versions, "MOST_BYTES", 5_000)
    chance = random.Random(4)
    for number in range(8):
        noise = "".join(chance.choices(string.ascii_letters, k=2_600))  # two thousand bytes, compressed
        load(engine, f"Hill\n\nThe hill is high. {noise}.\n")
        load(engine, f"Lake\n\nThe lake is {number} metres deep.\n", "lake")
    kept = in_store(engine, "SELECT id, count(*), sum(length(packed)) FROM earlier GROUP BY id ORDER BY id")
    assert [(id_, texts) for id_, texts, _ in kept] == [("hill", 2), ("lake", 5)]
    assert 3_000 < kept[0][2] <= 5_000


def test_of_a_removed_article_nothing_is_kept_once_it_cannot_be_gone_back_to(engine):
    for number in range(6):
        load(engine, HIGH.format(100 + number))
    hit = cite(engine)
    engine.remove("hill")
    assert not quoted(engine, hit).current
    engine.path.with_name("news").joinpath("hill.txt").unlink()
    for number in range(2):
        load(engine, f"Lake\n\nThe lake is {number} metres deep.\n", "lake")
    assert quoted(engine, hit).text == hit.text
    load(engine, "Lake\n\nThe lake is dry.\n", "lake")
    assert quoted(engine, hit) is None
    assert in_store(engine, "SELECT count(*) FROM earlier WHERE id = 'hill'") == [(0,)]


# What the console shows of it


@pytest.fixture
def say(engine):
    shown = []
    with open_engine(engine.path) as own:
        console = Console(own, shown.append, lambda: PLAIN)

        def say(line):
            shown.clear()
            console.reply_to(line)
            return list(shown)

        yield say


@pytest.mark.parametrize("reloads", [1, 6])
def test_source_and_context_show_what_was_quoted_and_that_it_has_changed_since(engine, say, reloads):
    load(engine, HIGH.format(100))
    assert "100 metres" in say("How high is the hill near Dover?")[0]
    assert not any("since" in line for line in [*say("/source"), *say("/context")])
    for number in range(reloads):
        load(engine, f"A new beginning\n\nMuch is new. {number} swans came. The hill is gone.\n")
    context = say("/context")
    assert "> The hill near Dover is 100 metres high." in context
    assert ("  It is green in summer." in context) == (reloads < 4)
    assert not any("swans" in line for line in context)
    assert context[-1].startswith("The article has since changed (20")
    assert say("/source")[-1] == context[-1]


def test_source_and_context_tell_that_the_article_was_removed(engine, say):
    load(engine, HIGH.format(100))
    say("How high is the hill near Dover?")
    engine.remove("hill")
    assert "> The hill near Dover is 100 metres high." in say("/context")
    assert say("/source")[-1].startswith("The article has since been removed (20")
