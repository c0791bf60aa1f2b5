import numpy as np
import pytest
from small_index import CANAL, candidates, query, searcher, versions

from retrieval.index import builder
from retrieval.index.candidates import MAX_WORDS, WINDOW, collect_candidates
from retrieval.index.manifest import Generation, LiveSegment
from retrieval.index.records import SAME_TERM, join
from retrieval.index.searcher import Searcher
from retrieval.index.tokens import MAX_PARAGRAPH
from retrieval.index.top_k import TopHits
from retrieval.ranking.features import compute_features
from retrieval.text.lexicon import TokenShape, WordClass

PLACES = ("sentence", "previous", "next", "paragraph", "title", "article")
BORDERS = {
    "a": ("Alpha", [["One apple.", "One berry."], ["One grape."]]),
    "b": ("Beta", [["One date.", "One elder."], ["One fig."]]),
}


def held(index, word, place, also="one"):
    """Return how much a place around each row holds of a word, in the order of rows."""
    asked, found = candidates(index, f"{also} {word}")
    number = [term.word for term in asked.terms].index(word)
    return found.held[place][number][np.argsort(found.rows)].tolist()


def test_every_array_has_the_shape_that_it_says(tmp_path):
    asked, found = candidates(searcher(tmp_path), "When did the canal in Egypt open?")
    n, t, longest, alike = len(found), len(asked.terms), len(found.words), found.similarity.shape[1] - 1
    assert n == len(found.rows) == len(found.score)
    assert {values.shape for values in found.fields.values()} == {(n,)}
    assert set(found.best) == set(found.fields)
    assert {name: values.shape for name, values in found.held.items()} == dict.fromkeys(PLACES, (t, n))
    assert {name: values.shape for name, values in found.paired.items()} == dict.fromkeys(
        ["sentence", "paragraph"], (t - 1, n)
    )
    assert found.similarity.shape == (t, alike + 1)
    assert found.words.shape == found.word_idf.shape == found.word_cues.shape == found.place_cues.shape == (longest, n)
    assert found.words.max() == alike
    assert (found.similarity[:, 0] == 0).all()
    assert (found.similarity[:, 1:].max(axis=0) > 0).all()
    for name in ("lengths", "paragraph", "article", "in_paragraph", "in_article"):
        assert getattr(found, name).shape == (n,), name


def test_the_words_of_a_candidate_are_those_of_its_sentence_and_behind_them_nothing(tmp_path):
    _, found = candidates(searcher(tmp_path), "canal 1869")
    first = found.words[:, 0]
    assert found.lengths[0] == 5  # The canal opened in 1869
    assert (first[:5] > 0).tolist() == [False, True, False, False, True]
    assert not first[5:].any()
    assert (found.word_idf[:, 0] > 0).tolist() == [True] * 5 + [False] * (len(first) - 5)
    matches = found.similarity[:, first]
    assert matches[0].tolist()[:5] == [0, 1, 0, 0, 0]
    assert matches[1].tolist()[:5] == [0, 0, 0, 0, 1]
    assert WordClass(int(found.word_cues[4, 0])) == WordClass.NUMBER | WordClass.YEAR
    assert not found.word_cues[5:, 0].any()
    assert not found.place_cues[5:, 0].any()


def test_another_form_of_a_word_is_nearly_the_word_and_another_spelling_less(tmp_path):
    index = searcher(tmp_path, {"a": ("", [["Canals kanal canal towns."]])})
    _, found = candidates(index, "canal")
    # ^k ka an na al l$ and ^c ca an na al l$ share four of six pairs; a likeness is worth nine tenths
    assert found.similarity[0, found.words[:, 0]].tolist() == pytest.approx([SAME_TERM, 0.9 * 8 / 12, 1, 0])


def test_a_shared_start_makes_long_words_relatives(tmp_path):
    _, found = candidates(searcher(tmp_path, {"a": ("", [["Astronomers saw astrology."]])}), "astronomical saw")
    start = 0.55 + 0.3 * 5 / len("astronomical")
    likeness, shared = found.similarity[0, found.words[:, 0]][[0, 2]]
    assert shared == pytest.approx(start)
    assert likeness >= shared


def test_sentence_before_and_after_are_of_the_same_article_also_over_paragraphs(tmp_path):
    index = searcher(tmp_path, BORDERS)
    assert held(index, "berry", "sentence") == [0, 1, 0, 0, 0, 0]
    assert held(index, "berry", "previous") == [0, 0, 1, 0, 0, 0]
    assert held(index, "berry", "next") == [1, 0, 0, 0, 0, 0]
    assert held(index, "grape", "previous")[3] == 0  # the next row, of another article
    assert held(index, "grape", "next")[1] == 1  # over a border of paragraphs
    assert held(index, "date", "next")[2] == 0
    assert held(index, "date", "previous")[4] == 1


