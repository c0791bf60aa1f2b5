import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from retrieval import open_engine
from retrieval.asking.answerer import Answerer
from retrieval.evaluation import Gold, Question, first_correct_rank
from retrieval.evaluation.training import learn_confidence_model, learn_ranker, write_weights
from retrieval.evaluation.training_examples import (
    RankingExample,
    collect_confidence_examples,
    collect_ranking_examples,
    partition_articles,
)
from retrieval.ranking.confidence import confidence_features
from retrieval.ranking.weights import read_weights

TOWNS = [
    f"{start}{end}" for start in ("Alder", "Birch", "Cedar", "Elm", "Fir") for end in ("ford", "ham", "ton", "wick")
]
THINGS = ["bridge", "mill", "tower"]
# Both hold the words of the question, and the fields prefer the shorter; what answers "when" holds a year.
DECOY = "The {thing} of {town} stands."
ANSWER = "The {thing} of {town} went up in the wet spring of {year} after long quarrels about money."
QUESTION = "When did masons finish the {thing} of {town}?"


def articles():
    """Write the article of each town with what answers a question about each of its three sights."""
    for number, town in enumerate(TOWNS):
        text, questions = "", []
        for place, thing in enumerate(THINGS):
            text += DECOY.format(thing=thing, town=town) + " "
            answer = ANSWER.format(thing=thing, town=town, year=1500 + 7 * number + place)
            gold = Gold(town, len(text), len(text) + len(answer))
            questions.append(Question(f"{town}/{thing}", QUESTION.format(thing=thing, town=town), (gold,)))
            text += answer + "\n\n"
        yield {"id": town, "title": town, "text": text.rstrip(), "language": "en"}, questions


def load(path, rows):
    path.with_suffix(".jsonl").write_text("\n".join(map(json.dumps, rows)))
    with open_engine(path) as engine:
        engine.load([path.with_suffix(".jsonl")])
    return path


@dataclass(frozen=True)
class Town:
    """Stores of all articles and of half of them, with three questions about each article."""

    whole: Path
    half: Path
    held: frozenset[str]  # the articles of the half
    questions: list[Question]


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder, found = tmp_path_factory.mktemp("store"), list(articles())
    questions = [question for _, asked in found for question in asked]
    random.Random(0).shuffle(questions)
    held = partition_articles(TOWNS)[0]
    return Town(
        load(folder / "whole.db", [row for row, _ in found]),
        load(folder / "half.db", [row for row, _ in found if row["id"] in held]),
        held,
        questions,
    )


@pytest.fixture(scope="module")
def ranker(town):
    with Answerer(town.whole) as asker:
        return learn_ranker(collect_ranking_examples(asker, town.questions))


@pytest.fixture(scope="module")
def cases(town, ranker):
    with Answerer(town.half) as asker:
        return list(collect_confidence_examples(asker, town.questions, ranker, town.held))


def first_ranks(asker, questions, order):
    """Return the rank of the correct hit of each question, with its candidates in some order."""
    found = []
    for question in questions:
        considered = asker.ranking_input(question.question)
        hits = asker.hits(considered)
        found.append(first_correct_rank([hits[place] for place in order(considered)], question.gold))
    return np.array(found)


def by_fields(considered):
    return range(len(considered.candidates))


def by_ranker(ranker):
    return lambda considered: np.argsort(-ranker.score(considered.features, considered.query.types), kind="stable")


def test_what_is_learned_from_forty_questions_ranks_twenty_others_better_than_the_fields_do(town):
    with Answerer(town.whole) as asker:
        ranker = learn_ranker(collect_ranking_examples(asker, town.questions[:40]))
        untrained = (1 / first_ranks(asker, town.questions[40:], by_fields)).mean()
        trained = (1 / first_ranks(asker, town.questions[40:], by_ranker(ranker))).mean()
    assert untrained < 0.8
    assert trained > 0.95


