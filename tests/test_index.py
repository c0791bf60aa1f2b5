import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_index import CANAL, query, searcher, versions

from retrieval import open_engine
from retrieval.index.bm25 import FIELD_NAMES, GRAMMAR_WEIGHT
from retrieval.index.builder import build_index
from retrieval.index.manifest import (
    ABANDONED,
    GRACE,
    check_generation,
    manifest_of,
    open_generation,
    remove_unused,
    write_generation,
)
from retrieval.index.segment import ARRAYS, FORMAT, SegmentDamaged, check_segment
from retrieval.index.top_k import TopK
from retrieval.records import Kind

HERE = Path(__file__).parent


def found(index, text, k=5, names=FIELD_NAMES):
    """Return the sentences found, as (version, position)."""
    return index.keys(index.search(query(index, text), k, names).rows)


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
    ((term, nearness),) = slip.readings
    assert term == query(index, "Uruguay").terms[0].term
    assert 0.5 < nearness < 1
    assert unknown.readings == ()
    assert known.readings == ((known.term, 1),)
    assert found(index, "who won in urugauy")[0] == (3, 1)


def test_a_word_of_the_language_is_read_as_its_forms_and_not_as_words_spelt_like_it(tmp_path):
    index = searcher(tmp_path, CANAL | {"hymn": ("", [["A hymn was sung."]])})
    other, form = query(index, "Canada sang").terms
    assert other.readings == ()
    assert [term for term, _ in form.readings] == [query(index, "sung").terms[0].term]
    assert query(index, "Canada", "xx").terms[0].readings  # of which it is not known what is a word
    assert found(index, "Is Canada deep?")[0] == found(index, "deep")[0]


@pytest.mark.parametrize("word", ["sae", "1868", "zebra"])
def test_short_words_numbers_and_words_unlike_all_are_not_guessed(tmp_path, word):
    assert query(searcher(tmp_path), word).terms[0].readings == ()


@pytest.mark.parametrize("words", ["Same words here", "one two three four five six seven eight nine ten"])
@pytest.mark.parametrize("k", [1, 4, 9])
def test_equal_scores_stand_in_the_order_of_article_and_position(tmp_path, words, k):
    texts = {name: ("", [[f"{words}."] * 2, [f"{words}."]]) for name in "cab"}
    expected = [(version, position) for version in (1, 2, 3) for position in (1, 2, 3)]
    assert found(searcher(tmp_path, texts), words, k, ["sentence"]) == expected[:k]


def test_the_best_are_the_greatest_positive_scores_ties_by_row():
    best = TopK(3, {"sentence": 1.0, "title": 0.5})
    for rows, scores in (([4, 5, 6], [0, 2, 3]), ([0, 1, 2, 3], [0, 2, 1, 2])):
        best.add(np.array(rows), {"sentence": np.array(scores, np.float32), "title": np.zeros(len(rows), np.float32)})
    assert best.hits().rows.tolist() == [6, 1, 3]
    assert best.hits().score.tolist() == [3, 2, 2]
    assert {name: of.tolist() for name, of in best.hits().fields.items()} == {"sentence": [3, 2, 2], "title": [0] * 3}
    assert 1.99 < best.threshold < 2


def test_of_scores_that_are_all_0_none_is_the_best():
    best = TopK(3, {"sentence": 1.0})
    best.add(np.arange(4), {"sentence": np.zeros(4, np.float32)})
    assert best.hits().rows.tolist() == []
    assert best.threshold == 0


def segment_of(index, number=7):
    (shown,) = open_generation(index, number, "").segments
    return shown.segment


def rewrite(path, **changed):
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))


