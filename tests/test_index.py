import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from retrieval.analysis import analyzer, pair_numbers
from retrieval.index.building import build_index
from retrieval.index.search import Query, Searcher, best
from retrieval.index.segments import (
    SegmentDamaged,
    check_segment,
    folder_of,
    open_segment,
    remove_segments,
)
from retrieval.records import Article, Kind, Sentence, Version

TEXTS = {
    "canal": ("Suez Canal", ["The canal opened in 1869.", "It joins two seas.", "Ships pay a toll in the canal."]),
    "lake": ("Baikal", ["The lake is deep.", "Seals live in the lake.", "The canal is far away."]),
    "sport": ("", ["Uruguay won the first final."]),
}


def versions(texts=TEXTS, kind=Kind.BODY):
    for row, (name, (title, sentences)) in enumerate(sorted(texts.items()), 1):
        text, found = " ".join(sentences), []
        for position, sentence in enumerate(sentences, 1):
            start = text.index(sentence)
            found.append(Sentence(position, 1 + position // 3, start, start + len(sentence), kind, sentence))
        yield Version(row, Article(name, title, text, "en"), tuple(found))


def searcher(folder, texts=TEXTS, kind=Kind.BODY):
    build_index(versions(texts, kind), folder, 7)
    return Searcher(open_segment(folder, 7))


def query(text):
    tokens = list(analyzer("en").tokens(text))
    return Query({token.term: token.grammar for token in tokens}, set(pair_numbers([token.term for token in tokens])))


def test_the_sentence_with_the_words_of_the_question_comes_first(tmp_path):
    index = searcher(tmp_path)
    assert index.key(index.search(query("When did the canal open?"), 5)[0].row) == (1, 1)
    assert index.key(index.search(query("who won the first final"), 5)[0].row) == (3, 1)


def test_the_title_leads_to_a_sentence_that_does_not_name_the_subject(tmp_path):
    index = searcher(tmp_path)
    found = [index.key(candidate.row) for candidate in index.search(query("Baikal seals"), 5)]
    assert found[0] == (2, 2)
    assert {version for version, _ in found} == {2}


def test_a_field_alone_can_be_searched(tmp_path):
    index = searcher(tmp_path)
    assert {index.key(c.row)[0] for c in index.search(query("Baikal"), 9, ["title"])} == {2}
    assert index.search(query("Baikal"), 9, ["sentence"]) == []
    assert [index.key(c.row) for c in index.search(query("opened"), 9, ["previous"])] == [(1, 2)]


def test_no_word_known_finds_nothing(tmp_path):
    assert searcher(tmp_path).search(query("qwzx"), 5) == []
    assert searcher(tmp_path).search(query(""), 5) == []


def test_what_cannot_answer_is_not_indexed(tmp_path):
    assert searcher(tmp_path, kind=Kind.CAPTION).search(query("canal"), 5) == []


def test_a_store_without_articles_has_an_index(tmp_path):
    assert searcher(tmp_path, {}).search(query("canal"), 5) == []


def test_sentence_scores_are_those_of_plain_scikit_learn_counts(tmp_path):
    index = searcher(tmp_path)
    rows = [sentence for version in versions() for sentence in version.sentences]
    counts = CountVectorizer(analyzer=analyzer("en").terms).fit(row.text for row in rows)
    matrix = counts.transform([row.text for row in rows]).toarray()
    df, n, length = (matrix > 0).sum(0), len(rows), matrix.sum(1, keepdims=True)
    idf = np.log(1 + (n - df + 0.5) / (df + 0.5))
    weighed = matrix * 1.6 / (matrix + 0.6 * (1 - 0.4 + 0.4 * length / length.mean())) * idf
    wanted = weighed @ counts.transform(["ships canal seas"]).toarray()[0]
    got = {candidate.row: candidate.score for candidate in index.search(query("ships canal seas"), 99, ["sentence"])}
    assert [got.get(row, 0.0) for row in range(n)] == pytest.approx(list(wanted), rel=1e-5)


def test_equal_scores_stand_in_the_order_of_article_and_position(tmp_path):
    index = searcher(tmp_path, {name: ("", ["Same words here."] * 2) for name in "cab"})
    assert [c.row for c in index.search(query("same words"), 4, ["sentence"])] == [0, 1, 2, 3]


def test_the_best_are_the_greatest_positive_scores_ties_by_row():
    assert best(np.array([0, 2, 1, 2, 0, 2, 3], np.float32), 3).tolist() == [6, 1, 3]
    assert best(np.zeros(4, np.float32), 3).tolist() == []


def remove_it(folder):
    (folder / "segment.json").unlink()


def truncate(folder):
    path = folder / "sentence.units.npy"
    path.write_bytes(path.read_bytes()[:-3])


def garble(folder):
    (folder / "segment.json").write_text("{")


def of_another_format(folder):
    manifest = json.loads((folder / "segment.json").read_text())
    (folder / "segment.json").write_text(json.dumps(manifest | {"format": 0}))


@pytest.mark.parametrize("damage", [remove_it, truncate, garble, of_another_format])
def test_a_damaged_segment_says_so(tmp_path, damage):
    searcher(tmp_path)
    damage(folder_of(tmp_path, 7))
    with pytest.raises(SegmentDamaged):
        open_segment(tmp_path, 7)


def test_a_flipped_byte_is_found_by_the_thorough_check(tmp_path):
    searcher(tmp_path)
    check_segment(tmp_path, 7)
    path = folder_of(tmp_path, 7) / "sentence.impacts.npy"
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    path.write_bytes(data)
    with pytest.raises(SegmentDamaged, match="altered"):
        check_segment(tmp_path, 7)


def test_old_segments_and_what_a_killed_build_left_are_removed(tmp_path):
    for generation in (1, 2, 3):
        build_index(versions(), tmp_path, generation)
    for name, age in ((".new-old", 4000), (".new-young", 10)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    remove_segments(tmp_path, frozenset({2, 3}))
    assert sorted(folder.name for folder in tmp_path.iterdir()) == [".new-young", "00000002", "00000003"]


def test_processes_that_build_the_same_segment_at_once_do_not_disturb_each_other(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: build_index(versions(), tmp_path, 7), range(12)))
    check_segment(tmp_path, 7)
    assert [folder.name for folder in tmp_path.iterdir()] == ["00000007"]
