"""The benchmark of speed: its corpora are what it says, its engines find what they are asked for, a small run works."""

import gzip
import json
import math
import subprocess
import sys
import sysconfig
from importlib import import_module
from itertools import islice, pairwise
from pathlib import Path

import pytest

from retrieval.records import ANSWERING, Article
from retrieval.text.sentences import split_article

BENCHMARKS = Path(__file__).parent / "benchmarks"
sys.path.append(str(BENCHMARKS))
corpus, engines, goals, prose = map(import_module, ("corpus", "engines", "goals", "prose"))

DOCSTRINGS = Path(sysconfig.get_path("stdlib")) / "asyncio"  # a few hundred sentences that every Python ships
FIRST_OF = {
    "tantivy": lambda hits: hits[0][1].doc,
    "bm25s": lambda found: found.documents[0][0],
    "fts5": lambda rows: rows[0][0],
    "sklearn": lambda rows: rows[0],
}


@pytest.fixture(scope="module")
def sentences():
    return list(prose.read_prose([DOCSTRINGS]))


def written(path, sentences, size):
    corpus.write_corpus(path, sentences, size)
    return [Article(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def peer_or_skip(name):
    for module in engines.MODULES[name]:
        pytest.importorskip(module)
    return engines.PEERS[name]


def test_prose_is_whole_english_sentences_each_once_whatever_the_markup(tmp_path):
    (tmp_path / "a.html").write_text(
        "<head><title>The title of it is no prose.</title></head><p>The <b>river</b> is as wide as\nthe lake &amp; the sea."
        "<p>The river Lume is the longest of the north. Der Fluss ist so breit wie der See."
    )
    (tmp_path / "b.1.gz").write_bytes(
        gzip.compress(b'.SH NAME\n.B ls\nis a tool\n.PP\nThe \\fIfile\\fP is read to the end of it.\n.\\" a remark')
    )
    (tmp_path / "c.py").write_text(
        'def f():\n    """Give the sum of a and b."""\n    # The remark is not read by the help.'
    )
    (tmp_path / "d.txt").write_text("THE RIVER LUME IS THE LONGEST OF THE NORTH.\n\nx = the_a + of(the b) to the end.")
    assert list(prose.read_prose([tmp_path])) == [
        "The river Lume is the longest of the north.",
        "The file is read to the end of it.",
        "Give the sum of a and b.",
    ]


def test_a_corpus_has_the_sentences_asked_for_and_a_smaller_one_is_its_beginning(tmp_path, sentences):
    small, large = (written(tmp_path / f"{size}.jsonl", sentences, size) for size in (200, 3000))
    assert small[:-1] == large[: len(small) - 1]
    assert [sum(article.text.count(".") for article in some) for some in (small, large)] == [200, 3000]
    found = [one.text for article in large for one in split_article(article, "en").sentences if one.kind in ANSWERING]
    assert abs(len(found) - 3000) <= 30
    assert len(set(found)) > 0.99 * len(found)
    assert len(set(found) & set(sentences)) > 0.98 * len(sentences)


def test_a_title_is_two_to_five_words_of_its_article(tmp_path, sentences):
    for article in written(tmp_path / "a.jsonl", sentences, 2000):
        words = article.title.split()
        assert 2 <= len(words) <= 5
        assert all(word in article.text for word in words)


def test_sentences_are_drawn_from_pairs_of_words_that_follow_each_other_but_for_names(sentences):
    pairs = {pair for sentence in sentences for pair in pairwise(sentence[:-1].split())}
    known = {word for pair in pairs for word in pair}
    drawn = [sentence[:-1].split() for sentence in islice(corpus.draw_sentences(sentences), 500)]
    assert drawn == [sentence[:-1].split() for sentence in islice(corpus.draw_sentences(sentences), 500)]
    followed = [pair for words in drawn for pair in pairwise(words) if set(pair) <= known]
    assert sum(pair in pairs for pair in followed) > 0.98 * len(followed)
    assert 0.01 < sum(word not in known for words in drawn for word in words) / sum(map(len, drawn)) < 0.05


def test_questions_have_six_to_twelve_words_in_common_with_a_sentence_and_with_questions(sentences):
    questions = corpus.make_questions(sentences, 200)
    assert questions == corpus.make_questions(sentences, 200)
    assert {len(question.split()) for question in questions} == set(range(6, 13))
    own = {word for sentence in sentences for word in corpus._words(sentence.lower())} - corpus.GRAMMAR
    assert all(
        own.intersection(question.split()) and corpus.GRAMMAR.intersection(question.split()) for question in questions
    )


@pytest.mark.parametrize("name", engines.PEERS)
def test_every_way_of_every_engine_finds_the_sentence_whose_words_are_asked_for(tmp_path, sentences, name):
    peer = peer_or_skip(name)
    peer.index(sentences, tmp_path)
    wanted = max(range(len(sentences)), key=lambda row: len(sentences[row]))
    for search in peer.open(tmp_path).values():
        assert FIRST_OF[name](search(" ".join(corpus._words(sentences[wanted])))) == wanted


def test_goals_are_judged_from_the_side_they_are_set_from():
    less, more = (goals.Goal("", 1, floor, aim, None, rising) for floor, aim, rising in ((3, 2, False), (2, 3, True)))
    assert [less.verdict(value) for value in (2, 2.5, 3, 3.1)] == ["aim", "floor", "floor", "MISSED"]
    assert [more.verdict(value) for value in (3, 2.5, 2, 1.9)] == ["aim", "floor", "floor", "MISSED"]


def test_growth_is_the_exponent_of_the_sentences_and_what_was_not_measured_is_left_open():
    measured = {
        100_000: goals.Figures(99_000, {goals.ALL_FIELDS: 2.0}),
        1_000_000: goals.Figures(990_000, {goals.ALL_FIELDS: 8.0}),
    }
    assert goals.growth(measured, 1_000_000) == pytest.approx(math.log10(4))
    lines = list(goals.goal_table(measured))
    assert [line.split()[-1] for line in lines if line.startswith("growth")] == ["floor"]
    assert [line.split()[4:6] for line in lines if line.startswith("memory")] == [["-", "150"]]


def test_a_small_run_measures_every_engine_that_is_installed_and_draws_it(tmp_path):
    pytest.importorskip("matplotlib")
    figures, picture = tmp_path / "speed.json", tmp_path / "speed.png"
    options = ["--sizes", "1000", "--questions", "5", "--engines", "citebot", "tantivy", "fts5"]
    parts = ["--only", "questions", "memory", "change"]
    files = ["--prose", DOCSTRINGS, "--cache", tmp_path, "--json", figures, "--plot", picture]
    run = subprocess.run(
        [sys.executable, BENCHMARKS / "speed.py", *options, *parts, *files], capture_output=True, text=True, check=True
    )
    measured = json.loads(figures.read_text())["1000"]
    assert measured["asked"].items() >= {"citebot, answer": 5, "SQLite FTS5, OR": 5}.items()
    assert all(0 < measured["median"][name] <= measured["p99"][name] for name in measured["asked"])
    assert all(measured[kind]["citebot"] > 0 for kind in ("build", "disk", "memory", "change"))
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert ("tantivy" in measured["asked"]) != ("tantivy is skipped" in run.stdout)


def test_a_small_run_compares_files_with_a_milvus():
    pytest.importorskip("milvus_lite")
    run = subprocess.run(
        [sys.executable, BENCHMARKS / "engines_compare.py", "--sizes", "300", "--questions", "4", "--prose", DOCSTRINGS],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    rows = {line[:38].strip(): line[38:].split() for line in run.stdout.splitlines() if line}
    assert rows["questions"] == ["4", "4", "4"]
    assert rows["the same first hit"] == rows["the same ten hits"] == ["100.00%"] * 3
    assert rows["proven exact"] == ["-", "100.00", "100.00"]
    assert all(float(bytes_) > 0 for bytes_ in rows["bytes a sentence"])
