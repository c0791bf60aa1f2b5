"""What was asked and answered, looked at afterwards: `citebot questions` and `citebot verify` on real stores."""

import json
import sqlite3
import subprocess
import sys
from dataclasses import replace

import pytest
from conftest import citebot, environment

from bot.console import Console
from bot.rendering.terminal.answer_lines import PLAIN
from bot.state import CONSOLE, AnswerLog, Recorder
from bot.state.verify import CitationStatus, verify
from retrieval import open_engine

TOWER = "The harbour was dug in 1850. The harbour tower is 96 metres high. Pilots met there."
BREAD = "Rye bread keeps for a week. Rosa Miller ran the mill. She sold 400 loaves every morning."
HIGH = "How high is the harbour tower?"


def write_articles(folder, **texts):
    (folder / "articles").mkdir(exist_ok=True)
    for old in (folder / "articles").iterdir():
        old.unlink()
    for name, text in texts.items():
        (folder / "articles" / f"{name}.txt").write_text(f"{name.title()}\n\n{text}\n", encoding="utf-8")


@pytest.fixture
def engine(tmp_path):
    write_articles(tmp_path, tower=TOWER, bread=BREAD)
    with open_engine(tmp_path / "citebot.db") as engine:
        load(engine)
        yield engine


@pytest.fixture
def log(tmp_path):
    with AnswerLog(tmp_path / "citebot.state.db") as log:
        yield log


def load(engine, **options):
    return engine.load([engine.path.parent / "articles"], **options)


def ask(engine, log, question=HIGH):
    answer_id = Recorder(log, 30).record(engine.ask(question), CONSOLE)
    return log.answer(answer_id)


def verdict(engine, given):
    return verify(engine, given)[0].status


def tamper(engine, statement):
    connection = sqlite3.connect(engine.path)
    with connection:
        assert connection.execute(statement).rowcount
    connection.close()


def test_a_citation_of_the_article_as_it_stands_holds(engine, log):
    given = ask(engine, log)
    assert "96 metres" in given.citations[0].text
    first, *_ = verify(engine, given)
    assert (first.status, first.changed) == (CitationStatus.CURRENT, None)


def test_a_citation_of_an_earlier_text_held_however_long_ago(engine, log):
    given = ask(engine, log)
    for number in range(6):  # more generations than are kept whole
        write_articles(engine.path.parent, tower=f"New text {number}. {TOWER}", bread=BREAD)
        load(engine)
    first, *_ = verify(engine, given)
    assert first.status == CitationStatus.CHANGED
    assert first.changed.startswith("20")


def test_a_citation_of_an_article_that_was_removed_held(engine, log):
    given = ask(engine, log)
    write_articles(engine.path.parent, bread=BREAD)
    load(engine, prune=True)
    assert verdict(engine, given) == CitationStatus.REMOVED


def test_a_text_that_was_changed_behind_our_back_does_not_hold(engine, log):
    given = ask(engine, log)
    tamper(engine, "UPDATE versions SET text = replace(text, '96', '69')")
    assert verdict(engine, given) == CitationStatus.BROKEN


def test_the_lead_of_a_quotation_is_checked_too(engine, log):
    given = ask(engine, log, "How many loaves were sold every morning?")
    assert given.citations[0].text == "She sold 400 loaves every morning."
    assert given.citations[0].lead.text == "Rosa Miller ran the mill."
    assert verdict(engine, given) == CitationStatus.CURRENT
    tamper(engine, "UPDATE versions SET text = replace(text, 'Rosa', 'Vera')")
    assert verdict(engine, given) == CitationStatus.BROKEN


def test_a_version_that_is_no_longer_kept_cannot_be_checked(engine, log):
    given = ask(engine, log)
    tamper(engine, f"DELETE FROM versions WHERE row = {given.citations[0].version}")
    assert verdict(engine, given) == CitationStatus.GONE


@pytest.mark.parametrize(
    ("text", "expected"), [(TOWER, CitationStatus.CURRENT), (f"Ahoy! {TOWER}", CitationStatus.GONE)]
)
def test_a_store_that_was_made_anew_is_not_taken_for_the_one_that_answered(tmp_path, log, text, expected):
    write_articles(tmp_path, bread=BREAD, tower=TOWER)
    with open_engine(tmp_path / "citebot.db") as engine:
        load(engine)
        load(engine)
        given = ask(engine, log)
    for file in tmp_path.glob("citebot.db*"):
        if file.is_file():
            file.unlink()
    write_articles(tmp_path, bread=BREAD, tower=text)
    connection = sqlite3.connect(log.path)
    with connection:  # as if it had been answered a while ago: the times of generations are full seconds
        connection.execute("UPDATE answers SET at = '2020-01-01T00:00:00.000+00:00'")
    connection.close()
    given = log.answer(given.id)
    with open_engine(tmp_path / "citebot.db") as engine:
        load(engine)
        assert verdict(engine, given) == expected


@pytest.fixture
def asked(engine, log):
    """A folder in whose console two questions were asked, with the ids of their answers."""
    shown = []
    console = Console(engine, shown.append, lambda: PLAIN, Recorder(log, 30).of(CONSOLE))
    for line in (HIGH, "/more", "/source 1", "What is the capital of Atlantis?", "hello"):
        console.reply_to(line)
    return engine.path.parent, next(line for line in shown if line.startswith("answer")).split()[1]


