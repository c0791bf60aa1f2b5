from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.asking.entities import find_entities
from retrieval.text.analyzer import analyzer


def mentions(text, language="en"):
    found = find_entities(text, list(analyzer(language).tokens(text)), language)
    return [(mention.kind.value, text[slice(*mention.span)]) for mention in found]


@pytest.mark.parametrize(
    ("language", "text", "date"),
    [
        ("en", "It opened on 12 May 1997 at noon.", "12 May 1997"),
        ("en", "It opened on May 12, 1997, at noon.", "May 12, 1997"),
        ("en", "It opened on the 2nd of May.", "2nd of May"),
        ("en", "It opened in May 1997.", "May 1997"),
        ("en", "The 1930s were hard.", "1930s"),
        ("en", "It began in the 19th century.", "19th century"),
        ("en", "It lasted from 1914–1918 only.", "1914–1918"),
        ("en", "He died in 486 BCE.", "486 BCE"),
        ("de", "Am 3. Mai 1888 fuhr sie.", "3. Mai 1888"),
        ("es", "El 12 de mayo de 1997 nació.", "12 de mayo de 1997"),
        ("ru", "Это было 12 апреля 1961 года.", "12 апреля 1961"),
        ("ru", "Это было в 19 веке.", "19 веке"),
        ("ar", "خرج في يونيو سنة 1325 قاصدا الحج.", "يونيو سنة 1325"),
        ("zh", "他于1961年4月12日进入太空。", "1961年4月12日"),
    ],
)
def test_a_date_is_whole(language, text, date):
    assert [words for kind, words in mentions(text, language) if kind == "date"] == [date]


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [
        ("en", "It has about 500 million users.", "about 500 million"),
        ("en", "She paid $3.5 million for it.", "$3.5 million"),
        ("en", "She paid US$3.5 billion for it.", "US$3.5 billion"),
        ("en", "It rose by 7.8% this year.", "7.8%"),
        ("en", "It rose by 57 percent in spring.", "57 percent"),
        ("en", "It is 2,749 metres high.", "2,749 metres"),
        ("en", "An octopus has three hearts.", "three"),
        ("en", "It holds 1,997 books.", "1,997"),
        ("ru", "За него было 57 процентов.", "57 процентов"),
    ],
)
def test_a_number_is_whole(language, text, number):
    assert mentions(text, language) == [("number", number)]


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("en", "Yesterday President Hassan Rouhani won.", ["Yesterday President Hassan Rouhani"]),
        ("en", "The winner is Norman L. Johnson.", ["Norman L. Johnson"]),
        (
            "en",
            "The University of California won, Bernie O'Brien said.",
            ["University of California", "Bernie O'Brien"],
        ),
        ("en", "The report of The Sunday Times came.", ["Sunday Times"]),
        ("en", "It may rain in New York, Boston and Salem.", ["New York", "Boston", "Salem"]),
        ("es", "El autor es Juan de la Cruz.", ["Juan de la Cruz"]),
        ("ru", "Победил Хасан Рухани.", ["Победил Хасан Рухани"]),
    ],
)
def test_a_name_is_whole(language, text, names):
    assert [words for kind, words in mentions(text, language) if kind == "name"] == names


def test_a_language_whose_nouns_or_whose_script_have_no_telling_capitals_has_no_names():
    assert mentions("Der Bürgermeister kam nach Wiesloch.", "de") == []
    assert mentions("قال باراك أوباما في NASA إن الدعم سيعود.", "ar") == []


@given(st.text(), st.sampled_from(["en", "de", "zh", "ar", "vi"]))
def test_mentions_stand_in_order_and_never_overlap(text, language):
    tokens = list(analyzer(language).tokens(text))
    found = find_entities(text, tokens, language)
    for mention in found:
        assert 0 <= mention.first < mention.last <= len(tokens)
        assert 0 <= mention.start < mention.end <= len(text)
    for one, other in pairwise(found):
        assert one.end <= other.start


def test_an_ordinal_is_no_number_but_makes_a_century():
    assert mentions("The third heart beats on the 2nd floor.") == []
    assert mentions("It was the first century.") == [("date", "first century")]
