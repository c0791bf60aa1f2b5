"""Arrays of tokens say the same of every word as the analyzer."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from small_index import CANAL, versions

from retrieval.index import tokens as module
from retrieval.index.tokens import TokenCollector
from retrieval.records import Article, Kind, Sentence, Version
from retrieval.text.analyzer import Analyzer
from retrieval.text.lexicon import token_shapes, word_classes

LANGUAGES = ["en", "ar", "de", "fa", "hi", "ru", "th", "tr", "vi", "zh", "und"]
# Letters of many scripts, and what matters for cues, apostrophes, numbers and the split at white space.
LETTERS = "aBsS İß" + "'’\"“”.,;:!?%٪$€ \t\n\u00a0\0\1\x1c0159²½٣๑é\u0301\u00ad\u200cйلक्北京ก-_/…"
TEXTS = st.lists(st.text(max_size=30) | st.text(st.sampled_from(LETTERS), max_size=30), max_size=5)


def version(texts, language="en", title="", row=1):
    sentences = tuple(Sentence(n, 1, 0, len(text), Kind.BODY, text) for n, text in enumerate(texts, 1))
    return Version(row, Article("a", title, "\n".join(texts), language), sentences)


def taken(*added):
    rows = TokenCollector()
    for one in added:
        rows.add(one)
    return rows.take()


def spelled(chunk):
    """Return the words of each sentence: letters, term, WordCue bits and PlaceCue bits."""
    words = zip(chunk.words, chunk.cues, strict=True)
    flat = [(chunk.letters[w], int(chunk.term[w]), int(chunk.word_cues[w]), int(cue)) for w, cue in words]
    return [flat[start:end] for start, end in zip(chunk.at[:-1], chunk.at[1:], strict=True)]


def analyzed(text, language):
    tokens = list(Analyzer(language).tokens(text))
    words = [word_classes(token.word, language) for token in tokens]
    places = token_shapes(text, tokens, words)
    return [(t.word, t.term, word, place) for t, word, place in zip(tokens, words, places, strict=True)]


@given(TEXTS, st.sampled_from(LANGUAGES))
@example(["It cost 40 % of $5.", "% and 40", "40"], "en")
@example(["The election's winners’ S", "s", "'s it"], "en")
@example(["40  %", "40\u00a0%", "40 ٪%", "40\0%", "\0", " \0 % "], "en")
@example(
    ["北京大学是1898年成立的，位于北京市海淀区颐和园路，是中国著名大学之一，现有教师三千人，学生四万人", "人"], "zh"
)
@example(["In Paris", "Paris"], "en")
def test_any_text_is_analyzed_as_the_analyzer_does(texts, language):
    assert spelled(taken(version(texts, language))) == [analyzed(text, language) for text in texts]


@given(TEXTS, st.integers(1, 40))
@example(["a well-known hill", "a well-known lake", "not well-known"], 1)
def test_how_much_is_analyzed_at_once_changes_nothing(texts, batch):
    whole = spelled(taken(version(texts)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BATCH", batch)
        assert spelled(taken(version(texts))) == whole


def test_articles_of_several_languages_keep_their_own_words_and_order():
    chunk = taken(version(["Die Wahl"], "de"), version(["the die is cast"], "en"), version(["Die Wahl"], "de"))
    german, english = analyzed("Die Wahl", "de"), analyzed("the die is cast", "en")
    assert spelled(chunk) == [german, english, german]
    assert chunk.languages == {"de": 2, "en": 1}


def test_positions_paragraphs_articles_and_titles_are_numbered():
    chunk = taken(*versions(CANAL))  # canal, lake, sport: 3, 3 and 1 sentences
    assert chunk.position.tolist() == [1, 2, 3, 1, 2, 3, 1]
    assert chunk.paragraph.tolist() == [0, 0, 1, 2, 2, 3, 4]
    assert chunk.article.tolist() == [0, 0, 1, 1, 2]
    assert chunk.version.tolist() == [1, 2, 3]
    assert chunk.title_at.tolist() == [0, 2, 3, 3]
    assert [chunk.letters[word] for word in chunk.title_words] == ["suez", "canal", "baikal"]


def test_only_what_can_answer_has_rows():
    chunk = taken(*versions(CANAL, Kind.CAPTION))
    assert (len(chunk.position), len(chunk.words), chunk.at.tolist()) == (0, 0, [0])
    assert len(chunk.version) == 3


def test_each_word_is_numbered_once_those_in_sentences_before_those_in_titles_only():
    chunk = taken(version(["The canal is deep."], title="Suez canal"))
    assert set(chunk.letters[: int(chunk.words.max()) + 1]) == {"the", "canal", "is", "deep"}
    assert chunk.letters[int(chunk.words.max()) + 1 :] == ["suez"]
    keys = list(zip(chunk.letters, chunk.term.tolist(), strict=True))
    assert len(set(keys)) == len(keys) == len(chunk.word_cues)


@pytest.mark.parametrize("most", [0, 1_000_000])
def test_a_second_chunk_starts_again_whether_or_not_words_are_remembered(monkeypatch, most):
    monkeypatch.setattr(module, "MAX_FORMS", most)
    rows = TokenCollector()
    rows.add(version(["The canal is deep.", "Ships pay."], title="Suez"))
    assert len(rows) == 2
    rows.take()
    assert len(rows) == 0
    rows.add(version(["Ships wait."], row=7))
    chunk = rows.take()
    assert spelled(chunk) == [analyzed("Ships wait.", "en")]
    assert sorted(chunk.letters) == ["ships", "wait"]
    assert (chunk.version.tolist(), chunk.article.tolist(), chunk.paragraph.tolist()) == ([7], [0], [0])


def test_no_articles_give_empty_arrays_of_the_right_types():
    chunk = taken()
    assert (chunk.at.tolist(), chunk.title_at.tolist(), chunk.letters) == ([0], [0], [])
    kinds = (chunk.words, chunk.cues, chunk.at, chunk.term, chunk.word_cues, chunk.version)
    assert [array.dtype for array in kinds] == [np.int32, np.uint8, np.int64, np.uint32, np.uint16, np.int64]
