import pytest

from retrieval.asking.answer_span import find_answer_span
from retrieval.asking.highlight import QueryWord, match_words
from retrieval.index.records import Query, QueryTerm
from retrieval.ranking.question_types import question_types
from retrieval.text.analyzer import analyzer


def focus(question, text, language="en", article_language=None):
    tokens = list(analyzer(language).tokens(question))
    terms = {
        token.term: QueryTerm(
            token.word, token.term, (), 5.0, 5.0, token.grammar, number > 0 and question[token.start].isupper()
        )
        for number, token in enumerate(tokens)
    }
    types = question_types(question, language, [token.word for token in tokens])
    sought = [QueryWord(term, {term.term: 1.0}) for term in terms.values() if not term.grammar]
    answer_language = article_language or language
    matched = match_words(text, answer_language, list(analyzer(answer_language).tokens(text)), sought)
    found = find_answer_span(Query(question, language, tuple(terms.values()), types), matched)
    return None if found is None else text[slice(*found)]


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("When did the bridge open?", "The bridge opened on 12 May 1997 with 500 guests.", "12 May 1997"),
        ("In what year did the bridge open?", "The bridge opened in May 1997.", "May 1997"),
        (
            "How many users does the service have?",
            "In 2012 the service had about 500 million users.",
            "about 500 million",
        ),
        ("How much did the company pay?", "The company paid $3.5 million in 2012.", "$3.5 million"),
        ("Who won the election in Iran?", "The election in Iran was won by Hassan Rouhani.", "Hassan Rouhani"),
        ("Who is Iran's reelected president?", "Iran's president Hassan Rouhani was reelected.", "Hassan Rouhani"),
        ("Where did Trump address the Muslim leaders?", "Trump addressed the Muslim leaders in Riyadh.", "Riyadh"),
    ],
)
def test_the_focus_is_what_the_question_asks_for(question, text, answer):
    assert focus(question, text) == answer


@pytest.mark.parametrize(
    ("language", "question", "text", "answer"),
    [
        ("ru", "Когда Гагарин полетел в космос?", "Гагарин полетел в космос 12 апреля 1961 года.", "12 апреля 1961"),
        ("de", "Wann fuhr Bertha Benz los?", "Bertha Benz fuhr im August 1888 los.", "August 1888"),
        ("es", "¿Cuándo nació el autor?", "El autor nació el 12 de mayo de 1997.", "12 de mayo de 1997"),
        ("ar", "متى افتتحت القناة؟", "افتتحت القناة عام 1869 للسفن.", "1869"),
        ("zh", "加加林什么时候进入太空？", "加加林于1961年4月12日进入太空。", "1961年4月12日"),
    ],
)
def test_the_focus_is_found_in_other_languages(language, question, text, answer):
    assert focus(question, text, language) == answer


def test_of_several_the_nearest_to_the_words_of_the_question_is_the_focus():
    text = "The tower was begun in 1911 by a rich merchant from a village far away, and the bridge was opened in 1997."
    assert focus("When was the bridge opened?", text) == "1997"
    assert focus("When was the tower begun?", text) == "1911"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Why did the bridge close in spring?", "The bridge closed in 1997 because of rust."),
        ("Did the bridge open in spring?", "The bridge opened on 12 May 1997."),
        ("How does the bridge open?", "The bridge opened on 12 May 1997."),
        ("What happened when the bridge opened?", "When the bridge opened in 1997, bands played."),
        ("Who was Hassan Rouhani?", "Hassan Rouhani was a pupil of Ali Khamenei."),
        ("When did the bridge open?", "The bridge opened in spring."),
        ("When in 1997 did the bridge open?", "In 1997 the bridge opened."),
        ("Who was there?", "Rouhani, Raisi, Haniyeh and Trump were there."),
        ("What happened in what year 1992?", "It grew in 1992 and in 1969."),
        ("the bridge", "The bridge opened on 12 May 1997."),
        ("When?", "On 12 May 1997."),
        ("When did it open?", ""),
    ],
)
def test_there_is_no_focus_where_that_is_unsure(question, text):
    assert focus(question, text) is None
