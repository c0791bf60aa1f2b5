"""The search of an engine finds what the local index finds, whatever its lists hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from made_corpora import chequered
from small_index import query, versions

from retrieval.index.bm25 import ARTICLE, ARTICLE_FIELDS, FIELD_NAMES, SENTENCE, TITLE, WEIGHTS
from retrieval.index.inverter import invert
from retrieval.index.tokens import TokenCollector
from retrieval.milvus import search
from retrieval.milvus.blobs import (
    PIECE_TEXT,
    count_pieces,
    cut,
    join,
    pack_arrays,
    pack_json,
    unpack_arrays,
    unpack_json,
)
from retrieval.milvus.impacts import article_vectors
from retrieval.milvus.search import EngineSearcher, Listed, _weights
from retrieval.records import Kind

SMALL_LISTS = {SENTENCE.name: 2, ARTICLE.name: 1, TITLE.name: 1}  # so that they must be widened
APART = 2e-5  # of scores that are added up in another order


def inverted(version):
    """The words of an article alone, as an upload writes them."""
    tokens = TokenCollector()
    tokens.add(version)
    return invert(tokens.take())


class ModelRows:
    """What an engine holds, multiplied out by numpy: 32-bit weights of all terms."""

    def __init__(self, history, means, wanted=None):
        self.inputs = {version.row: inverted(version) for version in history.versions.values()}
        self._vectors = {row: article_vectors(one, means) for row, one in self.inputs.items()}
        self._shown, self._wanted = set(history.living.values()), wanted
        self.fetched = []

    def only(self, chosen):
        rows = object.__new__(ModelRows)
        rows.__dict__ |= self.__dict__ | {"_wanted": set(chosen.tolist())}
        return rows

    def lists(self, query, most):
        return {name: self._listed(name, query, number) for name, number in most.items()}

    def _listed(self, name, query, most):
        of = {
            SENTENCE.name: lambda one: one.sentences, ARTICLE.name: lambda one: [one.text],
            TITLE.name: lambda one: [one.title],
        }[name]  # fmt: skip
        scored = [(row, dot(vector, query)) for row, one in self._vectors.items() for vector in of(one)]
        found = sorted((one for one in scored if one[1] > 0), key=lambda one: -one[1])
        shown = [
            (row, score) for row, score in found[:most]
            if row in self._shown and (self._wanted is None or row in self._wanted)
        ]  # fmt: skip
        return Listed(
            [row for row, _ in shown], [score for _, score in shown], found[most - 1][1] if len(found) >= most else 0.0
        )

    def words(self, rows):
        self.fetched += rows
        return [self.inputs[row] for row in rows]


def dot(vector, query):
    shared = np.array([(vector[term], query[term]) for term in vector.keys() & query.keys()], np.float32)
    return float(shared.prod(axis=1).sum()) if len(shared) else 0.0


def engine_searcher(history, searcher, means):
    """A searcher over the model of an engine, that reads questions as the local index does."""
    slack = max(1.0, *(now / means[name] for name, now in searcher.generation.means.items()))
    return EngineSearcher(searcher.generation, searcher.reader, ModelRows(history, means), slack)


@given(data=st.data())
@settings(max_examples=60)
def test_an_engine_finds_what_the_local_index_finds(tmp_path_factory, data):
    seed = data.draw(st.integers(0, 10**6))
    corpus, history = chequered(tmp_path_factory.mktemp("index"), seed, articles=data.draw(st.integers(1, 40)))
    local = history.searcher()
    before = {
        name: mean * data.draw(st.sampled_from([1, 0.95, 0.4, 1.3])) for name, mean in local.generation.means.items()
    }
    engine = engine_searcher(history, local, before)
    if data.draw(st.booleans()):
        rows = np.array(sorted(data.draw(st.sets(st.sampled_from([*history.versions, 10**6])))), np.int64)
        local, engine = local.restricted_to(rows), engine.restricted_to(rows)
    names = data.draw(st.sets(st.sampled_from(FIELD_NAMES), min_size=1)) if data.draw(st.booleans()) else FIELD_NAMES
    with pytest.MonkeyPatch.context() as patch:
        if data.draw(st.booleans()):
            patch.setattr(search, "LISTED", SMALL_LISTS)
            patch.setattr(search, "FIRST", 1)
        for _ in range(10):
            asked = query(local, corpus.question())
            assert_same(engine, local, asked, data.draw(st.sampled_from([1, 2, 5, 50])), names)


def assert_same(engine, local, asked, k, names):
    expected, counted = local.search(asked, k, names), engine.count_rounds(asked, k, names)
    found = counted.found.hits
    assert counted.is_proven
    assert found.score.tolist() == pytest.approx(expected.score.tolist(), rel=APART)
    ours, right = counted.found.searcher.keys(found.rows), local.keys(expected.rows)
    if found.score.tolist() == expected.score.tolist():  # equal sentences tie, and come by row
        assert ours == right
    scores, of_right = (dict(zip(keys, one.score, strict=True)) for keys, one in ((ours, found), (right, expected)))
    for key in scores.keys() & of_right.keys():
        assert scores[key] == pytest.approx(of_right[key], rel=APART)
    for key in scores.keys() ^ of_right.keys():  # about equal ones at the end
        assert (scores | of_right)[key] == pytest.approx(expected.score[-1], rel=APART)
    for name in names:
        assert found.best[name] == pytest.approx(expected.best[name], rel=APART, abs=1e-6)


@given(seed=st.integers(0, 10**6), grown=st.sampled_from([1, 0.95, 0.6]))
@settings(max_examples=40)
def test_no_article_scores_more_than_its_bound(tmp_path_factory, seed, grown):
    corpus, history = chequered(tmp_path_factory.mktemp("index"), seed, articles=20)
    local = history.searcher()
    engine = engine_searcher(history, local, {name: mean * grown for name, mean in local.generation.means.items()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "LISTED", SMALL_LISTS)
        for asked in (query(local, corpus.question()) for _ in range(10)):
            every = local.search(asked, 10**6)
            bounds = search._Bounds(engine.rows, _weights(asked), FIELD_NAMES, 1, engine.slack)
            for (version, _), score in zip(local.keys(every.rows), every.score.tolist(), strict=True):
                assert score <= bounds._bounds.get(version, bounds._unlisted)


@given(seed=st.integers(0, 10**6), articles=st.integers(1, 12))
@settings(max_examples=20)
def test_vectors_multiplied_with_a_query_give_what_the_index_scores(tmp_path_factory, seed, articles):
    corpus, history = chequered(tmp_path_factory.mktemp("index"), seed, articles=articles)
    index = history.searcher()
    for asked in (query(index, corpus.question()) for _ in range(3)):
        weights = _weights(asked)
        for version in history.shown():
            vectors = article_vectors(inverted(version), index.generation.means)
            rows = np.flatnonzero([key[0] == version.row for key in index.keys(np.arange(index.sentences))])
            fields = (
                index.scores(asked, rows) if len(rows) and weights else dict.fromkeys(FIELD_NAMES, np.zeros(len(rows)))
            )
            own = sum(WEIGHTS[name] * fields[name] for name in FIELD_NAMES if name not in ARTICLE_FIELDS)
            assert [dot(vector, weights) for vector in vectors.sentences] == pytest.approx(
                list(own), rel=1e-4, abs=1e-5
            )
            for name, vector in ((ARTICLE.name, vectors.text), (TITLE.name, vectors.title)):
                assert [dot(vector, weights)] * len(rows) == pytest.approx(list(fields[name]), rel=1e-4, abs=1e-5)


def test_an_article_without_a_sentence_that_answers_has_no_vectors():
    (version,) = versions({"list": ("Suez Canal", [["Contents"]])}, kind=Kind.HEADLINE)
    assert article_vectors(inverted(version), dict.fromkeys(WEIGHTS, 1.0)) == ([], {}, {})


@given(st.binary(max_size=500), st.integers(0, 3))
def test_blobs_are_cut_into_pieces_that_fit_and_joined_again(start, times):
    packed = start + bytes(range(256)) * 250 * times
    pieces = list(cut(packed))
    assert join(pieces) == packed
    assert {count_pieces(piece) for piece in pieces} == {len(pieces)}
    assert all(len(piece) <= PIECE_TEXT for piece in pieces)


kinds = st.sampled_from([np.uint8, np.uint16, np.int32, np.uint32, np.int64, np.uint64, np.float32])
some_arrays = kinds.flatmap(lambda kind: arrays(kind, array_shapes(min_dims=1, max_dims=2, min_side=0)))


@given(st.dictionaries(st.text(), some_arrays))
def test_arrays_come_back_as_they_were(given_arrays):
    found = unpack_arrays(pack_arrays(given_arrays))
    assert found.keys() == given_arrays.keys()
    for name, array in given_arrays.items():
        np.testing.assert_array_equal(found[name], array, strict=True)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=9,
)


@given(json_values)
def test_values_come_back_as_they_were(value):
    assert unpack_json(pack_json(value)) == value
