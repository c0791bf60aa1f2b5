"""Generations that were shown: listed, and gone back to as new ones."""

import json
import sqlite3

import pytest
from conftest import citebot
from made_corpora import Corpus
from prompted import reply_to

from retrieval import open_engine
from retrieval.errors import GenerationGone, StoreBusy
from retrieval.store.lock import load_lock


@pytest.fixture
def engine(tmp_path):
    with open_engine(tmp_path / "s.db") as engine:
        yield engine


def article(id_, text):
    return {"id": id_, "title": id_.title(), "text": text, "language": "en"}


def publish(engine, prune=True, **texts):
    """Load what is named and nothing else."""
    source = engine.path.with_name("all.jsonl")
    source.write_text("".join(json.dumps(article(id_, text)) + "\n" for id_, text in texts.items()))
    return engine.load([source], prune=prune)


def shown(engine):
    return {article.id: article.text for article in engine.export()}


def first(engine, question):
    return engine.ask(question).hits[0].text


FIRST = {"hill": "The hill is 120 metres high. It is green.", "lake": "The lake is 80 metres deep."}
SECOND = {"hill": "The hill is 130 metres high. It is green.", "tower": "The tower is made of stone."}


def test_history_lists_what_was_shown_the_latest_first(engine):
    assert engine.history() == []
    publish(engine, **FIRST)
    publish(engine, **SECOND)
    engine.remove("tower")
    listed = engine.history()
    assert [(one.number, one.note, one.articles, one.sentences, one.current, one.kept) for one in listed] == [
        (3, "removed tower", 1, 2, True, True),
        (2, "1 added, 1 changed, 1 removed", 2, 3, False, True),
        (1, "2 added, 0 changed, 0 removed", 2, 3, False, True),
    ]
    assert all(one.published.endswith("+00:00") for one in listed)


def test_a_rollback_is_a_new_generation_with_the_articles_of_the_one_before(engine):
    publish(engine, **FIRST)
    publish(engine, **SECOND)
    report = engine.rollback()
    assert (report.generation, report.added, report.changed, report.removed, report.sentences) == (
        3, ("lake",), ("hill",), ("tower",), 3,
    )  # fmt: skip
    assert shown(engine) == FIRST
    assert engine.history()[0].note == "back to generation 1"
    assert first(engine, "How high is the hill?") == "The hill is 120 metres high."
    assert first(engine, "How deep is the lake?") == "The lake is 80 metres deep."
    assert {hit.article for hit in engine.retrieve("tower stone")} == set()
    assert [sentence.text for sentence in engine.context("hill", 2)] == ["The hill is 120 metres high.", "It is green."]
    assert engine.problems() == []


def test_a_rollback_can_be_rolled_back(engine):
    publish(engine, **FIRST)
    publish(engine, **SECOND)
    engine.rollback()
    report = engine.rollback(2)
    assert (report.generation, report.added, report.changed, report.removed) == (4, ("tower",), ("hill",), ("lake",))
    assert shown(engine) == SECOND
    assert first(engine, "How high is the hill?") == "The hill is 130 metres high."


def test_any_of_the_last_three_can_be_gone_back_to_and_no_other(engine):
    for number in range(1, 7):
        publish(engine, hill=f"The hill is {number}00 metres high.")
    assert [one.number for one in engine.history() if one.kept] == [6, 5, 4, 3]
    for number, reason in ((2, "is not kept"), (6, "is the current one"), (99, "is not kept")):
        with pytest.raises(GenerationGone, match=rf"{reason}\. You can go back to 3, 4, 5\."):
            engine.rollback(number)
    assert engine.generation() == 6
    assert engine.rollback(3).generation == 7
    assert first(engine, "How high is the hill?") == "The hill is 300 metres high."


def heights(engine, *numbers):
    for number in numbers:
        publish(engine, hill=f"The hill is {number}00 metres high.")


def height(engine):
    return int(first(engine, "How high is the hill?").split()[3]) // 100


def kept(engine):
    return [one.number for one in engine.history() if one.kept]


