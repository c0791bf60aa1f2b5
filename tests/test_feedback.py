"""Learning from what was judged: kept where it is better beyond chance, nothing written elsewhere, and undone exactly."""

import json
from pathlib import Path

import pytest
from conftest import citebot

from bot.commands.feedback import _judgement
from bot.state import CONSOLE, AnswerLog, FirstSentence, Judgements
from retrieval import open_engine
from retrieval.errors import TooFewQuestions
from retrieval.evaluation import Quote, is_correct, read_questions
from retrieval.evaluation.calibration import current_weights
from retrieval.evaluation.feedback import Judgement, learn_from_feedback, undo_feedback, write_feedback
from retrieval.evaluation.tuning import MIN_QUESTIONS
from retrieval.ranking.weights import packaged_weights, weights_file

HERE = Path(__file__).parent
QUESTIONS = list(read_questions(HERE / "questions" / "seeds.jsonl"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("feedback")
    with open_engine(folder / "citebot.db") as engine:
        engine.load([HERE.parent / "seeds"])
    return folder


@pytest.fixture(scope="module")
def answers(folder):
    with open_engine(folder / "citebot.db") as engine:
        return {one: engine.ask(one.question).hits for one in QUESTIONS}


@pytest.fixture
def store(folder):
    weights_file(folder / "citebot.db").unlink(missing_ok=True)
    return folder / "citebot.db"


def quote(hit):
    return Quote(hit.article, hit.text)


@pytest.fixture(scope="module")
def honest(answers):
    """Judge the first sentences as they are."""
    return [
        Judgement(one.question, "right" if is_correct(hits[0], one.gold) else "wrong", quote(hits[0]))
        for one, hits in answers.items()
        if hits
    ]


@pytest.fixture(scope="module")
def peculiar(answers):
    """Judge that the longest of the first five sentences is right, which can be learned."""
    return [
        Judgement(one.question, "right", quote(max(hits[:5], key=lambda hit: len(hit.text))))
        for one, hits in list(answers.items())[::2]
        if hits
    ]


def test_what_is_no_better_beyond_chance_changes_nothing(store, honest):
    some = honest[::2]
    learned = learn_from_feedback(store, some)
    assert (learned.judgements, learned.left_out) == (len(some), 0)
    assert learned.ranking.b > learned.ranking.a
    assert not learned.ranker_improved
    assert learned.weights.ranker == packaged_weights().ranker


def test_wrong_sentences_are_not_lowered_at_the_cost_of_right_ones(store, honest):
    learned = learn_from_feedback(store, honest)
    assert learned.ranking.significant
    assert learned.ranking.b > learned.ranking.a
    assert learned.of_right.b < learned.of_right.a
    assert not learned.ranker_improved


def test_what_is_better_beyond_chance_is_kept_used_and_undone_exactly(store, peculiar):
    learned = learn_from_feedback(store, peculiar)
    assert learned.ranker_improved
    assert learned.ranking.b > learned.ranking.a
    assert learned.ranking.p < 0.05
    assert learned.weights.confidence_model.in_store == packaged_weights().confidence_model.in_store
    assert learned.weights.confidence_model.thresholds == packaged_weights().confidence_model.thresholds
    path = write_feedback(store, learned)
    first = path.read_bytes()
    used = current_weights(store)
    assert used.trained_on[-1] == f"{len(peculiar)} judgements of its answers"
    assert used.ranker != packaged_weights().ranker
    with open_engine(store) as engine:
        assert engine.problems() == []
    write_feedback(store, learned)
    assert undo_feedback(store)
    assert path.read_bytes() == first
    assert undo_feedback(store)
    assert not path.exists()
    assert not undo_feedback(store)


def test_too_few_judgements_and_sentences_that_are_gone_teach_nothing(store, honest):
    gone = [Judgement(one.question, "right", Quote("octopus", "No article says so any more.")) for one in honest]
    nothing = [Judgement(one.question, "nothing", one.sentence) for one in honest]
    with pytest.raises(TooFewQuestions, match=f"at least {MIN_QUESTIONS} judgements.* There are {MIN_QUESTIONS - 1}"):
        learn_from_feedback(store, [*honest[: MIN_QUESTIONS - 1], *gone, *nothing])


def a_sentence(verdict=None, helpful=0, unhelpful=0, quote="It is."):
    return FirstSentence(
        "Is it?", "en", "2026-01-01", ("A",), "a" if quote else None, quote, None, helpful, unhelpful, verdict
    )


@pytest.mark.parametrize(
    ("one", "known"),
    [
        (a_sentence("right", unhelpful=3), "right"), (a_sentence("wrong", helpful=3), "wrong"), (a_sentence("nothing"), "nothing"),
        (a_sentence(helpful=2, unhelpful=1), "right"), (a_sentence("skipped", unhelpful=1), "wrong"),
        (a_sentence(helpful=1, unhelpful=1), None), (a_sentence(), None), (a_sentence("skipped"), None),
        (a_sentence("nothing", quote=None), "nothing"), (a_sentence("wrong", quote=None), None),
    ],
)  # fmt: skip
def test_a_judgement_counts_before_what_readers_found(one, known):
    found = _judgement(one)
    assert (found and found.verdict) == known


def test_the_command_says_both_figures_and_writes_only_what_is_better(folder, store):
    with AnswerLog(folder / "citebot.state.db") as log, open_engine(store) as engine:
        for one in QUESTIONS[::3]:
            log.record(engine.ask(one.question), CONSOLE)
    with Judgements(folder / "citebot.state.db") as judgements:
        for one in judgements.first_sentences():
            judgements.judge(one.answers, "right" if one.quote else "nothing")
    done = citebot(folder, "train", "--from-feedback")
    assert (done.returncode, done.stdout) == (1, "")
    assert "before," in done.stderr
    assert "Nothing was written" in done.stderr
    assert not weights_file(store).exists()
    undone = citebot(folder, "train", "--undo")
    assert (undone.returncode, undone.stderr[:25]) == (1, "There is nothing to undo:")
    figures = json.loads(citebot(folder, "train", "--from-feedback", "--json").stdout)
    assert figures["written"] is None
    for wrong in ((), ("--undo", "--from-feedback"), ("--undo", "--out", "w.json")):
        assert citebot(folder, "train", *wrong).returncode == 2
