"""Previews: they say what a load would change, publish nothing, and the load that follows continues from there."""

import json
import os
import time

import pytest
from conftest import citebot
from prompted import reply_to

from bot.state import CONSOLE, AnswerLog
from retrieval import open_engine
from retrieval.index.manifest import GRACE, manifest_of
from retrieval.loading.load import load
from retrieval.store.store_checks import find_store_problems

OLD = {
    "hill": "The hill near Dover is 100 metres high. It is green in summer.",
    "lake": "The lake near Annecy is 80 metres deep. Swans live on it.",
    "oak": "The oak of Allerton was planted in 1650.",
}
NEW = {
    "hill": "The hill near Dover is 130 metres high. It is green in summer.",
    "oak": OLD["oak"],
    "mill": "The windmill of Zaandam was built by Jan Houtman in 1720.",
}
HILL, LAKE, OAK, MILL = QUESTIONS = [
    "How high is the hill near Dover?",
    "How deep is the lake near Annecy?",
    "When was the oak of Allerton planted?",
    "Who built the windmill of Zaandam?",
]


@pytest.fixture
def engine(tmp_path):
    with open_engine(tmp_path / "s.db") as engine:
        write(engine, OLD)
        yield engine


def source(engine):
    return engine.path.with_name("all.jsonl")


def write(engine, texts):
    lines = ({"id": id_, "title": id_.title(), "text": text, "language": "en"} for id_, text in texts.items())
    source(engine).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def loaded(engine, texts):
    write(engine, texts)
    return engine.load([source(engine)], prune=True)


def shown(engine):
    return {article.id: article.text for article in engine.export()}


def side_by_side(preview):
    return {
        changed.question: tuple(hit and hit.text for hit in (changed.before, changed.after))
        for changed in preview.changed_answers
    }


def test_a_preview_tells_what_a_load_would_change_and_shows_nothing_of_it(engine):
    loaded(engine, OLD)
    before = {question: engine.ask(question) for question in QUESTIONS}
    write(engine, NEW)
    with source(engine).open("a") as file:
        file.write("{broken\n")
    report = engine.preview([source(engine), "/nowhere"], QUESTIONS).report
    assert (report.generation, report.added, report.changed, report.unchanged) == (1, ("mill",), ("hill",), ("oak",))
    assert len(report.failed) == 2
    assert (engine.generation(), shown(engine)) == (1, OLD)
    assert {question: engine.ask(question) for question in QUESTIONS} == before
    assert engine.history()[0].number == 1


def test_a_preview_sets_old_and_new_first_answers_side_by_side_where_they_differ(engine):
    loaded(engine, OLD)
    write(engine, NEW)
    preview = engine.preview([source(engine)], QUESTIONS, prune=True)
    assert preview.report.removed == ("lake",)
    assert preview.report.sentences == 4
    assert [changed.question for changed in preview.changed_answers] == [HILL, LAKE, MILL]
    told = side_by_side(preview)
    assert told[HILL] == ("The hill near Dover is 100 metres high.", "The hill near Dover is 130 metres high.")
    assert told[LAKE][0] == "The lake near Annecy is 80 metres deep."
    assert told[LAKE][1] != told[LAKE][0]
    assert told[MILL] == (None, "The windmill of Zaandam was built by Jan Houtman in 1720.")


def test_a_preview_answers_as_the_load_that_follows(engine):
    loaded(engine, OLD)
    write(engine, NEW)
    told = engine.preview([source(engine)], QUESTIONS, prune=True)
    report = engine.load([source(engine)], prune=True)
    for changed in told.changed_answers:
        answer = engine.ask(changed.question)
        assert changed.after == (answer.hits[0] if answer.answered else None)
    assert (report.generation, report.added, report.changed, report.removed, report.resumed) == (
        2, ("mill",), ("hill",), ("lake",), 2,
    )  # fmt: skip
    assert (report.unchanged, report.sentences) == (told.report.unchanged, told.report.sentences)
    assert shown(engine) == NEW
    assert find_store_problems(engine.path) == engine.problems() == []


def test_what_has_changed_again_since_the_preview_is_loaded_as_it_is_now(engine):
    loaded(engine, OLD)
    write(engine, NEW)
    engine.preview([source(engine)], QUESTIONS, prune=True)
    report = loaded(engine, {"hill": OLD["hill"], "lake": "The lake near Annecy has dried up.", "oak": OLD["oak"]})
    assert (report.added, report.changed, report.removed) == ((), ("hill", "lake"), ())
    assert shown(engine) == {"hill": OLD["hill"], "lake": "The lake near Annecy has dried up.", "oak": OLD["oak"]}
    assert engine.ask(MILL).answered is False


@pytest.mark.parametrize("other", ["load", "remove", "rollback"])
def test_anything_else_undoes_a_preview(engine, other, tmp_path):
    loaded(engine, {"oak": OLD["oak"]})
    loaded(engine, OLD)
    write(engine, NEW)
    engine.preview([source(engine)], QUESTIONS, prune=True)
    assert find_store_problems(engine.path) == []  # a preview is no fault
    (tmp_path / "fen.txt").write_text("The fen\n\nThe fen is wet all year.\n")
    expected = dict(OLD)
    if other == "load":
        engine.load([tmp_path / "fen.txt"])
        expected["fen"] = "The fen\n\nThe fen is wet all year.\n"
    elif other == "remove":
        engine.remove("lake")
        del expected["lake"]
    else:
        engine.rollback()
        expected = {"oak": OLD["oak"]}
    assert (engine.generation(), shown(engine)) == (4, expected)
    assert find_store_problems(engine.path) == []


