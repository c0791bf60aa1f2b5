"""From generation to generation, searches find what a load has changed, and nothing else has changed."""

import os
import time
from dataclasses import replace

import numpy as np
import pytest
from made_corpora import Corpus, History, chequered
from small_index import CANAL, query, versions

from retrieval.index import builder, merger_input, pruned_search
from retrieval.index.bm25 import FIELDS, MAX_TF, bound_impacts, impacts, norms, round_up
from retrieval.index.builder import build_index, extend_index
from retrieval.index.manifest import (
    GRACE,
    Generation,
    check_generation,
    manifest_of,
    open_generation,
    remove_unused,
    write_generation,
)
from retrieval.index.searcher import Searcher
from retrieval.index.segment import WORD, WORD_BITS


def found(searcher, text, k=50):
    """Return the sentences found, as (version, position)."""
    return searcher.keys(searcher.search(query(searcher, text), k).rows)


def segments(history):
    return [one.segment.folder.name for one in history.generation().segments]


def grown(folder, articles=40):
    """Return a store whose first segment is so large that a few more articles get a segment of their own."""
    return History(folder).build(Corpus(5, words=20).articles(articles, paragraphs=9) | CANAL)


def test_a_removed_article_is_never_found(tmp_path):
    history = grown(tmp_path)
    lake = history.living["lake"]
    before = history.searcher()
    assert {version for version, _ in found(before, "seals Baikal")} == {lake}
    history.change({}, ["lake"])
    assert found(history.searcher(), "seals Baikal") == []
    assert {version for version, _ in found(before, "seals Baikal")} == {lake}  # who has it open goes on


def test_a_generation_without_anything_new_has_the_segments_of_the_one_before(tmp_path):
    history = grown(tmp_path)
    names = segments(history)
    history.change({}, ["lake"])
    assert segments(history) == names
    assert sum(len(one.dead) for one in history.generation().segments) == 1
    history.change({})
    assert segments(history) == names
    assert sum(len(one.dead) for one in history.generation().segments) == 1


def test_a_changed_article_is_found_by_its_new_text_and_not_by_its_old(tmp_path):
    history = grown(tmp_path)
    history.change({"lake": ("Baikal", [["Otters live in the lake."]])})
    searcher = history.searcher()
    assert len(history.generation().segments) == 2
    assert found(searcher, "otters") == [(history.living["lake"], 1)]
    assert found(searcher, "seals") == []
    assert found(searcher, "Baikal") == [(history.living["lake"], 1)]


def test_an_article_that_was_removed_and_comes_again_is_found(tmp_path):
    history = grown(tmp_path).change({}, ["lake"]).change({"lake": CANAL["lake"]})
    assert found(history.searcher(), "seals")[0] == (history.living["lake"], 2)


def test_where_every_article_is_removed_nothing_is_found_and_what_comes_after_is(tmp_path):
    history = History(tmp_path).build(CANAL).change({}, list(CANAL))
    assert history.generation().segments == ()
    assert found(history.searcher(), "canal") == []
    history.change({"lake": CANAL["lake"]})
    assert found(history.searcher(), "seals")[0] == (history.living["lake"], 2)


def test_a_generation_without_articles_is_searched_extended_and_renewed(tmp_path):
    history = History(tmp_path).build({})
    assert found(history.searcher(), "canal") == []
    history.change({}).renew()
    assert (history.generation().segments, history.generation().languages) == ((), ())
    history.change(CANAL)
    assert found(history.searcher(), "seals")[0] == (history.living["lake"], 2)


def test_a_segment_without_a_sentence_that_answers_is_searched_and_merged(tmp_path):
    history = grown(tmp_path).change({"empty": ("Empty handed", []), "silent": ("", [["..."]])})
    history.change({"empty too": ("Empty", [])})
    assert found(history.searcher(), "handed") == []
    history.change({"lake": CANAL["lake"]})
    assert found(history.searcher(), "seals")[0] == (history.living["lake"], 2)
    check_generation(tmp_path, history.number, "")


def test_a_hundred_single_changes_leave_few_segments(tmp_path):
    corpus = Corpus(6)
    history = History(tmp_path).build(corpus.articles(60))
    most = 0
    for number in range(100):
        history.change({f"b{number % 70}": corpus.article()})
        most = max(most, len(history.generation().segments))
    assert most <= 8
    versions = [one.segment.arrays["version"] for one in history.generation().segments]
    assert (np.diff(np.concatenate(versions)) > 0).all()
    living = [row for one, rows in zip(history.generation().segments, versions, strict=True)
              for number, row in enumerate(rows.tolist()) if number not in one.dead]  # fmt: skip
    assert living == sorted(history.living.values())


