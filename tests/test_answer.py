from retrieval.asking.answer import RankedSentence, to_hits, to_snippets
from retrieval.asking.highlight import QueryWord
from retrieval.asking.nearest import nearest_titles
from retrieval.index.records import Query, QueryTerm
from retrieval.records import Kind, Sentence, Span, StoredArticle
from retrieval.store.sentence_reader import SentencePlace
from retrieval.text.analyzer import Analyzer

ENGLISH = Analyzer("en")


def ranked(article, text, score, position=1, lead=None):
    stored = StoredArticle(article, article.title(), "en", None, None, None, 21, 900, "2025-01-01T00:00:00Z")
    sentence = Sentence(position, 1, 5, 5 + len(text), Kind.BODY, text)
    return RankedSentence(SentencePlace(stored, sentence, lead), score)


def snippets(*rows, question="", types=frozenset()):
    terms = [
        QueryTerm(token.word, token.term, (), 2.0, 2.0, token.grammar, name=False) for token in ENGLISH.tokens(question)
    ]
    sought = [QueryWord(term, {}) for term in terms if not term.grammar]
    return to_snippets(rows, to_hits(rows), Query(question, "en", tuple(terms), types), sought)


def test_a_hit_says_where_it_stands():
    hit = to_hits([ranked("a", "One.", 2.0, position=9)])[0]
    assert (hit.rank, hit.article, hit.title, hit.position, hit.of, hit.start, hit.end) == (1, "a", "A", 9, 21, 5, 9)


def test_a_hit_brings_the_sentence_that_it_leans_on_as_its_lead():
    before = Span(0, 4, "Ann.")
    assert to_hits([ranked("a", "He fell.", 2.0, lead=before)])[0].lead == before


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
    assert [text[start:end] for start, end in found.matched] == ["Elections", "Iran", "election"]


def test_a_hit_takes_its_lead_along_unless_that_is_shown_itself():
    led = ranked("a", "He won.", 2.0, lead=Span(90, 102, "Rouhani ran."))
    assert to_hits([led])[0].lead == Span(90, 102, "Rouhani ran.")
    assert snippets(led)[0].hit.lead == Span(90, 102, "Rouhani ran.")
    repeated = ranked("a", "He won.", 2.0, lead=Span(5, 17, "Rouhani ran."))
    assert [one.hit.lead for one in snippets(repeated, ranked("a", "Rouhani ran.", 1.9))] == [None, None]


def test_what_is_most_likely_the_answer_is_marked():
    text = "The bridge opened on 12 May 1997."
    found = snippets(ranked("a", text, 1.0), question="When did the bridge open?", types=frozenset({"when"}))[0]
    assert text[slice(*found.focus)] == "12 May 1997"
    assert snippets(ranked("a", text, 1.0), question="Why did the bridge open?")[0].focus is None


def test_nothing_found_gives_no_snippets_and_no_titles():
    assert snippets() == ()
    assert nearest_titles(()) == ()


def test_the_nearest_titles_are_named_once_each():
    rows = [ranked(article, f"{article} {i}.", 1.0) for i in range(2) for article in "abcd"]
    assert nearest_titles(to_hits(rows)) == ("A", "B", "C")


def test_what_is_shown_as_a_trail_is_no_snippet_of_its_own():
    news = ranked("a", "Good news!", 2.0).place
    after = Sentence(2, 1, 5, 17, Kind.BODY, "Rouhani won.")
    announcing = RankedSentence(SentencePlace(news.article, news.sentence, after=after), 2.0)
    assert [one.hit.text for one in snippets(announcing, ranked("a", "Rouhani won.", 1.9))] == ["Good news!"]