def test_a_preview_of_what_is_loaded_already_writes_nothing(engine):
    loaded(engine, OLD)
    preview = engine.preview([source(engine)], QUESTIONS, prune=True)
    assert (len(preview.report.unchanged), preview.changed_answers) == (3, ())
    assert find_store_problems(engine.path) == []
    assert not manifest_of(engine.path.with_name("s.db.index"), 2).exists()


def test_a_preview_of_the_first_load_compares_with_silence(engine):
    told = side_by_side(engine.preview([source(engine)], [HILL, MILL]))
    assert told == {HILL: (None, "The hill near Dover is 100 metres high.")}
    assert (engine.generation(), engine.articles(), engine.ask(HILL).answered) == (0, [], False)
    assert engine.load([source(engine)]).added == ("hill", "lake", "oak")


def test_previews_do_not_pile_up(engine):
    loaded(engine, OLD)
    index = engine.path.with_name("s.db.index")
    for number in range(5):
        write(engine, NEW | {"hill": f"The hill near Dover is {number} metres high."})
        engine.preview([source(engine)], QUESTIONS, prune=number % 2 == 0)
        for folder in (index / "segments").iterdir():  # as if all this were long ago
            os.utime(folder, (time.time() - GRACE - 1,) * 2)
    assert len(list((index / "segments").iterdir())) <= 3
    assert len(list((index / "generations").iterdir())) == 2
    assert engine.load([source(engine)], prune=True).generation == 6
    assert engine.ask(HILL).hits[0].text == "The hill near Dover is 4 metres high."


def test_a_preview_that_is_interrupted_is_gone_on_with(engine):
    loaded(engine, OLD)
    write(engine, NEW)

    def interrupt(step):
        if step.phase == "indexing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.preview([source(engine)], QUESTIONS, progress=interrupt)
    assert shown(engine) == OLD
    assert load(engine.path, [source(engine)]).resumed == 2


def test_a_preview_that_fails_while_asking_leaves_nothing(engine):
    loaded(engine, OLD)
    write(engine, NEW)

    def questions():
        yield HILL
        raise RuntimeError

    with pytest.raises(RuntimeError):
        engine.preview([source(engine)], questions())
    assert find_store_problems(engine.path) == []
    assert load(engine.path, [source(engine)]).resumed == 0


# The command


def ask_and_keep(engine):
    with AnswerLog(engine.path.with_name("s.state.db")) as ledger:
        for question in QUESTIONS:
            ledger.record(engine.ask(question), CONSOLE)


def settings(engine):
    return {"CITEBOT_DB": str(engine.path), "CITEBOT_STATE": str(engine.path.with_name("s.state.db"))}


def preview(engine, *words):
    return citebot(engine.path.parent, "load", "all.jsonl", "--prune", "--preview", *words, **settings(engine))


def test_the_command_shows_old_beside_new_and_loads_nothing_away_from_a_terminal(engine):
    loaded(engine, OLD)
    ask_and_keep(engine)
    write(engine, NEW)
    done = preview(engine)
    assert (done.returncode, shown(engine)) == (0, OLD)
    assert done.stderr == "Nothing was loaded. Add --yes to load.\n"
    lines = done.stdout.splitlines()
    assert lines[:5] == [
        "Would add 1 article (mill).",
        "Would change 1 article (hill).",
        "Would remove 1 article (lake).",
        "Unchanged: 1 article.",
        "The store would hold 3 articles (4 sentences).",
    ]
    assert lines[5] == "3 of the last 4 questions would get a different first answer:"
    assert lines[6:9] == [
        MILL,
        "  now:   no answer",
        "  after: “The windmill of Zaandam was built by Jan Houtman in 1720.” (mill)",
    ]
    assert "  now:   “The hill near Dover is 100 metres high.” (hill)" in lines


def test_the_command_goes_on_with_yes(engine):
    loaded(engine, OLD)
    write(engine, NEW)
    done = preview(engine, "--yes")
    assert (done.returncode, shown(engine), engine.generation()) == (0, NEW, 2)
    assert "No questions have been asked yet" in done.stdout
    assert "Removed 1 article (lake)." in done.stderr


def test_with_yes_what_failed_is_told_once(engine):
    loaded(engine, OLD)
    write(engine, NEW)
    with engine.path.with_name("all.jsonl").open("a") as file:
        file.write("no JSON\n")
    done = preview(engine, "--yes")
    assert done.returncode == 1
    assert (done.stdout.count("Failed: "), done.stderr.count("Failed: ")) == (1, 0)


@pytest.mark.parametrize(("reply", "after"), [("y", NEW), ("n", OLD), ("", OLD)])
def test_in_a_terminal_the_command_asks_and_loads_on_y_alone(engine, reply, after):
    loaded(engine, OLD)
    ask_and_keep(engine)
    write(engine, NEW)
    words = ["load", "all.jsonl", "--prune", "--preview"]
    code, seen = reply_to("Load these changes? [y/N]", reply, engine.path.parent, *words, **settings(engine))
    assert "Would change 1 article (hill)." in seen
    assert (code, shown(engine)) == (0, after)
    assert ("Nothing was changed." in seen) is (after == OLD)


def test_where_nothing_would_change_nobody_is_asked(engine):
    loaded(engine, OLD)
    words = ["load", "all.jsonl", "--preview"]
    code, seen = reply_to("[y/N]", "y", engine.path.parent, *words, **settings(engine))
    assert code == 0
    assert "Nothing would change." in seen
    assert "[y/N]" not in seen


def test_a_ledger_that_cannot_be_read_costs_the_questions_and_not_the_preview(engine):
    loaded(engine, OLD)
    engine.path.with_name("s.state.db").write_text("This is no ledger. " * 100)
    write(engine, NEW)
    done = preview(engine)
    assert (done.returncode, "Would add 1 article (mill)." in done.stdout) == (0, True)
    assert "s.state.db" in done.stderr
