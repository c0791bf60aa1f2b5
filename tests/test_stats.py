"""Figures of past answers: counted right, with their interval, and told to no one with an ID."""

import csv
import json
import struct

import pytest
from conftest import citebot, fill_store

from bot.overview import make_overview
from bot.rendering.overview_messages import overview_lines
from bot.state import AnswerLog, Judgements, Recorder, Sender, Statistics, key_from_token
from retrieval import open_engine
from retrieval.evaluation.wilson import wilson_interval

BUILT, ICE, FLOOD = (
    "Who built the bridge of Rivertown?",
    "How much ice does the glacier lose?",
    "What took the tower away?",
)
EVEREST, FORMULA = "How tall is Everest?", "=HYPERLINK(1)"
USER = 987654321


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = fill_store(tmp_path_factory.mktemp("stats"))
    state = folder / "citebot.state.db"
    with AnswerLog(state, key_from_token("1:token")) as log, open_engine(folder / "citebot.db") as engine:
        recorder, answers = Recorder(log, 30), {}
        for question, milliseconds in ((BUILT, 4), (ICE, 8), (FLOOD, None), (EVEREST, 300), (EVEREST, 9), (FORMULA, 2)):
            answers[question] = recorder.record(engine.ask(question), Sender("telegram", USER, USER), milliseconds)
        log.vote(answers[ICE], USER, up=True)
        log.vote(answers[BUILT], USER, up=False)
        log.explain_vote(answers[BUILT], USER, "out of date")
        log.undelivered(answers[ICE], "Chat not found")
    with Judgements(state) as judgements:
        verdicts = {BUILT: "right", ICE: "wrong", FLOOD: "nothing", EVEREST: "wrong", FORMULA: "skipped"}
        for one in judgements.first_sentences():
            judgements.judge(one.answers, verdicts[one.question])
    return folder


@pytest.fixture(scope="module")
def found(folder):
    with open_engine(folder / "citebot.db") as engine:
        return make_overview(engine, folder / "citebot.state.db")


def test_everything_is_counted(found):
    figures = found.figures
    assert (figures.questions, figures.answered, figures.undelivered, figures.milliseconds) == (6, 3, 1, 8)
    assert (figures.helpful, figures.unhelpful, figures.reasons) == (1, 1, {"out of date": 1})
    assert (figures.right, figures.wrong, figures.nothing, figures.judged) == (1, 1, 1, 3)
    assert (figures.refused_rightly, figures.refused_wrongly) == (0, 1)
    assert figures.share_wrong == pytest.approx(2 / 3)
    assert found.interval == wilson_interval(2, 3)
    assert figures.cited == {"bridge": 2, "glaciers": 1}
    assert [day[1:] for day in figures.days] == [(3, 3)]
    assert (found.articles, found.never_cited) == (3, ("markup",))
    assert [gap.times for gap in found.gaps] == [2, 1, 1]  # with the answer that was found wrong


def test_the_median_of_an_even_number_lies_between(tmp_path, folder):
    with AnswerLog(tmp_path / "s.db") as log, Statistics(tmp_path / "s.db") as statistics:
        assert statistics.figures().milliseconds is None
        with open_engine(folder / "citebot.db") as engine:
            for milliseconds in (1, 5, 2, 100):
                log.record(engine.ask(BUILT), Sender("console"), milliseconds)
        assert statistics.figures().milliseconds == 3.5


@pytest.mark.parametrize(
    ("part", "of", "interval"), [(0, 10, (0, 0.2775)), (10, 10, (0.7225, 1)), (8, 40, (0.105, 0.3476))]
)
def test_the_interval_is_wilsons(part, of, interval):
    assert wilson_interval(part, of) == pytest.approx(interval, abs=1e-4)


def test_the_terminal_and_telegram_say_it_in_words(folder, found):
    lines = list(overview_lines(found, 30))
    assert lines[1:8] == [
        "Answered: 3 (50 %). Median time of an answer: 8 ms.",
        "Not delivered: 1 answer; the last because: Chat not found.",
        "Wrong first answers: 67 % (21 % to 94 %), by 3 judgements. Judge more for a closer figure: `citebot judge`.",
        "Refused, although the articles answer: 1 of 1 judged refusal.",
        "Readers found helpful: 1 answer; not helpful: 1 (1 out of date).",
        "Cited most: bridge (2), glaciers (1).",
        "Never cited: 1 article (markup) of 3.",
    ]
    assert citebot(folder, "stats").stdout.splitlines() == lines
    assert citebot(folder, "stats", "--db", folder / "none.db").stdout.startswith("No questions are on record.")
    assert citebot(folder, "stats", "--csv", "--json").returncode == 2


def test_exports_hold_the_questions_but_no_id_hash_or_time_of_day(folder):
    rows = [json.loads(line) for line in citebot(folder, "stats", "--jsonl").stdout.splitlines()]
    assert [row["question"] for row in rows] == [BUILT, ICE, FLOOD, EVEREST, EVEREST, FORMULA]
    assert [row["judgement"] for row in rows] == ["right", "wrong", "nothing", "wrong", "wrong", "skipped"]
    assert [(row["helpful"], row["unhelpful"], row["article"]) for row in rows[:2]] == [
        (0, 1, "bridge"),
        (1, 0, "glaciers"),
    ]
    table = list(csv.DictReader(citebot(folder, "stats", "--csv").stdout.splitlines()))
    assert [row["question"] for row in table] == [BUILT, ICE, FLOOD, EVEREST, EVEREST, f"'{FORMULA}"]
    assert {len(row["day"]) for row in rows} == {10}
    key = key_from_token("1:token")
    with AnswerLog(folder / "citebot.state.db", key) as log:
        hashes = {bytes(user).hex() for (user,) in log._rows("SELECT user FROM questions")}
        ids = set(log.answer_ids(10))
    assert len(hashes) == 1
    assert len(ids) == 6
    for option in ("--json", "--jsonl", "--csv"):
        shown = citebot(folder, "stats", option).stdout
        assert not [secret for secret in {*ids, *hashes, str(USER)} if secret in shown]
    figures = json.loads(citebot(folder, "stats", "--json").stdout)
    assert (figures["questions"], figures["judged"], figures["never_cited"]) == (6, 3, ["markup"])


@pytest.mark.parametrize("options", [(), ("--dark",)])
def test_the_figures_are_drawn_into_a_png(folder, options, tmp_path):
    pytest.importorskip("matplotlib")
    done = citebot(folder, "stats", "--plot", tmp_path / "s.png", *options)
    assert (done.returncode, done.stderr) == (0, f"Wrote {tmp_path / 's.png'}.\n")
    head = (tmp_path / "s.png").read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    assert struct.unpack(">II", head[16:24]) == (1680, 552)
    assert citebot(folder, "stats", "--plot", tmp_path / "s.txt").returncode == 2


def test_nothing_on_record_is_drawn_as_nothing(folder, tmp_path):
    pytest.importorskip("matplotlib")
    assert citebot(folder, "stats", "--plot", tmp_path / "s.png", "--db", folder / "none.db").returncode == 0
