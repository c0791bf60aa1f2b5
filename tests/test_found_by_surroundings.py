"""From a file to the answer: a sentence is found by its headings, its question, or the header of its table."""

import json
import sqlite3

import pytest

from retrieval import open_engine

MILL = """# The mill at Oakford

The mill grinds rye and wheat. It was built in 1840 beside the river.

## Prices

Grinding is paid in cash.

| Grain | Price |
| --- | --- |
| Rye | 3 crowns |
| Wheat | 4 crowns |
| Oats | 5 crowns |

## Questions

### Can I bring my own sacks?

Yes, if they are clean and dry.

### What happens without wind?

Then the steam engine is used.

## Visits

Visitors need three things:

- a coat without buttons
- strong shoes

To book a visit, send this:

```
VISIT name day
```
"""
LIBRARY = """The library at Oakford lends books and tools.

Q: How long may I keep a saw?
A: Two weeks, and then a crown a day.

Q: What does a lost card cost?
A: Six crowns.
"""
PUMP = {
    "id": "pump",
    "title": "The pump",
    "text": "The pump lifts water.\n\n## Winter\n\n### Pipes\n\nEmpty them in November.\n",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("surroundings")
    (folder / "mill.md").write_text(MILL)
    (folder / "library.txt").write_text(LIBRARY)
    (folder / "pump.jsonl").write_text(json.dumps(PUMP))
    with open_engine(folder / "s.db") as engine:
        engine.load(folder)
        yield engine


def first(engine, question):
    answer = engine.ask(question)
    assert answer.answered
    return answer.snippets[0].hit


@pytest.mark.parametrize(
    ("question", "text", "section"),
    [
        ("price for rye", "| Rye | 3 crowns |", ("Prices",)),
        ("What is the price of grain, of oats?", "| Oats | 5 crowns |", ("Prices",)),
        ("Can I bring my own sacks?", "Yes, if they are clean and dry.", ("Questions", "Can I bring my own sacks?")),
        ("What happens without wind?", "Then the steam engine is used.", ("Questions", "What happens without wind?")),
        ("How long may I keep a saw?", "A: Two weeks, and then a crown a day.", ("How long may I keep a saw?",)),
        ("What does a lost card cost?", "A: Six crowns.", ("What does a lost card cost?",)),
        ("What about the pipes in winter?", "Empty them in November.", ("Winter", "Pipes")),
        ("Which things do visitors need?", "Visitors need three things:", ("Visits",)),
    ],
)
def test_an_answer_is_found_by_what_surrounds_it(engine, question, text, section):
    hit = first(engine, question)
    assert (hit.text, hit.section) == (text, section)


def test_no_heading_header_or_question_alone_answers(engine):
    for question in ("Grain | Price", "What does a lost card cost?", "Can I bring my own sacks?", "Winter pipes"):
        texts = {hit.text for hit in engine.ask(question, k=50).hits}
        assert (
            not {"| Grain | Price |", "Q: What does a lost card cost?", "### Can I bring my own sacks?", "### Pipes"}
            & texts
        )


def test_a_hit_holds_what_introduces_it_and_what_it_introduces(engine):
    assert first(engine, "price for rye").intro.text == "| Grain | Price |"
    hits = {hit.text: hit for hit in engine.ask("What do visitors need for a visit?", k=50).hits}
    assert hits["- strong shoes"].intro.text == "Visitors need three things:"
    assert hits["Visitors need three things:"].code.text == "- a coat without buttons\n\n- strong shoes"
    assert hits["To book a visit, send this:"].code.text == "VISIT name day"
    text = engine.article("mill").text
    for hit in hits.values():
        for span in filter(None, (hit.intro, hit.code)):
            assert hit.article != "mill" or text[span.start : span.end] == span.text


def test_only_the_last_sentence_of_a_paragraph_introduces_what_follows(tmp_path):
    (tmp_path / "a.md").write_text("# Oil\n\nThe mill wants oil. The mill takes oil so:\n\n- the axle\n- the wheel\n")
    with open_engine(tmp_path / "s.db") as engine:
        engine.load(tmp_path / "a.md")
        codes = {hit.text: hit.code for hit in engine.ask("What oil does the mill take?", k=9).hits}
    assert codes["The mill wants oil."] is None
    assert codes["The mill takes oil so:"] is not None


def test_an_explanation_names_the_section_as_a_place(engine):
    words = engine.explain("What happens without wind?").hits[0].words
    assert {word.word: word.places for word in words}["wind"] == ("section",)


def test_the_view_of_sentences_shows_their_section(engine):
    with sqlite3.connect(engine.path) as store:
        rows = dict(store.execute("SELECT text, section FROM sentences"))
    assert rows["Yes, if they are clean and dry."] == "Questions > Can I bring my own sacks?"
    assert rows["The library at Oakford lends books and tools."] == ""


def test_what_is_rolled_back_to_has_its_surroundings_and_what_is_purged_leaves_none(engine, tmp_path):
    source = tmp_path / "mill.md"
    with open_engine(tmp_path / "s.db") as other:
        source.write_text(MILL)
        other.load(source)
        for number in range(5):
            source.write_text(f"# The mill\n\n## Part {number}\n\nIt burnt down in {1900 + number}.\n")
            other.load(source)
            if number == 1:
                other.rollback(1)
                assert first(other, "Can I bring my own sacks?").section == ("Questions", "Can I bring my own sacks?")
        hit = first(other, "When did it burn down?")
        assert hit.section == ("Part 4",)
    with sqlite3.connect(tmp_path / "s.db") as store:
        assert store.execute(
            "SELECT count(*) FROM surroundings WHERE version NOT IN (SELECT row FROM versions)"
        ).fetchone() == (0,)
        assert store.execute("SELECT count(DISTINCT version) FROM surroundings").fetchone() == (4,)


def test_the_next_load_gives_a_store_of_an_earlier_version_its_surroundings(tmp_path, monkeypatch):
    source, path = tmp_path / "mill.md", tmp_path / "s.db"
    source.write_text(MILL)
    with open_engine(path) as engine, monkeypatch.context() as before:
        before.setattr("retrieval.loading.changes.SPLITTER_VERSION", 3)
        engine.load(source)
    with sqlite3.connect(path) as store:
        store.executescript("""
            DROP VIEW sentences;
            DROP TABLE surroundings;
            CREATE VIEW sentences AS SELECT 1;
            DELETE FROM _sqlite_migrations WHERE name = 'keep_surroundings';
            PRAGMA user_version = 4;
        """)
    with open_engine(path) as engine:
        assert engine.ask("Who built the mill in 1840?").hits[0].section == ()
        assert engine.load(source).changed == ("mill",)
        assert first(engine, "price for rye").section == ("Prices",)
        assert engine.problems() == []