def test_learning_twice_gives_the_same_weights_to_4_decimals(town, ranker, cases):
    with Answerer(town.whole) as asker:
        again = learn_ranker(collect_ranking_examples(asker, town.questions))
    assert again.weights == pytest.approx(ranker.weights, abs=1e-4)
    assert again.by_type.keys() == ranker.by_type.keys()
    for name, weights in again.by_type.items():
        assert weights == pytest.approx(ranker.by_type[name], abs=1e-4)
    one, other = learn_confidence_model(cases), learn_confidence_model(cases)
    for name in ("in_store", "right"):
        weights, again = getattr(one, name).weights, getattr(other, name).weights
        slopes = {name: weight.slope for name, weight in again.items()}
        assert {name: weight.slope for name, weight in weights.items()} == pytest.approx(slopes, abs=1e-4)
    assert one.thresholds == other.thresholds


def test_questions_without_gold_or_whose_answer_is_no_candidate_teach_nothing(town):
    strangers = [Question("x", "When was the bridge built?", ()), Question("y", "qwzx", town.questions[0].gold)]
    with Answerer(town.whole) as asker:
        assert collect_ranking_examples(asker, strangers) == []
        known = collect_ranking_examples(asker, town.questions[:30])
    lost = RankingExample("z", frozenset(), known[0].features, np.zeros_like(known[0].right))
    assert learn_ranker([*known, lost]) == learn_ranker(known)


def test_a_case_says_whether_its_article_is_held_and_its_first_hit_right(town, cases):
    assert [case.article for case in cases] == [question.gold[0].article for question in town.questions]
    assert [case.held for case in cases] == [case.article in town.held for case in cases]
    assert not any(case.right for case in cases if not case.held)
    assert np.mean([case.right for case in cases if case.held]) > 0.9


def test_the_judge_is_surer_where_the_article_is_held_and_its_thresholds_rise_with_caution(cases):
    judge = learn_confidence_model(cases)
    held, lost = (
        [judge.confidence(case.figures).in_store for case in cases if case.held is kind] for kind in (True, False)
    )
    assert np.mean(held) > 0.7
    assert np.mean(lost) < 0.3
    low, normal, high = (judge.thresholds[caution] for caution in ("low", "normal", "high"))
    assert 0 < low.answer <= normal.answer <= high.answer < 1
    assert 0 < low.sure < normal.sure < high.sure < 1


def test_a_file_of_weights_is_read_back_as_it_was_learned(town, ranker, cases, tmp_path):
    judge = learn_confidence_model(cases)
    write_weights(tmp_path / "weights.json", ranker, judge, ["questions of the tests, MIT"])
    read = read_weights(tmp_path / "weights.json")
    assert read.trained_on == ("questions of the tests, MIT",)
    for caution, thresholds in judge.thresholds.items():
        assert read.confidence_model.thresholds[caution] == pytest.approx(thresholds, rel=1e-4)
    with Answerer(town.whole) as asker:
        for question in town.questions[:9]:
            considered = asker.ranking_input(question.question)
            scores = ranker.score(considered.features, considered.query.types)
            verdict = read.score(considered.query, considered.candidates, considered.features)
            assert verdict.scores.tolist() == pytest.approx(scores.tolist(), abs=0.01)
            found = confidence_features(considered.query, considered.candidates, considered.features, scores)
            assert verdict.confidence == pytest.approx(judge.confidence(found), abs=0.01)


def test_the_file_can_be_read_by_a_person(ranker, cases, tmp_path):
    write_weights(tmp_path / "weights.json", ranker, learn_confidence_model(cases), ["x"])
    text = (tmp_path / "weights.json").read_text(encoding="utf-8")
    for weight in json.loads(text)["weights"].values():
        assert float(f"{weight:.5g}") == weight
    assert max(map(len, text.splitlines())) < 120


def test_articles_are_parted_in_two_halves_and_small_stores_the_same_way_each_time():
    one, other, *small = partition_articles(TOWNS)
    assert one | other == set(TOWNS)
    assert not one & other
    assert abs(len(one) - len(other)) <= 1
    assert {len(part) for part in small} == {1, 2, 3}
    assert sum(map(len, small)) == len(frozenset().union(*small)) <= len(TOWNS)
    assert partition_articles(reversed(TOWNS)) == [one, other, *small]
    assert [len(part) for part in partition_articles(["only"])] == [1, 0, 1]
