"""Of a set of questions, those whose articles are in a Milvus get the hits that those in files get."""

import engine_quality
import pytest
import quality
from engine_quality import are_same, compare, gap
from quality import read_set

from retrieval import Hit


@pytest.mark.parametrize("name", ["seeds", "typos-dev"])
def test_a_set_gets_the_same_hits(name, tmp_path):
    pytest.importorskip("milvus_lite", reason="milvus-lite is not installed")
    if name != "seeds" and not quality.SETS:
        pytest.skip("CITEBOT_QUESTION_SETS is not set")
    found = compare(*read_set(name, every=1), tmp_path)
    assert found.is_enough, found
    assert found.mrr[0] == pytest.approx(found.mrr[1], abs=0.001)


def hits(*scored):
    return [
        Hit(rank=rank, score=score, article=article, title="", url=None, published=None, start=0, end=1, position=1, of=1, text="?")
        for rank, (article, score) in enumerate(scored, 1)
    ]  # fmt: skip


def test_hits_with_equal_scores_may_have_changed_places_and_no_others():
    one = hits(("a", 3.0), ("b", 2.0), ("c", 2.0))
    assert are_same(one, one)
    assert are_same(one, hits(("a", 3.0), ("c", 2.0), ("b", 2.0)))
    assert are_same(one, hits(("a", 3.0), ("b", 2.0), ("d", 2.0)))  # another of the equal ones
    assert not are_same(one, hits(("b", 3.0), ("a", 2.0), ("c", 2.0)))
    assert not are_same(one, hits(("d", 3.0), ("b", 2.0), ("c", 2.0)))
    assert not are_same(one, one[:2])
    assert gap(one, hits(("a", 3.5), ("b", 2.0), ("c", 2.0))) == 0.5


def test_all_sets_are_compared():
    assert {"seeds", "mixed"} <= set(engine_quality.names())