def lines(n):
    """Make n articles of one sentence, all of the same length."""
    return {f"a{number:04}": ("", [[f"Common word and number {number}."]]) for number in range(n)}


@pytest.mark.parametrize(("changed", "renewed"), [(10, False), (13, True)])
def test_segments_are_merged_when_a_tenth_is_dead_or_new(tmp_path, changed, renewed):
    history = History(tmp_path).build(lines(200)).change(lines(changed))
    assert len(history.generation().segments) == 2
    history.renew()
    assert len(history.generation().segments) == (1 if renewed else 2)
    assert history.generation().sentences == (200 if renewed else 200 + changed)


def test_removals_alone_lead_to_merging_too(tmp_path):
    history = History(tmp_path).build(lines(100)).change({}, list(lines(10))).renew()
    assert history.generation().sentences == 100
    history.change({}, ["a0050"]).renew()
    assert history.generation().sentences == 89


LONG = ("A title", [["One sentence of rather many more words than all of the others have."]] * 9)


def test_what_is_merged_has_mean_lengths_of_its_own_and_until_then_those_of_before(tmp_path):
    history = History(tmp_path / "changed").build(lines(50))
    before = history.generation().means
    assert before == {"sentence": 5, "paragraph": 5, "section": 1, "article": 5, "title": 1}
    history.change({"long": LONG})
    assert history.generation().means == before
    history.renew()
    anew = History(tmp_path / "anew").build(lines(50) | {"long": LONG})
    assert history.generation().means == anew.generation().means != before


def test_a_small_store_that_has_grown_has_mean_lengths_of_its_own(tmp_path):
    history = History(tmp_path / "changed").build({"a": ("", [["Word."]])}).change(lines(50)).renew()
    anew = History(tmp_path / "anew").build({"a": ("", [["Word."]])} | lines(50))
    assert history.generation().means == anew.generation().means


def test_an_index_that_is_merged_is_noticed_as_another_one(tmp_path):
    history = History(tmp_path).build(lines(50)).change(lines(7))
    opened = history.generation()
    assert opened.is_current(tmp_path, 2, "")
    assert not opened.is_current(tmp_path, 1, "")
    assert not opened.is_current(tmp_path, 2, "another store's")
    history.renew()
    assert not opened.is_current(tmp_path, 2, "")
    assert history.generation().is_current(tmp_path, 2, "")


def test_an_index_that_has_gone_stays_current_for_those_who_have_it_open(tmp_path):
    history = History(tmp_path).build(CANAL)
    opened = history.generation()
    manifest_of(tmp_path, 1).unlink()
    assert opened.is_current(tmp_path, 1, "")


def test_segments_that_are_open_already_are_taken_over(tmp_path):
    history = grown(tmp_path)
    opened = [one.segment for one in history.generation().segments]
    history.change({"lake": CANAL["lake"]})
    first, second = open_generation(tmp_path, 2, "", opened).segments
    assert first.segment is opened[0]
    assert second.segment is not opened[0]


def test_an_opened_index_goes_on_answering_when_its_segments_are_merged_and_removed(tmp_path):
    history = grown(tmp_path)
    history.change(Corpus(8).articles(5, paragraphs=9) | {"lake": ("Baikal", [["Otters live in the lake."]] * 60)})
    searcher, expected = history.searcher(), found(history.searcher(), "otters and seas")
    old = segments(history)
    history.renew()
    for folder in (tmp_path / "segments").iterdir():
        os.utime(folder, (time.time() - GRACE - 1,) * 2)
    remove_unused(tmp_path, frozenset({2}))
    assert [folder.name for folder in (tmp_path / "segments").iterdir()] == segments(history) != old
    assert len(expected) > 40
    assert found(searcher, "otters and seas") == expected


def test_articles_are_counted_by_language_over_all_segments(tmp_path):
    build_index(versions(lines(3)), tmp_path, 1)
    german = versions({"a": ("", [["Das Wort."]]), "b": ("", [["Ein Wort."]])}, language="de", first=4)
    extend_index(open_generation(tmp_path, 1, ""), german, [1, 2], tmp_path, number=2, begun="")
    assert open_generation(tmp_path, 1, "").languages == ("en",)
    assert set(open_generation(tmp_path, 2, "").languages) == {"en", "de"}


# What merging makes of segments


def results(searcher, questions):
    """Return the sentences found for some questions, with their scores."""
    found = []
    for question in questions:
        of = searcher.search(query(searcher, question), 10)
        found.append((searcher.keys(of.rows), of.score.tolist()))
    return found


