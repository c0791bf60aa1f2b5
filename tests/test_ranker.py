import json

import numpy as np
import pytest
from small_index import candidates, searcher

from retrieval.ranking.feature_table import Features
from retrieval.ranking.features import compute_features
from retrieval.ranking.question_types import TYPES
from retrieval.ranking.ranker import PACKAGED, Ranker
from retrieval.ranking.weights import packaged_weights

RANKER = Ranker(
    {"near": 2.0, "far": -1.0},
    {"when": {"year": 3.0, "near": 0.5}, "who": {"near": 1.0, "capital": 4.0}},
)
FEATURES = Features(
    ("near", "far", "year", "capital", "unweighed"),
    np.array([[1, 0, 2], [0, 1, 1], [0, 1, 0], [1, 0, 0], [9, 9, 9]], np.float32),
)


@pytest.mark.parametrize(
    ("types", "scores"),
    [
        (set(), [2, -1, 3]),
        ({"other"}, [2, -1, 3]),
        ({"when"}, [2.5, 2, 4]),
        ({"who"}, [7, -1, 5]),
        ({"when", "who"}, [7.5, 2, 6]),
    ],
)
def test_the_score_is_the_sum_of_the_weights_and_of_those_of_the_questions_types(types, scores):
    assert RANKER.score(FEATURES, types).tolist() == pytest.approx(scores)


@pytest.mark.parametrize("types", [set(), {"when"}, {"when", "who"}])
def test_the_contributions_of_a_candidate_add_up_to_its_score(types):
    scores = RANKER.score(FEATURES, types)
    for candidate in range(3):
        parts = RANKER.contributions(FEATURES, types, candidate)
        assert sum(parts.values()) == pytest.approx(float(scores[candidate]))
        assert "unweighed" not in parts
    assert RANKER.contributions(FEATURES, {"when"}, 1) == {"near": 0, "far": -1, "year": 3}


def test_a_type_changes_no_ranker():
    before = dict(RANKER.weights)
    RANKER.effective({"when", "who"})
    assert RANKER.weights == before


def test_the_packaged_weights_are_of_known_features_and_types(tmp_path):
    ranker = packaged_weights().ranker
    asked, found = candidates(searcher(tmp_path), "When did the canal open?")
    known = set(compute_features(asked, found))
    assert set(ranker.weights) <= known
    assert set(ranker.by_type) <= set(TYPES)
    for weights in ranker.by_type.values():
        assert set(weights) <= known


@pytest.mark.parametrize("question", ["When did the canal open?", "Who won the first final?", "canal"])
def test_what_is_shown_of_the_packaged_weights_adds_up_too(tmp_path, question):
    asked, found = candidates(searcher(tmp_path), question)
    given, ranker = compute_features(asked, found), packaged_weights().ranker
    scores = ranker.score(given, asked.types)
    for candidate in range(len(found)):
        parts = ranker.contributions(given, asked.types, candidate)
        assert sum(parts.values()) == pytest.approx(float(scores[candidate]), abs=1e-3)


def test_the_weights_file_says_what_it_was_learned_from():
    stored = json.loads(PACKAGED.read_text(encoding="utf-8"))
    assert stored["trained_on"]
    assert PACKAGED.stat().st_size < 100_000