def test_each_rollback_goes_one_step_further_back_and_takes_the_place_of_no_earlier_generation(engine):
    heights(engine, 1, 2, 3, 4)
    seen = []
    for _ in range(3):
        engine.rollback()
        seen.append((height(engine), kept(engine)))
    assert seen == [(3, [5, 4, 3, 2, 1]), (2, [6, 4, 3, 2, 1]), (1, [7, 4, 3, 2, 1])]
    with pytest.raises(
        GenerationGone, match=r"There is no earlier generation to go back to\. You can go back to 2, 3, 4\."
    ):
        engine.rollback()
    assert [(one.number, one.restores) for one in engine.history()][:4] == [(7, 1), (6, 2), (5, 3), (4, None)]
    for number in (4, 2, 3, 1, 4):
        engine.rollback(number)
        assert (height(engine), kept(engine)[1:]) == (number, [4, 3, 2, 1])
    engine.rollback(7)  # a rollback to the first
    assert height(engine) == 1
    assert engine.problems() == []


def test_a_load_after_a_rollback_is_undone_by_the_next_and_what_was_left_behind_goes_first(engine):
    heights(engine, 1, 2, 3, 4)
    engine.rollback()
    engine.rollback(2)
    heights(engine, 5)  # generation 7
    assert kept(engine) == [7, 4, 3, 2]
    engine.rollback()
    assert height(engine) == 2
    with pytest.raises(GenerationGone, match=r"You can go back to 3, 4, 7\."):
        engine.rollback()  # 1 is no longer kept
    engine.rollback(3)
    heights(engine, 6)  # generation 10
    assert kept(engine) == [10, 7, 3, 2]  # 4 was shown the longest ago
    with pytest.raises(GenerationGone, match="Generation 4 is not kept"):
        engine.rollback(4)
    for number, shown_then in ((7, 5), (2, 2), (3, 3), (10, 6)):
        engine.rollback(number)
        assert height(engine) == shown_then


def test_rollbacks_leave_no_more_rows_than_the_generations_that_are_kept(engine):
    heights(engine, 1, 2, 3, 4)
    for number in (3, 4) * 6:
        engine.rollback(number)
    store = sqlite3.connect(engine.path)
    texts = store.execute("SELECT text, count(*) FROM versions GROUP BY text").fetchall()
    store.close()
    assert texts == [(f"The hill is {number}00 metres high.", 1) for number in (1, 2, 3, 4)]
    assert (engine.rollback(1).changed, height(engine)) == (("hill",), 1)


def test_a_store_of_an_earlier_version_learns_which_generations_were_rollbacks(engine):
    heights(engine, 1, 2)
    engine.rollback(1)
    engine.rollback(2)
    store = sqlite3.connect(engine.path)
    store.executescript("""
        UPDATE generations SET note = 'back to generation 3' WHERE id = 4;  -- as it was written then
        ALTER TABLE generations DROP COLUMN restores; PRAGMA user_version = 8;
        DELETE FROM _sqlite_migrations WHERE name = 'note_rollbacks'
    """)
    store.close()
    assert {one.restores for one in engine.history()} == {None}
    heights(engine, 3)
    assert [(one.number, one.restores, one.kept) for one in engine.history()] == [
        (5, None, True), (4, 1, False), (3, 1, False), (2, None, True), (1, None, True),
    ]  # fmt: skip


def test_going_back_to_what_is_shown_already_publishes_nothing(engine):
    publish(engine, **FIRST)
    publish(engine, **SECOND)
    engine.rollback(1)
    report = engine.rollback(1)
    assert (report.generation, report.added, report.changed, report.removed) == (3, (), (), ())


def test_where_there_is_no_earlier_generation_nothing_is_made(engine, tmp_path):
    with pytest.raises(GenerationGone, match="no earlier"):
        engine.rollback()
    assert list(tmp_path.iterdir()) == []
    publish(engine, **FIRST)
    with pytest.raises(GenerationGone, match="no earlier"):
        engine.rollback()


def test_what_was_loaded_before_a_rollback_comes_back_when_it_is_loaded_again(engine):
    publish(engine, **FIRST)
    publish(engine, **SECOND)
    engine.rollback()
    report = engine.load([engine.path.with_name("all.jsonl")], prune=True)
    assert (report.changed, report.added, report.removed) == (("hill",), ("tower",), ("lake",))
    assert shown(engine) == SECOND


def test_a_rollback_undoes_an_interrupted_load_and_waits_for_no_other(engine):
    publish(engine, **FIRST)
    publish(engine, **SECOND)

    def interrupt(step):
        if step.phase == "indexing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.load([engine.path.with_name("all.jsonl"), _write(engine, "new")], progress=interrupt)
    engine.rollback()
    assert shown(engine) == FIRST
    with load_lock(engine.path), pytest.raises(StoreBusy):
        engine.rollback(2)


