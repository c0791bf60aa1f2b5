"""One engine, many threads: each gets the answers that a single thread gets, even while a load publishes."""

import json
import os
import random
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from retrieval import open_engine

HERE = Path(__file__).parent
SEEDS = HERE.parent / "seeds"
SETS = os.environ.get("CITEBOT_QUESTION_SETS")
THREADS = 8
EACH = 24  # questions of a thread


def read_questions(*files):
    return [json.loads(line)["question"] for file in files for line in file.read_text(encoding="utf-8").splitlines()]


SEED_QUESTIONS = read_questions(HERE / "questions" / "seeds.jsonl", HERE / "questions" / "nothing.jsonl")[::2]


@pytest.fixture(autouse=True)
def hasty_switching():
    """Switch threads about ten times within a question."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(usual)


def answers_of(store, questions):
    with open_engine(store) as engine:
        return {question: engine.ask(question) for question in questions}


def ask_in_threads(engine, questions, turn):
    """Let each thread ask its questions in random order by `turn(ask, questions)`; return the results."""
    orders = [random.Random(number).sample(questions, min(EACH, len(questions))) for number in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(turn, [engine.ask] * THREADS, orders))


def test_threads_get_the_answers_of_a_single_one(tmp_path):
    with open_engine(tmp_path / "s.db") as engine:
        engine.load([SEEDS])
        alone = answers_of(tmp_path / "s.db", SEED_QUESTIONS)
        given = ask_in_threads(engine, SEED_QUESTIONS, lambda ask, questions: [ask(question) for question in questions])
    answers = [answer for thread in given for answer in thread]
    assert len(answers) == THREADS * EACH
    assert [answer for answer in answers if answer != alone[answer.question]] == []


@pytest.mark.skipif(not SETS, reason="CITEBOT_QUESTION_SETS names no folder")
def test_threads_get_the_answers_of_a_single_one_from_a_larger_store(tmp_path):
    folder = Path(SETS) / "newwiki-dev"
    questions = read_questions(folder / "questions.jsonl")[::20]
    with open_engine(tmp_path / "s.db") as engine:
        engine.load([folder / "articles.jsonl"])
        alone = answers_of(tmp_path / "s.db", questions)
        given = ask_in_threads(engine, questions, lambda ask, mine: [ask(question) for question in mine])
    assert [answer for thread in given for answer in thread if answer != alone[answer.question]] == []


def test_while_a_load_publishes_every_answer_is_of_the_old_generation_or_the_new(tmp_path):
    published = threading.Event()

    def ask_until_published_and_on(ask, questions):
        answers = []
        while not published.is_set():
            answers += [ask(question) for question in questions[: EACH // 4]]
        return answers + [ask(question) for question in questions]

    def load(engine):
        news = "The octopus, the canal and the first flight were in the news of 1997.\n" * 3
        (tmp_path / "news.txt").write_text(f"News\n\n{news}", encoding="utf-8")
        try:
            engine.load([tmp_path / "news.txt"])
        finally:
            published.set()

    with open_engine(tmp_path / "s.db") as engine:
        engine.load([SEEDS])
        before = answers_of(tmp_path / "s.db", SEED_QUESTIONS)
        loader = threading.Thread(target=load, args=[engine])
        loader.start()
        given = ask_in_threads(engine, SEED_QUESTIONS, ask_until_published_and_on)
        loader.join()
    after = answers_of(tmp_path / "s.db", SEED_QUESTIONS)
    assert any(before[question].hits != after[question].hits for question in SEED_QUESTIONS)
    answers = [answer for thread in given for answer in thread]
    assert {answer.generation for answer in answers} == {1, 2}
    assert [answer for answer in answers if answer not in (before[answer.question], after[answer.question])] == []
    assert all(one.generation <= other.generation for thread in given for one, other in pairwise(thread))
