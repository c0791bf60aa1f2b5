"""An index goes from generation to generation: what a load changes, and nothing else, is found to have changed."""

import os
import time

import numpy as np
import pytest
from made_corpora import Corpus, History, chequered
from small_index import CANAL, query

from retrieval.index import building, parts
from retrieval.index.building import build_index
from retrieval.index.fields import FIELDS
from retrieval.index.generations import (
    GRACE,
    Generation,
    check_generation,
    manifest_of,
    open_generation,
    remove_unused,
    write_generation,
)
from retrieval.index.merging import DENSE_SHARE, LEAST_DENSE
from retrieval.index.search import Searcher
from retrieval.index.segments import WORD
from retrieval.index.weighting import MOST_TF, bound_of, bounds, frequencies, impacts, norms


def found(searcher, text, k=50):
    """Give the sentences found, as (version, position)."""
    return [searcher.key(row) for row in searcher.search(query(searcher, text), k).rows.tolist()]


def segments(history):
    return [one.segment.folder.name for one in history.generation().shown]


def grown(folder, articles=40):
    """Give a store whose first segment is so large that a few articles more are kept apart from it."""
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
    assert sum(len(one.dead) for one in history.generation().shown) == 1
    history.change({})
    assert segments(history) == names
    assert sum(len(one.dead) for one in history.generation().shown) == 1


def test_a_changed_article_is_found_by_its_new_text_and_not_by_its_old(tmp_path):
    history = grown(tmp_path)
    history.change({"lake": ("Baikal", [["Otters live in the lake."]])})
    searcher = history.searcher()
    assert len(history.generation().shown) == 2
    assert found(searcher, "otters") == [(history.living["lake"], 1)]
    assert found(searcher, "seals") == []
    assert found(searcher, "Baikal") == [(history.living["lake"], 1)]


def test_an_article_that_was_removed_and_comes_again_is_found(tmp_path):
    history = grown(tmp_path).change({}, ["lake"]).change({"lake": CANAL["lake"]})
    assert found(history.searcher(), "seals")[0] == (history.living["lake"], 2)


def test_where_every_article_is_removed_nothing_is_found_and_what_comes_after_is(tmp_path):
    history = History(tmp_path).build(CANAL).change({}, list(CANAL))
    assert history.generation().shown == ()
    assert found(history.searcher(), "canal") == []
    history.change({"lake": CANAL["lake"]})
    assert found(history.searcher(), "seals")[0] == (history.living["lake"], 2)


def test_a_generation_without_articles_is_searched_extended_and_renewed(tmp_path):
    history = History(tmp_path).build({})
    assert found(history.searcher(), "canal") == []
    history.change({}).renew()
    assert (history.generation().shown, history.generation().languages) == ((), ())
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
        most = max(most, len(history.generation().shown))
    assert most <= 8
    versions = [one.segment.arrays["version"] for one in history.generation().shown]
    assert (np.diff(np.concatenate(versions)) > 0).all()
    living = [row for one, rows in zip(history.generation().shown, versions, strict=True)
              for number, row in enumerate(rows.tolist()) if number not in one.dead]  # fmt: skip
    assert living == sorted(history.living.values())


def lines(n):
    """Make n articles of a sentence each, all of one length."""
    return {f"a{number:04}": ("", [[f"Common word and number {number}."]]) for number in range(n)}


@pytest.mark.parametrize(("changed", "renewed"), [(10, False), (13, True)])
def test_segments_are_merged_when_a_tenth_is_dead_or_new(tmp_path, changed, renewed):
    history = History(tmp_path).build(lines(200)).change(lines(changed))
    assert len(history.generation().shown) == 2
    history.renew()
    assert len(history.generation().shown) == (1 if renewed else 2)
    assert history.generation().sentences == (200 if renewed else 200 + changed)


def test_removals_alone_lead_to_merging_too(tmp_path):
    history = History(tmp_path).build(lines(100)).change({}, list(lines(10))).renew()
    assert history.generation().sentences == 100
    history.change({}, ["a0050"]).renew()
    assert history.generation().sentences == 89


def test_what_is_merged_has_mean_lengths_and_frequencies_of_its_own(tmp_path):
    history = History(tmp_path).build(lines(50))
    before = history.generation().means
    history.change({"long": ("A title", [["One sentence of rather many more words than all of the others have."]] * 9)})
    assert history.generation().means == before
    history.renew()
    anew = History(tmp_path / "anew").build(lines(50) | {"long": history.versions[51] and LONG})
    assert history.generation().means == anew.generation().means != before


def test_a_small_store_that_has_grown_has_mean_lengths_of_its_own(tmp_path):
    first, rest = {"a": ("", [["Word."]])}, grown(tmp_path / "grown").shown()
    texts = Corpus(7).articles(30)
    history = History(tmp_path / "one").build(first).change(texts).renew()
    anew = History(tmp_path / "anew").build(first | texts)
    assert rest
    assert history.generation().means == anew.generation().means