def _write(engine, id_):
    path = engine.path.with_name(f"{id_}.txt")
    path.write_text(f"{id_}\n\nThe {id_} article is about something.\n")
    return path


def test_a_reader_in_the_middle_of_a_question_keeps_its_generation(engine):
    publish(engine, **FIRST)
    publish(engine, **SECOND)
    asker = engine._answerer
    considered = asker.ranking_input("How high is the hill?")
    engine.rollback()
    assert "The hill is 130 metres high." in [hit.text for hit in asker.hits(considered)]


def test_going_to_and_fro_in_a_larger_store_answers_as_if_it_were_loaded_anew(engine, tmp_path):
    made = Corpus(3, words=60)
    editions = [
        {
            id_: ". ".join(sentence for paragraph in text[1] for sentence in paragraph)
            for id_, text in made.articles(60).items()
        }
        for _ in range(2)
    ]
    for edition in editions:
        publish(engine, **edition)
    engine.rollback(1)
    engine.rollback(2)
    engine.rollback()
    with open_engine(tmp_path / "anew.db") as anew:
        publish(anew, **editions[0])
        assert shown(engine) == shown(anew)
        for _ in range(20):
            question = made.question()
            assert [hit.text for hit in engine.retrieve(question)] == [hit.text for hit in anew.retrieve(question)]


def test_a_store_of_an_earlier_schema_lists_its_history_without_counts(engine):
    publish(engine, **FIRST)
    store = sqlite3.connect(engine.path)
    store.executescript(
        "DROP TABLE earlier; ALTER TABLE generations DROP COLUMN articles; ALTER TABLE generations DROP COLUMN sentences"
    )
    store.close()
    assert [(one.number, one.articles, one.sentences) for one in engine.history()] == [(1, None, None)]


# The commands


def run(engine, *words):
    return citebot(engine.path.parent, *words, CITEBOT_DB=str(engine.path))


def test_the_command_history_lists_what_was_shown(engine):
    assert "no articles yet" in run(engine, "history").stderr
    publish(engine, **FIRST)
    publish(engine, **SECOND)
    header, *rows = run(engine, "history").stdout.splitlines()
    assert header.split() == ["GENERATION", "PUBLISHED", "ARTICLES", "SENTENCES", "WHAT"]
    assert [(row.split()[0], row.split()[-1]) for row in rows] == [("2", "current"), ("1", "kept")]
    (line,) = run(engine, "history", "--json", "--last", "1").stdout.splitlines()
    published = engine.history()[0].published
    assert json.loads(line) == {
        "number": 2, "published": published, "note": "1 added, 1 changed, 1 removed", "articles": 2, "sentences": 3,
        "current": True, "kept": True, "restores": None,
    }  # fmt: skip


def test_the_command_rollback_goes_back_only_where_somebody_said_so(engine):
    publish(engine, **FIRST)
    publish(engine, **SECOND)
    refused = run(engine, "rollback")
    assert (refused.returncode, engine.generation()) == (2, 2)
    assert "--yes" in refused.stderr
    done = run(engine, "rollback", "--yes")
    assert (done.returncode, done.stdout, shown(engine)) == (0, "", FIRST)
    assert done.stderr.startswith("Added 1 article (lake).\nChanged 1 article (hill).\nRemoved 1 article (tower).\n")
    gone = run(engine, "rollback", "17", "--yes")
    assert (gone.returncode, gone.stderr) == (1, "Generation 17 is not kept. You can go back to 2.\n")
    assert done.stderr.splitlines()[3] == "This is now generation 3. To undo this, run `citebot rollback 2`."
    assert "Traceback" not in run(engine, "rollback", "x").stderr
    assert engine.generation() == 3


@pytest.mark.parametrize(("reply", "generation"), [("y", 3), ("n", 2), ("", 2)])
def test_in_a_terminal_the_command_rollback_asks(engine, reply, generation):
    publish(engine, **FIRST)
    publish(engine, **SECOND)
    code, seen = reply_to("[y/N]", reply, engine.path.parent, "rollback", CITEBOT_DB=str(engine.path))
    assert "Go back to generation 1 (20" in seen
    assert (code, engine.generation()) == (0, generation)


def test_a_rollback_leaves_the_bots_own_memory_alone(engine):
    publish(engine, **FIRST)
    publish(engine, **SECOND)
    memory = engine.path.with_name("s.state.db")
    memory.write_bytes(b"what the bot remembers")
    run(engine, "rollback", "--yes")
    assert (engine.generation(), memory.read_bytes()) == (3, b"what the bot remembers")
