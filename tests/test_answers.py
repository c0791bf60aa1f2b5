from retrieval.analysis import Analyzer
from retrieval.answers import Ranked, nearest_titles, to_hits, to_snippets
from retrieval.records import Kind, Place, Sentence, StoredArticle

ENGLISH = Analyzer("en")


def ranked(article, text, score, position=1):
    stored = StoredArticle(article, article.title(), "en", None, None, None, 21, 900, "2025-01-01T00:00:00Z")
    return Ranked(Place(stored, Sentence(position, 1, 5, 5 + len(text), Kind.BODY, text)), score)


def snippets(*rows, question=""):
    return to_snippets(to_hits(rows), set(ENGLISH.terms(question)), ENGLISH)


def test_a_hit_says_where_it_stands():
    hit = to_hits([ranked("a", "One.", 2.0, position=9)])[0]
    assert (hit.rank, hit.article, hit.title, hit.position, hit.of, hit.start, hit.end) == (1, "a", "A", 9, 21, 5, 9)


def test_at_most_three_snippets_are_shown():
    assert len(snippets(*(ranked("a", f"Number {i}.", 2.0) for i in range(9)))) == 3


def test_the_same_sentence_in_two_articles_is_one_snippet_that_names_both():
    found = snippets(ranked("a", "It  rained.", 2.0), ranked("b", "it rained.", 2.0), ranked("c", "It snowed.", 1.9))
    assert [(s.hit.article, [t.article for t in s.twins]) for s in found] == [("a", ["b"]), ("c", [])]


def test_a_sentence_far_behind_the_first_is_not_shown():
    assert [s.hit.text for s in snippets(ranked("a", "Near.", 10.0), ranked("a", "Far.", 5.0))] == ["Near."]


def test_matched_words_are_marked_in_any_form():
    text = "Elections were held in Iran; the election’s winner..."
    found = snippets(ranked("a", text, 1.0), question="election Iran")[0]
    assert [text[start:end] for start, end in found.matched] == ["Elections", "Iran", "election’s"]


def test_nothing_found_gives_no_snippets_and_no_titles():
    assert snippets() == ()
    assert nearest_titles(()) == ()


def test_the_nearest_titles_are_named_once_each():
    rows = [ranked(article, f"{article} {i}.", 1.0) for i in range(2) for article in "abcd"]
    assert nearest_titles(to_hits(rows)) == ("A", "B", "C")
