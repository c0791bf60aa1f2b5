import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from small_index import CANAL, query, searcher, versions

from retrieval.analysis import analyzer
from retrieval.index.building import build_index
from retrieval.index.fields import FIELDS, GRAMMAR_WEIGHT, NAMES, PREVIOUS_WEIGHT
from retrieval.index.search import greatest
from retrieval.index.segments import (
    SegmentDamaged,
    check_segment,
    folder_of,
    open_segment,
    remove_segments,
)
from retrieval.records import Kind


def found(index, text, k=5, names=NAMES):
    """Give the sentences found, as (version, position)."""
    return [index.key(row) for row in index.search(query(index, text), k, names)[0]]


def test_the_sentence_with_the_words_of_the_question_comes_first(tmp_path):
    index = searcher(tmp_path)
    assert found(index, "When did the canal open?")[0] == (1, 1)
    assert found(index, "who won the first final")[0] == (3, 1)


def test_the_title_leads_to_a_sentence_that_does_not_name_the_subject(tmp_path):
    keys = found(searcher(tmp_path), "Baikal seals")
    assert keys[0] == (2, 2)
    assert {version for version, _ in keys} == {2}


def test_a_field_alone_can_be_searched(tmp_path):
    index = searcher(tmp_path)
    assert {version for version, _ in found(index, "Baikal", 9, ["title"])} == {2}
    assert found(index, "Baikal", 9, ["sentence"]) == []
    assert found(index, "opened", 9, ["previous"]) == [(1, 2)]
    assert found(index, "opened", 9, ["paragraph"]) == [(1, 1), (1, 2)]
    assert found(index, "opened", 9, ["article"]) == [(1, 1), (1, 2), (1, 3)]


def test_the_sentence_before_counts_only_within_a_paragraph(tmp_path):
    index = searcher(tmp_path)
    assert found(index, "seas", 9, ["previous"]) == []
    assert found(index, "deep", 9, ["previous"]) == [(2, 2)]


def test_no_word_known_finds_nothing(tmp_path):
    index = searcher(tmp_path)
    assert found(index, "qwzx") == []
    assert found(index, "") == []


def test_what_cannot_answer_is_not_indexed(tmp_path):
    assert found(searcher(tmp_path, kind=Kind.CAPTION), "canal") == []


def test_a_store_without_articles_has_an_index(tmp_path):
    assert found(searcher(tmp_path, {}), "canal") == []


def test_an_article_of_titles_alone_or_without_a_word_is_indexed(tmp_path):
    index = searcher(tmp_path, {"a": ("Only a title", []), "b": ("", [["...", "!"], ["?"]]), "c": ("", [["Word."]])})
    assert index.sentences == 4
    assert found(index, "word") == [(3, 1)]
    assert found(index, "title") == []


def plain_scores(wanted, matrix, idf, field):
    """Score units by the formula of the fields, from scikit-learn's counts."""
    k1, b = field.k1, field.b
    length = matrix.sum(1, keepdims=True)
    weighed = matrix * (k1 + 1) / (matrix + k1 * (1 - b + b * length / length.mean())) * idf
    return weighed @ wanted


def test_the_scores_of_every_field_are_those_of_plain_scikit_learn_counts(tmp_path):
    index = searcher(tmp_path)
    stored = [(title, paragraphs) for _, (title, paragraphs) in sorted(CANAL.items())]
    paragraphs = [" ".join(paragraph) for _, found in stored for paragraph in found]
    sentences = [sentence for _, found in stored for paragraph in found for sentence in paragraph]
    units = {
        "sentence": sentences,
        "paragraph": paragraphs,
        "article": [" ".join(" ".join(paragraph) for paragraph in found) for _, found in stored],
        "title": [title for title, _ in stored],
    }
    counts = CountVectorizer(analyzer=analyzer("en").terms).fit([*sentences, *units["title"]])
    df = (counts.transform(sentences).toarray() > 0).sum(0)
    idf = np.log(1 + (len(sentences) - df + 0.5) / (df + 0.5))
    asked = query(index, "which ships canal Suez the seas")
    wanted = counts.transform(["ships canal suez seas"]).toarray()[0]
    wanted = wanted + GRAMMAR_WEIGHT * counts.transform(["the"]).toarray()[0]
    of = {
        "sentence": np.arange(len(sentences)),
        "paragraph": index.paragraph,
        "article": index.article,
        "title": index.article,
    }
    got, total = index.scores(asked), np.zeros(len(sentences))
    for field in FIELDS:
        plain = plain_scores(wanted, counts.transform(units[field.name]).toarray(), idf, field)[of[field.name]]
        assert got[field.name].tolist() == pytest.approx(plain.tolist(), rel=1e-5), field.name
        total += field.weight * plain
    total += PREVIOUS_WEIGHT * got["previous"]
    rows, score = index.best(got, 99)
    assert score.tolist() == pytest.approx(total[rows].tolist(), rel=1e-5)
    assert rows.tolist() == np.argsort(-total, kind="stable")[: len(rows)].tolist()


def test_a_question_has_each_word_once_with_its_weight(tmp_path):
    index = searcher(tmp_path)
    terms = query(index, "Did the canal of Suez open the canal in 1869?").terms
    assert [term.word for term in terms] == ["did", "the", "canal", "of", "suez", "open", "in", "1869"]
    assert [term.word for term in terms if term.grammar] == ["did", "the", "of", "in"]
    assert [term.word for term in terms if term.name] == ["suez", "1869"]
    for term in terms:
        assert term.weight == pytest.approx(term.idf * (GRAMMAR_WEIGHT if term.grammar else 1))
    rare, common = terms[7], terms[2]
    assert rare.idf == pytest.approx(np.log(1 + (7 - 1 + 0.5) / 1.5))
    assert common.idf == pytest.approx(np.log(1 + (7 - 3 + 0.5) / 3.5))


def test_a_word_that_no_article_holds_is_read_as_those_spelt_like_it(tmp_path):
    index = searcher(tmp_path)
    slip, unknown, known = query(index, "urugauy qwzxk canal").terms
    ((column, nearness),) = slip.columns
    assert column == index.vocabulary.column_of(query(index, "Uruguay").terms[0].term)
    assert 0.5 < nearness < 1
    assert unknown.columns == ()
    assert [nearness for _, nearness in known.columns] == [1]
    assert found(index, "who won in urugauy")[0] == (3, 1)


@pytest.mark.parametrize("word", ["sae", "1868", "zebra"])
def test_short_words_numbers_and_words_unlike_all_are_not_guessed(tmp_path, word):
    assert query(searcher(tmp_path), word).terms[0].columns == ()


def test_equal_scores_stand_in_the_order_of_article_and_position(tmp_path):
    index = searcher(tmp_path, {name: ("", [["Same words here."] * 2]) for name in "cab"})
    assert index.search(query(index, "same words"), 4, ["sentence"])[0].tolist() == [0, 1, 2, 3]


def test_the_best_are_the_greatest_positive_scores_ties_by_row():
    assert greatest(np.array([0, 2, 1, 2, 0, 2, 3], np.float32), 3).tolist() == [6, 1, 3]
    assert greatest(np.zeros(4, np.float32), 3).tolist() == []


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
