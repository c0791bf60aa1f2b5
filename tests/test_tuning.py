"""Learning from questions about a store's own articles: refused when they are few, kept only where it helps."""

import json
from pathlib import Path

import pytest

from retrieval import open_engine
from retrieval.errors import TooFewQuestions
from retrieval.evaluation import Gold, Question, read_questions
from retrieval.evaluation.tuning import MIN_QUESTIONS, _deal, tune, write_tuned
from retrieval.ranking.weights import packaged_weights, read_weights, weights_file

HERE = Path(__file__).parent
SEEDS = HERE / "questions" / "seeds.jsonl"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "citebot.db"
    with open_engine(path) as engine:
        engine.load([HERE.parent / "seeds"])
    return path


def test_too_few_questions_are_refused_with_how_many_there_are(store):
    some = list(read_questions(SEEDS))[: MIN_QUESTIONS - 1]
    with pytest.raises(
        TooFewQuestions, match=rf"at least {MIN_QUESTIONS} questions.* Of {MIN_QUESTIONS - 1} questions"
    ):
        tune(store, some)


def test_questions_about_articles_that_are_not_in_the_store_teach_nothing(store):
    strange = [Question(str(n), "Who wrote it?", (Gold("not there", 0, 9),)) for n in range(2 * MIN_QUESTIONS)]
    with pytest.raises(TooFewQuestions, match=f"Of {2 * MIN_QUESTIONS} questions, 0 have gold"):
        tune(store, strange)


def test_what_is_learned_is_kept_where_it_helps_and_can_be_asked_by(store, tmp_path):
    questions = list(read_questions(SEEDS))[::2]
    nothing = list(read_questions(HERE / "questions" / "nothing.jsonl"))
    tuned = tune(store, [*questions, *nothing])
    known = packaged_weights()
    assert (tuned.questions, tuned.left_out) == (len(questions), len(nothing))
    assert 0.5 < tuned.mrr_before < 1
    figures = tuned.figures()
    assert (figures["mrr_before"], figures["questions"]) == (tuned.mrr_before, tuned.questions)
    assert json.loads(json.dumps(figures)) == figures
    assert abs(tuned.mrr_after - tuned.mrr_before) < 0.05
    assert (tuned.ranker == known.ranker) is not tuned.ranker_improved
    assert (tuned.confidence_model == known.confidence_model) is not tuned.confidence_improved
    write_tuned(tmp_path / "w.json", tuned, "seeds")
    assert [path.name for path in tmp_path.iterdir()] == ["w.json"]
    learned_from = (*known.trained_on, f"{len(questions)} questions of seeds")
    assert read_weights(tmp_path / "w.json").trained_on == learned_from
    weights_file(store).write_bytes((tmp_path / "w.json").read_bytes())
    with open_engine(store) as engine:
        assert engine.problems() == []
        assert engine.ask("How many hearts does an octopus have?").hits


def test_questions_about_one_article_are_in_one_fold_unless_that_would_be_half_of_all():
    about = [Question(None, "?", (Gold(f"{n % 7}", 0, 1),)) for n in range(70)]
    folds = [{one.gold[0].article for one in some} for some in _deal(about)]
    assert sum(map(len, folds)) == 7
    alone = [Question(None, "?", (Gold("a", 0, 1),)) for _ in range(11)]
    assert sorted(map(len, _deal(alone))) == [2, 2, 2, 2, 3]
