from dataclasses import replace

import pytest

from retrieval.asking.leads import find_lead, needs_lead, without_repeated_leads
from retrieval.records import Hit, Kind, Sentence, Snippet, Span, StoredArticle
from retrieval.store.sentence_reader import SentencePlace
from retrieval.text.analyzer import analyzer


def tokens_of(text, language="en"):
    return list(analyzer(language).tokens(text))


def leans(text, language):
    return needs_lead(text, language, tokens_of(text, language))


def a_hit(text="He won.", article="a", start=50, lead=None):
    return Hit(1, 1.0, article, "", None, None, start, start + len(text), 2, 9, text, lead)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "He defeated Ebrahim Raisi."),
        ("en", "These words were not forgotten."),
        ("en", "However, Tehran did not pay."),
        ("en", "As a result the talks ended."),
        ("en", "In 1997 he moved to Gaza."),
        ("en", "At the same time the money stopped."),
        ("en", "“We will not recognise anyone,” he said."),
        ("en", "“Not today,” said he."),
        ("en", 'The money will come back," the minister said.'),
        ("de", "Er gewann die Wahl."),
        ("de", "Danach fuhr sie weiter."),
        ("ru", "Он победил на выборах."),
        ("ru", "В 1961 году он полетел в космос."),
        ("ru", "Кроме того, деньги кончились."),
        ("ru", "«Поехали!» — сказал он."),
        ("es", "Sin embargo, ganó Uruguay."),
        ("fr", "Elle était reine."),
        ("ro", "Acesta a câștigat."),
        ("tr", "Bu nehir uzundur."),
        ("el", "Αυτός νίκησε."),
        ("hi", "उन्होंने चुनाव जीता।"),
        ("ar", "وأضاف أن الدعم سيعود."),
        ("fa", "او در تهران زندگی می‌کند."),
        ("he", "הוא ניצח בבחירות."),
        ("vi", "Tuy nhiên, đội đã thắng."),
        ("zh", "他于1961年进入太空。"),
    ],
)
def test_a_sentence_that_points_back_leans(language, text):
    assert leans(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Rouhani defeated Ebrahim Raisi."),
        ("en", "The king lost the crown that he had won."),
        ("en", "When Iran paid, it paid in cash."),
        ("en", "“We will come back,” the minister said."),
        ("en", "The “new” money is old."),
        ("en", "In 1997 Hamas was listed."),
        ("de", "Es gibt einen Tisch."),
        ("de", "Im „Haus der Kunst“ hängt das Bild."),
        ("ru", "Гагарин сказал, что он готов."),
        ("es", "El río es largo."),
        ("zh", "加加林于1961年进入太空。"),
        ("en", "In 1997 and in 1998 he won."),  # too far from the start
        ("xx", "He wrote it."),
        ("ja", "彼は1961年に宇宙へ行った。"),  # no words of it are listed
        ("en", ""),
        ("zh", ""),
    ],
)
def test_a_sentence_that_stands_alone_does_not(language, text):
    assert not leans(text, language)


STORED = StoredArticle("a", "Iran", "en", None, None, None, 9, 900, "2025-01-01T00:00:00Z")
BEFORE = Span(20, 32, "Rouhani ran.")


@pytest.mark.parametrize(
    ("text", "before", "lead"),
    [("He won.", BEFORE, BEFORE), ("He won.", None, None), ("Rouhani won.", BEFORE, None)],
)
def test_a_lead_is_the_sentence_before_one_that_leans(text, before, lead):
    place = SentencePlace(STORED, Sentence(3, 2, 50, 50 + len(text), Kind.BODY, text), before)
    assert find_lead(place, tokens_of(text)) == lead


def test_a_lead_that_is_itself_shown_is_not_repeated():
    led = Snippet(a_hit(lead=Span(20, 32, "Rouhani ran.")), matched=())
    before = a_hit("Rouhani ran.", start=20)
    assert without_repeated_leads([led]) == (led,)
    assert without_repeated_leads([led], [a_hit("Rouhani ran.", article="b", start=20)]) == (led,)
    assert [one.hit.lead for one in without_repeated_leads([led, Snippet(before, matched=())])] == [None, None]
    assert [one.hit.lead for one in without_repeated_leads([led], [before])] == [None]


def test_an_introduction_that_is_shown_anyway_is_left_out_and_a_table_keeps_its_header():
    intro, header = Span(10, 20, "We need:"), Span(30, 40, "| a | b |")
    item = replace(a_hit("- a lamp"), intro=intro)
    row = replace(a_hit("| c | d |", start=80), intro=header)
    sentence = a_hit("We need:", start=10)
    kept = without_repeated_leads([Snippet(one, ()) for one in (item, row, sentence)])
    assert [snippet.hit.intro for snippet in kept] == [None, header, None]
    assert without_repeated_leads([Snippet(item, ())], [sentence])[0].hit.intro is None
    assert without_repeated_leads([Snippet(item, ())])[0].hit == item