def test_the_first_and_the_last_row_have_nothing_before_and_after(tmp_path):
    index = searcher(tmp_path, BORDERS)
    assert held(index, "apple", "previous")[0] == 0
    assert held(index, "fig", "next")[-1] == 0
    assert held(index, "one", "previous", "") == [0, 1, 1, 0, 1, 1]
    assert held(index, "one", "next", "") == [1, 1, 0, 1, 1, 0]


def test_paragraph_title_and_article_are_held_by_their_own_sentences_alone(tmp_path):
    index = searcher(tmp_path, BORDERS)
    assert held(index, "apple", "paragraph") == [1, 1, 0, 0, 0, 0]
    assert held(index, "fig", "paragraph") == [0, 0, 0, 0, 0, 1]
    assert held(index, "apple", "article") == [1, 1, 1, 0, 0, 0]
    assert held(index, "beta", "title") == [0, 0, 0, 1, 1, 1]
    assert held(index, "beta", "article") == [0] * 6
    assert held(index, "beta", "paragraph") == [0] * 6


def test_where_a_candidate_stands_is_counted_in_its_paragraph_and_in_its_article(tmp_path):
    _, found = candidates(searcher(tmp_path, BORDERS), "one")
    order = np.argsort(found.rows)
    assert found.paragraph[order].tolist() == [0, 0, 1, 2, 2, 3]
    assert found.article[order].tolist() == [0, 0, 0, 1, 1, 1]
    assert found.in_paragraph[order].tolist() == [0, 1, 0, 0, 1, 0]
    assert found.in_article[order].tolist() == [0, 1, 2, 0, 1, 2]


def test_of_a_paragraph_longer_than_the_window_only_what_is_near_is_held(tmp_path):
    long = [["Mark here.", *(f"Filler number {n}." for n in range(2 * MAX_PARAGRAPH)), "Goal there."]]
    index = searcher(tmp_path, {"a": ("", long), "b": ("", [["Mark elsewhere."]])})
    near = held(index, "mark", "paragraph", also="filler goal")
    assert near == [1] * (WINDOW + 1) + [0] * (2 * MAX_PARAGRAPH + 1 - WINDOW) + [1]  # the last is of another article
    goal = held(index, "goal", "paragraph", also="filler")
    assert goal == [0] * (2 * MAX_PARAGRAPH) + [1, 1]  # a dozen sentences on, another paragraph begins


def test_neighbours_of_the_question_are_sought_in_the_paragraph_and_not_over_sentences(tmp_path):
    texts = {"a": ("", [["Red house.", "One door."], ["House red.", "Red.", "House."]])}
    asked, found = candidates(searcher(tmp_path, texts), "red house door")
    order = np.argsort(found.rows)
    assert [term.word for term in asked.terms] == ["red", "house", "door"]
    assert found.paired["paragraph"][0, order].tolist() == [1, 1, 0, 0, 0]
    assert found.paired["sentence"][0, order].tolist() == [1, 0, 0, 0, 0]
    assert found.paired["paragraph"][1, order].tolist() == [0, 0, 0, 0, 0]


def test_the_best_of_a_field_is_that_of_any_article_and_else_that_of_the_candidates(tmp_path):
    index = searcher(tmp_path)
    asked, found = candidates(index, "canal sport Uruguay", k=1)
    everywhere = index.scores(asked, np.arange(index.sentences))
    assert index.keys(found.rows) == [(3, 1)]
    assert found.best == pytest.approx(
        {name: values.max() for name, values in (found.fields | {"title": everywhere["title"]}).items()}
    )
    assert found.best["title"] > found.fields["title"].max() == 0


def test_a_store_of_one_sentence_of_one_word_is_collected(tmp_path):
    _, found = candidates(searcher(tmp_path, {"a": ("", [["Canal."]])}), "canal")
    assert (len(found), found.words.shape, found.paired["paragraph"].shape) == (1, (1, 1), (0, 1))
    assert {name: values.tolist() for name, values in found.held.items()} == {
        "sentence": [[1]], "previous": [[0]], "next": [[0]], "section": [[0]], "title": [[0]], "paragraph": [[1]],
        "article": [[1]],
    }  # fmt: skip
    assert found.similarity.tolist() == [[0, 1]]


def test_a_sentence_without_a_word_beside_a_candidate_is_survived(tmp_path):
    texts = {"a": ("Canal", [["...", "Canal.", "!"], ["?"]]), "b": ("", [["-"]])}
    _, found = candidates(searcher(tmp_path, texts), "canal")
    order = np.argsort(found.rows)
    assert found.rows[order].tolist() == [0, 1, 2, 3]  # the title leads to all of the article
    assert found.lengths[order].tolist() == [0, 1, 0, 0]
    assert found.held["sentence"][0, order].tolist() == [0, 1, 0, 0]
    assert found.held["paragraph"][0, order].tolist() == [1, 1, 1, 0]
    assert found.held["next"][0, order].tolist() == [1, 0, 0, 0]


