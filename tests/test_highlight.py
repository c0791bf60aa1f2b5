from retrieval.asking.highlight import QueryWord, match_words, matched_spans
from retrieval.index.records import QueryTerm
from retrieval.text.analyzer import analyzer


def sought(*words, language="en", **readings):
    """Look for words; `readings` are likenesses by word that a typed word, the first, was read as."""
    tokens = [next(iter(analyzer(language).tokens(word))) for word in words]
    read = {next(iter(analyzer(language).tokens(word))).term: weight for word, weight in readings.items()}
    return [
        QueryWord(QueryTerm(token.word, token.term, (), 5.0, 5.0, False, False), {} if number else read)
        for number, token in enumerate(tokens)
    ]


def marked(text, words, language="en"):
    tokens = list(analyzer(language).tokens(text))
    return [text[start:end] for start, end in matched_spans(match_words(text, language, tokens, words))]


def test_words_are_marked_in_any_form():
    text = "Elections were held in Iran; the election’s winner..."
    assert marked(text, sought("election", "Iran")) == ["Elections", "Iran", "election"]


def test_what_a_mistyped_word_was_read_as_is_marked():
    assert marked("Tehran has agreed.", sought("Teheran", Tehran=0.7)) == ["Tehran"]
    assert marked("The river is long.", sought("Teheran", Tehran=0.7)) == []


def test_a_word_that_looks_alike_is_marked_where_the_sentence_holds_no_better_one():
    assert marked("The road to Tehran is long.", sought("Teheran")) == ["Tehran"]
    assert marked("Teheran is Tehran.", sought("Teheran")) == ["Teheran"]
    assert marked("The precedent was set.", sought("president")) == []
    assert marked("It is 1998.", sought("1997")) == []


def test_a_guess_is_a_word_that_no_article_holds():
    assert sought("Teheran", Tehran=0.7)[0].is_guess
    assert not sought("Tehran", Tehran=1.0)[0].is_guess
    assert not sought("qwzx")[0].is_guess


def test_pairs_of_characters_that_overlap_are_marked_as_one():
    words = sought("加加", "加林", language="zh")
    assert marked("宇航员加加林进入太空", words, "zh") == ["加加林"]
