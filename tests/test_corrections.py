import pytest

from retrieval.asking.answer import RankedSentence
from retrieval.asking.corrections import find_corrections
from retrieval.asking.highlight import QueryWord
from retrieval.index.records import QueryTerm
from retrieval.records import NO_SURROUNDINGS, Correction, Kind, Sentence, Span, StoredArticle, Surroundings
from retrieval.store.sentence_reader import SentencePlace
from retrieval.text.analyzer import analyzer


def corrections(question, text, likes, language="en", *, title="", lead=None, around=NO_SURROUNDINGS):
    """Correct a question whose unknown words were read as the words in `likes`."""
    analyse = analyzer(language).tokens
    tokens = list(analyse(question))
    sought = []
    for token in tokens:
        like = likes.get(question[token.start : token.end])
        readings = {next(iter(analyse(like))).term: 0.6} if like else {token.term: 1.0}
        sought.append(QueryWord(QueryTerm(token.word, token.term, (), 5.0, 5.0, token.grammar, False), readings))
    stored = StoredArticle("a", title, language, None, None, None, 9, 900, "2025-01-01T00:00:00Z")
    place = SentencePlace(stored, Sentence(1, 1, 0, len(text), Kind.BODY, text), lead, around)
    return find_corrections(question, tokens, sought, RankedSentence(place, 1.0))


def test_a_word_that_no_article_holds_is_told_with_the_word_it_was_read_as():
    found = corrections("Who is expected in Teheran?", "Haniyeh is expected in Tehran soon.", {"Teheran": "Tehran"})
    assert found == (Correction("Teheran", "Tehran"),)


def test_several_are_told_in_the_order_of_the_question():
    found = corrections("Is Haniya in Teheran?", "In Tehran is Haniyeh.", {"Teheran": "Tehran", "Haniya": "Haniyeh"})
    assert [one.typed for one in found] == ["Haniya", "Teheran"]


def test_title_lead_and_surroundings_count_as_shown_and_other_sentences_do_not():
    likes = {"Teheran": "Tehran"}
    assert corrections("In Teheran?", "It rained.", likes, title="Rain in Tehran")
    assert corrections("In Teheran?", "It rained.", likes, lead=Span(0, 13, "Tehran is wet"))
    assert corrections("In Teheran?", "It rained.", likes, around=Surroundings(("Asia", "Tehran")))
    assert corrections("In Teheran?", "It rained.", likes, around=Surroundings(header=Span(0, 10, "| Tehran |")))
    assert corrections("In Teheran?", "It rained.", likes) == ()


def test_the_likest_of_several_readings_is_told():
    found = corrections("Who leads Tehram?", "Two Tehrans are in Tehran.", {"Tehram": "Tehran"})
    assert [one.read_as for one in found] == ["Tehran"]


@pytest.mark.parametrize(
    ("language", "typed", "read"),
    [
        ("en", "Haniya", "Haniyeh"),
        ("en", "defenes", "defense"),
        ("es", "Gagarim", "Gagarin"),
        ("de", "Elisabeth", "Elizabeth"),
        ("ru", "Тигеран", "Тегеран"),
        ("ar", "وهينريش", "وهيريش"),
        ("tr", "ruhasl", "ruhsal"),
    ],
)
def test_a_slip_or_another_spelling_is_told(language, typed, read):
    assert corrections(typed, read, {typed: read}, language) == (Correction(typed, read),)


@pytest.mark.parametrize(
    ("language", "typed", "read"),
    [
        ("ru", "суперкубок", "суперкубка"),
        ("ru", "побил", "победил"),
        ("de", "registrieren", "registrierte"),
        ("ar", "لمتحف", "المتحف"),
        ("en", "starter", "starts"),
        ("en", "river", "river"),
    ],
)
def test_another_form_or_another_word_is_not(language, typed, read):
    assert corrections(typed, read, {typed: read}, language) == ()
