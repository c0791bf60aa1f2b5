"""A search finds what a plain computation over all sentences finds, however much of the index it skips."""

from functools import cache
from itertools import groupby

import numpy as np
import pytest
from made_corpora import Corpus, History, chequered
from sklearn.feature_extraction.text import CountVectorizer
from small_index import query

from retrieval.index import pruned_search, segment_searcher
from retrieval.index.bm25 import (
    FIELD_NAMES,
    FIELDS,
    GRAMMAR_WEIGHT,
    MAX_TF,
    PREVIOUS,
    WEIGHTS,
)
from retrieval.index.tokens import MAX_PARAGRAPH, MAX_SECTION
from retrieval.records import NO_SURROUNDINGS
from retrieval.text.analyzer import analyzer

SMALL = segment_searcher.SMALL
SOME_NAMES = [
    FIELD_NAMES,
    ["sentence"],
    ["paragraph"],
    ["section"],
    ["article"],
    ["title"],
    ["previous"],
    ["sentence", "title"],
    FIELD_NAMES[1:],
]


class Plain:
    """All sentences of a generation, deleted ones included, scored by scikit-learn's counts."""

    def __init__(self, history):
        generation = history.generation()
        held = [history.versions[int(row)] for one in generation.segments for row in one.segment.arrays["version"]]
        self.keys = [(version.row, one.position) for version in held for one in version.sentences]
        self.row = {key: row for row, key in enumerate(self.keys)}
        self.shown = np.array([row in history.living.values() for row, _ in self.keys], bool)
        paragraphs = [paragraph for version in held for paragraph in _paragraphs(version)]
        texts = {
            "sentence": [text for paragraph in paragraphs for text in paragraph],
            "paragraph": [" ".join(paragraph) for paragraph in paragraphs],
            "section": [around for version in held for around in _around(version)],
            "article": [" ".join(one.text for one in version.sentences) for version in held],
            "title": [version.article.title for version in held],
        }
        sizes = [len(paragraph) for paragraph in paragraphs]
        article = np.repeat(np.arange(len(held)), [len(version.sentences) for version in held])
        paragraph = np.repeat(np.arange(len(sizes)), sizes)
        self.of = {"paragraph": paragraph, "section": paragraph, "article": article, "title": article}
        self.first = np.diff(self.of["paragraph"], prepend=-1) > 0
        self.counts = CountVectorizer(analyzer=cache(analyzer("en").terms))  # each text is counted twice
        self.counts.fit(
            [*texts["sentence"], *texts["section"], *texts["title"], "wordless"]
        )  # there may be no word at all
        self.tf = {name: self.counts.transform(some).tocsc() for name, some in texts.items()}
        df = np.diff(self.tf["sentence"].indptr)
        self.idf = np.log(1 + (len(self.keys) - df + 0.5) / (df + 0.5))
        self.means = generation.means

    def wanted(self, asked):
        """Return the weight of each term; an unknown word is read as the searcher reads it."""
        found = np.zeros(len(self.idf))
        for term in asked.terms:
            column = self.counts.vocabulary_.get(term.term)
            if column is not None:
                found[column] += self.idf[column] * (GRAMMAR_WEIGHT if term.grammar else 1)
                continue
            for reading, nearness in term.readings:
                found[self.counts.vocabulary_[reading]] += term.weight * nearness
        return found

    def scores(self, asked):
        """Return the scores of all sentences by field."""
        wanted, found = self.wanted(asked), {}
        columns = wanted.nonzero()[0]
        for field in FIELDS:
            tf = np.minimum(self.tf[field.name][:, columns].toarray(), MAX_TF)
            length = np.asarray(self.tf[field.name].sum(1)) / self.means[field.name]
            impacts = tf * (field.k1 + 1) / (tf + field.k1 * (1 - field.b + field.b * length))
            found[field.name] = (impacts @ wanted[columns])[self.of.get(field.name, slice(None))]
        found[PREVIOUS] = np.where(self.first, 0, np.roll(found["sentence"], 1))
        return found


def _paragraphs(version):
    """Return the paragraphs of an article as the index has them, each a list of sentences."""
    found = []
    for _, group in groupby(version.sentences, lambda sentence: sentence.paragraph):
        texts = [sentence.text for sentence in group]
        found += [texts[at : at + MAX_PARAGRAPH] for at in range(0, len(texts), MAX_PARAGRAPH)]
    return found