def test_of_a_sentence_too_long_to_look_at_the_start_is_looked_at(tmp_path):
    text = " ".join(["canal", *(f"w{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(2 * MAX_WORDS)), "lagoon"])
    _, found = candidates(searcher(tmp_path, {"a": ("", [[text]])}), "canal lagoon")
    assert found.words.shape == (MAX_WORDS, 1)
    assert found.lengths.tolist() == [MAX_WORDS]
    assert found.held["sentence"][:, 0].tolist() == [1, 0]
    assert found.held["article"][:, 0].tolist() == [1, 1]


def test_how_a_word_stands_comes_with_it(tmp_path):
    texts = {"a": ("", [["They met in Paris for $40."]])}
    _, found = candidates(searcher(tmp_path, texts), "met")
    assert [TokenShape(int(cue)) for cue in found.place_cues[:, 0]] == [
        0, 0, 0, TokenShape.CAPITAL | TokenShape.PLACE, 0, TokenShape.MONEY,
    ]  # fmt: skip


def test_chinese_is_collected_by_pairs_of_characters(tmp_path):
    index = searcher(tmp_path, {"a": ("桥", [["这座桥建于1721年。", "洪水冲走了塔。"]])}, language="zh")
    asked, found = candidates(index, "桥建于哪一年？", language="zh")
    assert found.rows[0] == 0
    assert found.held["sentence"][[term.word for term in asked.terms].index("桥建"), 0] == 1


def test_a_word_guessed_for_another_counts_by_how_near_it_is(tmp_path):
    asked, found = candidates(searcher(tmp_path, CANAL), "Urugauy")
    ((_, nearness),) = asked.terms[0].readings
    assert found.held["article"][0].tolist() == pytest.approx([nearness])
    assert 0.5 < found.held["sentence"][0, 0] < SAME_TERM


TEXTS = CANAL | {
    "long": ("Canals", [["The canal, as ships on it and the lake beside it show, is an old one of 1869.", "Deep."]]),
}


def some(found, part):
    """Return part of what a search has found."""
    return TopHits(
        found.rows[part], found.score[part], {name: of[part] for name, of in found.fields.items()}, found.best
    )


@pytest.mark.parametrize("question", ["When did the canal open?", "canal lakes", "Urugauy", "the lake in 1869"])
@pytest.mark.parametrize("parts", [[slice(0, 1), slice(1, None)], [slice(1, None, 2), slice(0, None, 2)]])
def test_candidates_in_parts_and_joined_have_the_features_of_those_collected_at_once(tmp_path, question, parts):
    index = searcher(tmp_path, TEXTS)
    asked = query(index, question)
    found = index.search(asked, 50)
    joined = join([collect_candidates(index, asked, some(found, part)) for part in parts if len(found.rows[part])])
    whole = collect_candidates(index, asked, found)
    assert joined.rows.tolist() == found.rows.tolist()
    assert joined.best == whole.best
    expected = compute_features(asked, whole)
    for name, values in compute_features(asked, joined).items():
        assert values.tolist() == pytest.approx(expected[name].tolist(), abs=1e-6), name


@pytest.mark.parametrize(
    "question", ["When did the canal open?", "canal lakes", "Urugauy", "the lake in 1869", "Baikal"]
)
def test_candidates_of_several_segments_have_the_features_of_those_of_one(tmp_path, question):
    one = searcher(tmp_path / "one", TEXTS)
    means = one.generation.means
    parts = [versions({name: TEXTS[name]}, first=first) for first, name in enumerate(sorted(TEXTS), 1)]
    segments = [segment for part in parts for segment in builder._new_segment(part, tmp_path / "many", means)[0]]
    many = Searcher(Generation(7, "", means, tuple(map(LiveSegment, segments))))
    assert len(many.segments) == 4
    (asked, expected), (asked_of_many, got) = candidates(one, question), candidates(many, question)
    assert asked_of_many == asked
    assert got.rows.tolist() == expected.rows.tolist()
    for name in ("paragraph", "article", "in_paragraph", "in_article", "lengths", "word_idf"):
        assert getattr(got, name).tolist() == getattr(expected, name).tolist(), name
    of = compute_features(asked, expected)
    for name, values in compute_features(asked, got).items():
        assert values.tolist() == pytest.approx(of[name].tolist(), abs=1e-6), name


def test_one_part_is_joined_to_itself(tmp_path):
    _, found = candidates(searcher(tmp_path), "canal")
    assert join([found]) is found


def test_joined_words_keep_their_likeness_and_short_sentences_end_in_nothing(tmp_path):
    index = searcher(tmp_path, TEXTS)
    _, found = candidates(index, "canal lake")
    one, other = (candidates(index, "canal lake", k=k)[1] for k in (1, 9))
    joined = join([one, other])
    assert len(joined) == 1 + len(other)
    assert len(joined.words) == max(len(one.words), len(other.words)) == joined.lengths.max()
    for number, row in enumerate(joined.rows):
        original = int(np.flatnonzero(found.rows == row)[0])
        expected = found.similarity[:, found.words[:, original]]
        assert joined.similarity[:, joined.words[: expected.shape[1], number]].tolist() == expected.tolist()
        assert not joined.words[joined.lengths[number] :, number].any()
