"""Judging past answers: one key each, kept at once, undone, gone with the questions; and nothing without a terminal."""

import json
from datetime import UTC, datetime

import pytest
from conftest import citebot, fill_store
from prompted import Terminal

from bot.state import CONSOLE, AnswerLog, Judgements, Sender, key_from_token
from retrieval import open_engine
from retrieval.evaluation import read_questions

BUILT, ICE, EVEREST = (
    "Who built the bridge of Rivertown?",
    "How much ice does the glacier lose?",
    "How tall is Everest?",
)
FLOOD = "What took the western tower away?"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    return fill_store(tmp_path_factory.mktemp("judge"))


@pytest.fixture
def log(filled):
    for old in filled.glob("citebot.state.db*"):
        old.unlink()
    with (
        AnswerLog(filled / "citebot.state.db", key_from_token("1:token")) as log,
        open_engine(filled / "citebot.db") as engine,
    ):
        for question in (EVEREST, FLOOD, ICE, "who built  the bridge of Rivertown?", BUILT):
            log.record(engine.ask(question), CONSOLE)
        yield log


@pytest.fixture
def judgements(log):
    with Judgements(log.path) as judgements:
        yield judgements


def verdicts(judgements):
    return {one.question: one.verdict for one in judgements.first_sentences()}


def test_a_judgement_is_of_a_sentence_however_often_it_answered_a_question(log, judgements, filled):
    built, _, flood, everest = judgements.first_sentences()
    assert (len(built.answers), built.quote[:17], built.article) == (2, "The stone bridge ", "bridge")
    assert (everest.question, everest.quote, everest.article) == (EVEREST, None, None)
    judgements.judge(built.answers, "right")
    judgements.judge(flood.answers, "wrong")
    judgements.judge(flood.answers, "nothing")
    with open_engine(filled / "citebot.db") as engine:
        log.record(engine.ask(BUILT), CONSOLE)
    again, *_ = judgements.first_sentences()
    assert (len(again.answers), again.verdict) == (3, "right")
    assert verdicts(judgements) == {BUILT: "right", ICE: None, FLOOD: "nothing", EVEREST: None}
    judgements.judge(again.answers, None)
    assert verdicts(judgements)[BUILT] is None


def test_votes_are_counted_beside_the_judgement(log, judgements):
    first, *_ = judgements.first_sentences()
    for answer, up in zip(first.answers, (True, False), strict=True):
        log.vote(answer, 7, up=up)
    log.vote(first.answers[0], 8, up=True)
    first, *_ = judgements.first_sentences()
    assert (first.helpful, first.unhelpful) == (2, 1)


def test_judgements_go_with_their_questions_and_of_what_is_gone_none_is_kept(log, judgements):
    first, *_ = judgements.first_sentences()
    judgements.judge(first.answers, "right")
    log.forget(datetime.max.replace(tzinfo=UTC))
    judgements.judge(first.answers, "wrong")  # deleted while it was shown
    assert list(judgements._rows("SELECT * FROM judgements")) == []
    assert judgements.first_sentences() == []


def test_keys_judge_undo_and_stop_and_the_next_time_goes_on(filled, judgements):
    terminal = Terminal(filled, "judge")
    terminal.wait_for("1/4")
    terminal.type("\x1b[Axr")  # an arrow and an x mean nothing
    terminal.wait_for("2/4")
    assert verdicts(judgements)[BUILT] == "right"
    terminal.type("w")
    terminal.wait_for("3/4")
    terminal.type("u")
    terminal.wait_for("2/4", times=2)
    assert verdicts(judgements)[ICE] is None
    terminal.type("sn")  # typed ahead
    terminal.wait_for("4/4")
    terminal.type("rq")  # nothing was shown that could be right
    assert terminal.end() == 0
    assert "(refused:" in terminal.seen
    assert "Judged 3 of 4 answers." in terminal.seen
    assert verdicts(judgements) == {BUILT: "right", ICE: "skipped", FLOOD: "nothing", EVEREST: None}
    rest = Terminal(filled, "judge")
    rest.wait_for("1/1")
    rest.type("n")
    assert rest.end() == 0
    assert verdicts(judgements)[EVEREST] == "nothing"
    skipped = Terminal(filled, "judge", "--skipped")
    skipped.wait_for(ICE)
    skipped.type("\x04")
    assert skipped.end() == 0
    assert verdicts(judgements)[ICE] == "skipped"


def test_judgements_are_listed_as_lines_that_can_be_evaluated_and_name_nobody(filled, log, judgements):
    with open_engine(filled / "citebot.db") as engine:
        log.record(engine.ask("Who typed the first semicolon?"), Sender("telegram", 987654321, 987654321))
    for one, verdict in zip(
        judgements.first_sentences(), ("skipped", "right", "wrong", "nothing", "nothing"), strict=True
    ):
        judgements.judge(one.answers, verdict)
    listed = citebot(filled, "judge", "--json").stdout
    rows = [json.loads(line) for line in listed.splitlines()]
    assert [row["verdict"] for row in rows] == ["skipped", "right", "wrong", "nothing", "nothing"]
    assert ["answers" in row for row in rows] == [False, True, False, True, True]
    assert not any(answer in listed for one in judgements.first_sentences() for answer in one.answers)
    (filled / "judged.jsonl").write_text(listed)
    read = list(read_questions(filled / "judged.jsonl", unjudged=lambda _: None))
    assert [len(one.gold) for one in read] == [1, 0, 0]
    evaluated = json.loads(citebot(filled, "evaluate", "judged.jsonl", "--json").stdout)
    assert (evaluated["n"], evaluated["n_without"], evaluated["p1"]) == (1, 2, 1.0)


def test_without_a_terminal_or_anything_to_judge_it_says_so(filled, judgements):
    done = citebot(filled, "judge")
    assert (done.returncode, done.stdout) == (2, "")
    assert "This is not a terminal" in done.stderr
    assert citebot(filled, "judge", "--skipped").stderr == "Nothing was skipped.\n"
    for one in judgements.first_sentences():
        judgements.judge(one.answers, "right")
    assert citebot(filled, "judge").stderr == "Every answer on record is judged.\n"
    nothing = citebot(filled, "judge", "--db", filled / "other.db")
    assert nothing.stderr.startswith("No questions are on record.")
    assert not (filled / "other.state.db").exists()