def test_source_tells_the_id_under_which_verify_finds_all_that_was_shown(asked):
    folder, answer_id = asked
    done = citebot(folder, "verify", answer_id[:5].lower() + "-" + answer_id[5:])
    assert done.returncode == 0, done.stderr
    first, second, *lines = done.stdout.splitlines()
    assert first.startswith(f"Answer {answer_id}, given in the console on ")
    assert second == f"  {HIGH}"
    assert lines[0] == "1. “The harbour tower is 96 metres high.”"
    assert lines[1] == "   tower, characters 36 to 72: correct; the article still says this"
    shown = [line for line in lines if line.endswith("correct; the article still says this")]
    assert len(shown) == len(lines) / 2 > 3  # /more showed more than an answer does


def test_verify_fails_for_what_does_not_hold_and_says_so_as_json_too(asked, engine):
    folder, answer_id = asked
    tamper(engine, "UPDATE versions SET text = replace(text, '96', '69')")
    done = citebot(folder, "verify", answer_id)
    assert done.returncode == 1
    assert "wrong: the article says something else there" in done.stdout
    done = citebot(folder, "verify", answer_id, "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["id"], told["holds"]) == (1, answer_id, False)
    assert [one["verdict"] for one in told["citations"] if "96" in one["text"]] == ["broken"]


def test_verify_of_an_id_that_is_none_names_near_ones(asked):
    folder, answer_id = asked
    other = "0" if answer_id[3] != "0" else "1"
    done = citebot(folder, "verify", answer_id[:3] + other + answer_id[4:])
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Did you mean {answer_id}?" in done.stderr
    done = citebot(folder, "verify", "nonsense")
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no answer 'nonsense'. `citebot questions` lists" in done.stderr


def test_questions_are_listed_the_latest_first(asked):
    folder, answer_id = asked
    done = citebot(folder, "questions")
    assert done.returncode == 0, done.stderr
    heading, silent, answered = done.stdout.splitlines()
    assert heading.split() == ["TIME", "CHANNEL", "QUESTION", "CONFIDENCE", "ANSWER", "SOURCE"]
    assert "Atlantis" in silent
    assert silent.endswith("(not answered)")
    assert HIGH in answered
    assert answer_id in answered
    assert answered.endswith("tower")
    assert len(citebot(folder, "questions", "--last", "1").stdout.splitlines()) == 2


def test_the_gaps_are_listed_as_json(asked):
    folder, _ = asked
    lines = citebot(folder, "questions", "--unanswered", "--json").stdout.splitlines()
    (told,) = map(json.loads, lines)
    assert (told["question"], told["answered"], told["source"]) == ("What is the capital of Atlantis?", False, None)
    silent = citebot(folder, "verify", told["answer"])
    assert silent.returncode == 0
    assert "The question was not answered" in silent.stdout


def test_verify_says_that_what_was_shown_after_a_refusal_was_no_answer(engine, log):
    refused = replace(engine.ask(HIGH), certainty="none")
    given = log.answer(Recorder(log, 30).record(refused, CONSOLE))
    assert not given.answered
    done = citebot(engine.path.parent, "verify", given.id)
    assert done.stdout.splitlines()[2] == "The question was not answered. These sentences were shown as the nearest:"
    given = ask(engine, log)
    assert "not answered" not in citebot(engine.path.parent, "verify", given.id).stdout


def test_an_empty_list_says_why(tmp_path):
    assert "No questions are on record" in citebot(tmp_path, "questions").stderr
    assert "CITEBOT_KEEP_DAYS is 0" in citebot(tmp_path, "questions", CITEBOT_KEEP_DAYS="0").stderr
    assert list(tmp_path.iterdir()) == []


def test_a_console_that_keeps_nothing_leaves_what_is_kept(asked, log):
    folder, _ = asked
    before = log.count()
    assert citebot(folder, "console", stdin=f"{HIGH}\n", CITEBOT_KEEP_DAYS="0").returncode == 0
    assert log.count() == before
    assert before[0] > 0


def test_questions_are_forgotten_where_somebody_said_so(asked, log):
    folder, _ = asked
    refused = citebot(folder, "questions", "--forget")
    assert (refused.returncode, log.count()[0]) == (2, 2)
    assert "Delete 2 questions" in refused.stderr
    done = citebot(folder, "questions", "--forget", "--yes")
    assert (done.returncode, done.stderr, log.count()[0]) == (0, "Deleted 2 questions.\n", 0)


def test_a_console_whose_ledger_cannot_be_written_answers_all_the_same(asked):
    folder, _ = asked
    done = subprocess.run(
        [sys.executable, "-m", "bot", "console"], input=f"{HIGH}\n/source\n{HIGH}\n", capture_output=True, text=True,
        encoding="utf-8", cwd=folder, env=environment(CITEBOT_STATE="articles"), check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.count("1. “The harbour tower is 96 metres high.”") == 2
    assert "\nanswer" not in done.stdout
    assert done.stderr.count("articles cannot be opened") == 1