DAMAGES = {
    "the manifest is missing": lambda index: manifest_of(index, 7).unlink(),
    "the manifest is no JSON": lambda index: manifest_of(index, 7).write_text("{"),
    "the manifest is a list": lambda index: manifest_of(index, 7).write_text("[]"),
    "the manifest is of an older format": lambda index: rewrite(manifest_of(index, 7), format=0),
    "the manifest is of another generation": lambda index: rewrite(manifest_of(index, 7), generation=6),
    "the manifest is of another store": lambda index: rewrite(manifest_of(index, 7), begun="2001-01-01"),
    "the manifest names no segments": lambda index: rewrite(manifest_of(index, 7), segments=None),
    "the manifest has no means": lambda index: rewrite(manifest_of(index, 7), means={"sentence": "long"}),
    "the manifest has few means": lambda index: rewrite(manifest_of(index, 7), means={"sentence": 9.0}),
    "a dead article does not exist": lambda index: rewrite(
        manifest_of(index, 7), segments=[{"name": segment_of(index).folder.name, "dead": [3]}]
    ),
    "the segment is missing": lambda index: shutil.rmtree(segment_of(index).folder),
    "the segment says nothing": lambda index: (segment_of(index).folder / "segment.json").unlink(),
    "the segment is no JSON": lambda index: (segment_of(index).folder / "segment.json").write_text("{"),
    "the segment is of an older format": lambda index: rewrite(segment_of(index).folder / "segment.json", format=0),
    "the segment is incomplete": lambda index: rewrite(
        segment_of(index).folder / "segment.json",
        arrays={
            name: stamp
            for name, stamp in json.loads((segment_of(index).folder / "segment.json").read_text())["arrays"].items()
            if name != "paragraph.most"
        },
    ),
    "the arrays are missing": lambda index: (segment_of(index).folder / "arrays").unlink(),
    "the arrays are truncated": lambda index: os.truncate(
        segment_of(index).folder / "arrays", (segment_of(index).folder / "arrays").stat().st_size - 3
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_index_says_so(tmp_path, damage):
    searcher(tmp_path)
    damage(tmp_path)
    with pytest.raises(SegmentDamaged):
        open_generation(tmp_path, 7, "")


def test_the_index_of_another_generation_or_another_store_is_not_opened(tmp_path):
    build_index(versions(), tmp_path, 7, "2026-01-01")
    assert open_generation(tmp_path, 7, "2026-01-01").number == 7
    for number, begun in ((7, "2026-01-02"), (6, "2026-01-01")):
        with pytest.raises(SegmentDamaged):
            open_generation(tmp_path, number, begun)


@pytest.mark.parametrize("name", ["forward.words", "paragraph.impacts", "words.letters", "version"])
def test_a_flipped_bit_is_found_by_the_thorough_check(tmp_path, name):
    searcher(tmp_path)
    check_generation(tmp_path, 7, "")
    folder = segment_of(tmp_path).folder
    data = bytearray((folder / "arrays").read_bytes())
    data[json.loads((folder / "segment.json").read_text())["arrays"][name]["start"]] ^= 1
    (folder / "arrays").write_bytes(data)
    with pytest.raises(SegmentDamaged, match=f"{name} of .* altered"):
        check_generation(tmp_path, 7, "")


def test_a_segment_has_the_arrays_that_are_described_and_no_pickle(tmp_path):
    segment = segment_of(searcher(tmp_path) and tmp_path)
    assert set(segment.arrays) == set(ARRAYS)
    assert not any(array.dtype.hasobject for array in segment.arrays.values())
    assert not any(array.flags.writeable for array in segment.arrays.values())
    assert sorted(path.name for path in segment.folder.iterdir()) == ["arrays", "segment.json"]


@pytest.mark.parametrize("first", ["ask", "load"])
def test_an_index_of_an_earlier_format_is_built_anew(tmp_path, first):
    shutil.unpack_archive(HERE / "data" / "index_of_format_5.zip", tmp_path)
    manifest = manifest_of(tmp_path / "citebot.db.index", 2)
    assert json.loads(manifest.read_text())["format"] == 5
    with open_engine(tmp_path / "citebot.db") as engine:
        if first == "load":
            (tmp_path / "hill.txt").write_text("The hill\n\nThe hill of Rivertown has a mill.")
            assert engine.load([tmp_path / "hill.txt"]).generation == 3
            assert engine.ask("What does the hill have?").hits[0].text == "The hill of Rivertown has a mill."
        assert engine.ask("Who built the stone bridge?").hits[0].text.endswith("was built by Anna Stone in 1721.")
        assert engine.ask("Which animals live on its shore?").hits[0].text == "Otters live on its shore."
        assert engine.problems() == []
    current = manifest_of(tmp_path / "citebot.db.index", 3 if first == "load" else 2)
    assert json.loads(current.read_text())["format"] == FORMAT


def test_a_damaged_index_is_built_anew(tmp_path):
    searcher(tmp_path)
    (segment_of(tmp_path).folder / "arrays").write_bytes(b"")
    assert found(searcher(tmp_path), "When did the canal open?")[0] == (1, 1)
    check_generation(tmp_path, 7, "")


def aged(path, seconds):
    os.utime(path, (time.time() - seconds,) * 2)
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_generations_that_are_not_kept_and_their_segments_are_removed(tmp_path):
    for number in (1, 2, 3):
        build_index(versions(), tmp_path, number)
    kept = [segment_of(tmp_path, number).folder.name for number in (2, 3)]
    for folder in (tmp_path / "segments").iterdir():
        aged(folder, GRACE + 1)
    remove_unused(tmp_path, frozenset({2, 3}))
    assert names(tmp_path / "generations") == ["00000002.json", "00000003.json"]
    assert names(tmp_path / "segments") == sorted(kept)
    check_generation(tmp_path, 3, "")


def test_a_segment_that_two_generations_share_stays_as_long_as_one_is_kept(tmp_path):
    build_index(versions(), tmp_path, 1)
    write_generation(tmp_path, replace(open_generation(tmp_path, 1, ""), number=2))
    aged(segment_of(tmp_path, 1).folder, GRACE + 1)
    remove_unused(tmp_path, frozenset({2}))
    check_segment(segment_of(tmp_path, 2).folder)
    remove_unused(tmp_path, frozenset({3}))
    assert names(tmp_path / "segments") == names(tmp_path / "generations") == []


def test_what_a_killed_build_left_is_removed_and_what_is_still_being_made_is_not(tmp_path):
    build_index(versions(), tmp_path, 1)
    for folder in (tmp_path / "segments", tmp_path / "generations"):
        for name, age in ((".new-old", ABANDONED + 1), (".new-young", ABANDONED - 60)):
            (folder / name).mkdir() if folder.name == "segments" else (folder / name).touch()
            aged(folder / name, age)
    for name, age in (("unnamed-old", GRACE + 1), ("unnamed-young", GRACE - 30)):
        (tmp_path / "segments" / name).mkdir()
        aged(tmp_path / "segments" / name, age)
    remove_unused(tmp_path, frozenset({1}))
    assert names(tmp_path / "generations") == [".new-young", "00000001.json"]
    assert names(tmp_path / "segments") == sorted([".new-young", "unnamed-young", segment_of(tmp_path, 1).folder.name])


def test_threads_that_build_the_same_generation_at_once_do_not_disturb_each_other(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: build_index(versions(), tmp_path, 7), range(24)))
    check_generation(tmp_path, 7, "")
    assert names(tmp_path / "generations") == ["00000007.json"]
    assert not any(name.startswith(".new") for name in names(tmp_path / "segments"))


def test_a_build_that_fails_leaves_nothing_that_is_taken_for_an_index(tmp_path):
    def broken():
        yield from versions()
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - the one above
        build_index(broken(), tmp_path, 7)
    assert names(tmp_path) == ["segments"]
    assert names(tmp_path / "segments") == []