def _around(version):
    """Return the words around each paragraph of the index."""
    found = []
    for number, group in groupby(version.sentences, lambda sentence: sentence.paragraph):
        around = version.surroundings.get(number, NO_SURROUNDINGS)
        words = " ".join([*around.section, *(span.text for span in [around.intro] if span)])[:MAX_SECTION]
        found += [words] * -(-len(list(group)) // MAX_PARAGRAPH)
    return found


def check(searcher, plain, asked, *, fields, k, names):
    """Check that the search finds the best sentences, in order, with their scores."""
    total = sum(WEIGHTS[name] * fields[name] for name in names)
    expected = np.lexsort((np.arange(len(total)), -total))
    expected = expected[(plain.shown & (total > 0))[expected]][:k]
    found = searcher.search(asked, k, names)
    got = np.array([plain.row[key] for key in searcher.keys(found.rows)], int)
    assert len(set(got.tolist())) == len(got) == len(expected)
    assert plain.shown[got].all()
    same = (got == expected) | np.isclose(total[got], total[expected], rtol=1e-6, atol=0)
    assert same.all(), (asked.text, names)
    assert found.score.tolist() == pytest.approx(total[got].tolist(), rel=1e-5)
    assert set(found.fields) == set(names)
    for name in names:
        assert found.fields[name].tolist() == pytest.approx(fields[name][got].tolist(), rel=1e-5), name
    for name in {"article", "title"} & set(names):
        assert found.best[name] == pytest.approx(fields[name][plain.shown].max(initial=0), rel=1e-5), name


def check_questions(monkeypatch, corpus, history, questions):
    """Check different numbers of sentences by different fields; search all segments by bounds, and small ones in full."""
    by_bounds, in_full, plain = history.searcher(), history.searcher(), Plain(history)
    for number in range(questions):
        asked = query(by_bounds, corpus.question())
        names = FIELD_NAMES if number % 3 else SOME_NAMES[number // 3 % len(SOME_NAMES)]
        fields = plain.scores(asked)
        for searcher, small in ((by_bounds, 0), (in_full, SMALL)):
            monkeypatch.setattr(segment_searcher, "SMALL", small)
            check(searcher, plain, asked, fields=fields, k=(1, 3, 10, 50)[number % 4], names=names)


@pytest.fixture(params=[0, SMALL], ids=["by bounds", "in full"])
def _way(request, monkeypatch):
    """Search all segments by bounds, or small ones in full."""
    monkeypatch.setattr(segment_searcher, "SMALL", request.param)


@pytest.mark.parametrize("seed", range(48))
def test_what_is_found_in_small_corpora_is_what_a_plain_computation_finds(tmp_path, monkeypatch, seed):
    monkeypatch.setattr(pruned_search, "SMALL", 0 if seed % 2 else pruned_search.SMALL)  # 0: as in a large one
    corpus, history = chequered(tmp_path, seed, articles=1 + seed % 23, words=4 + seed % 40)
    check_questions(monkeypatch, corpus, history, 24)


@pytest.mark.parametrize(("seed", "words"), [(1, 60), (2, 150), (3, 400), (5, 1000)])
def test_what_is_found_in_corpora_with_common_words_is_what_a_plain_computation_finds(
    tmp_path, monkeypatch, seed, words
):
    monkeypatch.setattr(pruned_search, "SMALL", 0)
    corpus, history = chequered(tmp_path, 100 + seed, articles=500, words=words)
    check_questions(monkeypatch, corpus, history, 48)
    arrays = history.generation().segments[0].segment.arrays
    assert len(arrays["position"]) > 3000
    assert all(len(arrays[f"{name}.dense.columns"]) for name in ("paragraph", "section", "article", "title"))


@pytest.mark.parametrize(("articles", "words"), [(9, 30), (40, 12), (400, 60), (400, 300)])
def test_what_is_found_by_the_sentence_field_alone_is_what_a_plain_computation_finds(
    tmp_path, monkeypatch, articles, words
):
    monkeypatch.setattr(segment_searcher, "SMALL", 0)
    monkeypatch.setattr(pruned_search, "SMALL", 0)
    corpus, history = chequered(tmp_path, articles + words, articles=articles, words=words)
    searcher, plain = history.searcher(), Plain(history)
    for number in range(24):
        asked = query(searcher, corpus.question())
        check(searcher, plain, asked, fields=plain.scores(asked), k=(1, 3, 10, 50)[number % 4], names=["sentence"])


@pytest.mark.parametrize("words", [1, 63, 90, 300])
def test_a_question_of_many_words_is_answered_as_exactly(tmp_path, words):
    corpus, history = chequered(tmp_path, 9, articles=80, words=300)
    searcher, plain = history.searcher(), Plain(history)
    for _ in range(4):
        asked = query(searcher, " ".join(corpus.random.permutation(corpus.words)[:words].tolist()))
        for names in (["sentence"], FIELD_NAMES):
            check(searcher, plain, asked, fields=plain.scores(asked), k=10, names=names)


def test_the_scores_of_any_sentences_are_those_of_a_plain_computation_by_every_field(tmp_path):
    corpus, history = chequered(tmp_path, 3, articles=40, words=30)
    history.change({"new": ("", [[corpus.sentence()]])})
    searcher, plain = history.searcher(), Plain(history)
    assert len(searcher.segments) > 1
    for _ in range(20):
        asked, rows = query(searcher, corpus.question()), corpus.random.permutation(len(plain.keys))[:40]
        got, expected = searcher.scores(asked, rows), plain.scores(asked)
        assert set(got) == set(FIELD_NAMES)
        for name in FIELD_NAMES:
            assert got[name].tolist() == pytest.approx(expected[name][rows].tolist(), rel=1e-5), name


@pytest.mark.usefixtures("_way")
def test_the_same_sentences_are_found_however_often_a_searcher_was_asked_before(tmp_path):
    corpus, history = chequered(tmp_path, 5, articles=60, words=30)
    used = history.searcher()
    for _ in range(40):
        asked = query(used, corpus.question())
        first, again = (searcher.search(asked, 10) for searcher in (history.searcher(), used))
        assert again.rows.tolist() == first.rows.tolist()
        assert again.score.tolist() == first.score.tolist()
        for name in ("sentence", "title"):
            alone = [one.search(asked, 10, [name]) for one in (history.searcher(), used)]
            assert alone[0].rows.tolist() == alone[1].rows.tolist()
        for pruned in (one._pruned for one in used.segments):
            assert not pruned.sums.any()
            assert not pruned.scorer._place.any()


@pytest.mark.parametrize("seed", range(8))
def test_no_sentence_is_worth_more_than_the_bound_of_its_paragraph(tmp_path, seed):
    corpus, history = chequered(tmp_path, 200 + seed, articles=300, words=100)
    searcher, plain = history.searcher(), Plain(history)
    for _ in range(20):
        asked = query(searcher, corpus.question())
        fields = plain.scores(asked)
        for one in searcher.segments:
            of, asked_here = one._pruned.paragraphs, one._segment_query(asked)
            rows = np.arange(one.offsets.rows, one.offsets.rows + one.sentences)
            worth, sums = (fields["sentence"] + 0.5 * fields["paragraph"])[rows], np.zeros(len(of), np.float32)
            of.add_bounds(asked_here, sums, 1.0, 0.5)
            here = plain.of["paragraph"][rows] - one.offsets.paragraphs
            assert (worth <= sums[here] * (1 + 1e-5)).all()
            assert (worth <= of.look_up_bounds(asked_here, np.arange(len(of)), 1.0, 0.5)[here] * (1 + 1e-5)).all()


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("seed", range(8))
def test_the_same_sentence_in_two_segments_has_the_same_score_and_the_earlier_comes_first(tmp_path, seed):
    corpus = Corpus(seed, words=40)
    twin = ("", [[" ".join(corpus.words[::3])]])
    history = History(tmp_path).build(corpus.articles(20) | {"a": twin}).change({"b": twin})
    searcher = history.searcher()
    assert len(searcher.segments) == 2
    for n in range(1, 13):
        asked = query(searcher, " ".join(corpus.random.permutation(corpus.words[::3])[:n].tolist()))
        found = searcher.search(asked, searcher.sentences, ["sentence"])
        first, second = (searcher.keys(found.rows).index((history.living[name], 1)) for name in "ab")
        assert found.score[first] == found.score[second]
        assert first < second