@pytest.mark.parametrize("seed", range(24))
def test_what_is_merged_is_as_if_built_anew_of_what_is_shown(tmp_path, monkeypatch, seed):
    monkeypatch.setattr(merger_input, "PIECE", (merger_input.PIECE, 7, 500)[seed % 3])  # how much is in memory at once
    corpus, history = chequered(tmp_path / "changed", seed, articles=30 + 5 * seed, words=20)
    history.change(corpus.articles(20), ["a00025", "a00026"]).renew()
    (merged,) = history.generation().segments
    assert not merged.dead
    monkeypatch.setattr(builder, "CHUNK", (builder.CHUNK, 40)[seed % 2])
    build_index(history.shown(), tmp_path / "anew", 1)
    anew = open_generation(tmp_path / "anew", 1, "")
    means = history.generation().means
    assert means == pytest.approx(anew.means)
    write_generation(tmp_path / "anew", replace(anew, means=means))
    assert words(merged.segment) == words(anew.segments[0].segment)
    questions = [corpus.question() for _ in range(20)]
    expected = results(Searcher(open_generation(tmp_path / "anew", 1, "")), questions)
    assert results(history.searcher(), questions) == expected


def words(segment):
    """Return each row's running words with all that is known of them."""
    arrays = segment.arrays
    number, at = arrays["forward.words"] & WORD, arrays["words.at"]
    letters = [bytes(arrays["words.letters"][at[one] : at[one + 1]]) for one in range(len(at) - 1)]
    column = arrays["words.column"][number]
    known = (arrays["words.cues"][number], arrays["words.prefix"][number], arrays["words.signature"][number])
    return (
        [letters[one] for one in number.tolist()],
        (arrays["forward.words"] >> WORD_BITS).tolist(),
        *(of.tolist() for of in known),
        arrays["terms"][column].tolist(),
        arrays["df"][column].tolist(),
        *(arrays[name].tolist() for name in ("version", "position", "forward.at", "paragraph.first", "article.first")),
    )


def test_columns_that_become_sparse_and_common_again_are_found_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(pruned_search, "SMALL", 0)

    def texts(first, n, word):
        text = [[f"The {word} of place {number % 7}.", f"One {word} more."] for number in range(2)]
        return {f"a{number:04}": (f"{word} {number}", text) for number in range(first, first + n)}

    history = History(tmp_path).build(texts(0, 100, "canal"))
    assert "canal" in dense(history)
    history.change(texts(0, 90, "tower")).renew()
    assert "tower" in dense(history)
    assert "canal" not in dense(history)
    assert_as_anew(history, tmp_path / "sparse")
    history.change(texts(5, 90, "canal")).renew()
    assert "canal" in dense(history)
    assert "tower" not in dense(history)
    assert_as_anew(history, tmp_path / "common")


def dense(history):
    """Return the words whose columns are dense in both paragraphs and articles of the one segment."""
    (shown,) = history.generation().segments
    vocabulary = history.searcher().segments[0].vocabulary
    fields = [
        {int(shown.segment.arrays["terms"][column]) for column in shown.segment.arrays[f"{name}.dense.columns"]}
        for name in ("paragraph", "article")
    ]
    both = set.intersection(*fields)
    return {vocabulary.spelling(word) for word, column in enumerate(vocabulary.columns.tolist())
            if int(vocabulary.terms[column]) in both}  # fmt: skip


def assert_as_anew(history, folder):
    build_index(history.shown(), folder, 1)
    anew = Searcher(open_generation(folder, 1, ""))
    questions = ["canal", "tower", "the canal of place 3", "tower 95", "one more canal or tower 12"]
    assert results(history.searcher(), questions) == results(anew, questions)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@pytest.mark.parametrize("mean", [1.0, 1.37, 16.4, 300.0, 2431.7])
def test_no_impact_is_above_its_bound_nor_far_below(field, mean):
    tf, lengths = np.arange(1, MAX_TF + 1, dtype=np.uint8)[:, None], np.arange(1, 2000, 7)[None]
    impact = impacts(tf, norms(lengths, field, mean), field)
    above = bound_impacts(round_up(impact, field), field) - impact
    assert above.min() >= 0
    assert above.max() <= 1.01 * (field.k1 + 1) / 255


def test_a_manifest_that_cannot_take_its_place_leaves_nothing_beside_it(tmp_path):
    (in_the_way := manifest_of(tmp_path, 7)).mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        write_generation(tmp_path, Generation(7, "", {}, ()))
    assert list(in_the_way.parent.iterdir()) == [in_the_way]
