import pytest
from small_index import candidates, query, searcher

from retrieval.index.query_reader import QueryReader

ENGLISH = {
    "canal": ("Suez Canal", [["The canal of Suez was opened in 1869."], ["Ships pay money to pass."]]),
    "space": ("", [["Gagarin was the first man in space."], ["His heart beat fast."]]),
}
RUSSIAN = {
    "gagarin": ("", [["Гагарин полетел в космос."], ["Сердце билось быстро."]]),
    "canal": ("", [["Корабли платят деньги."]]),
}


def read_as(index, text, language):
    """Return the words that the last word of a question is read as."""
    term, vocabulary = query(index, text, language).terms[-1], index.segments[0].vocabulary
    wanted = [reading for reading, _ in term.readings]
    return {
        vocabulary.spelling(word)
        for word, column in enumerate(vocabulary.columns)
        if vocabulary.terms[column] in wanted
    }


@pytest.mark.parametrize(
    ("word", "language", "found"),
    [
        ("Гагарина", "ru", "gagarin"), ("غاغارين", "ar", "gagarin"), ("גגרין", "he", "gagarin"),
        ("السويس", "ar", "suez"), ("деньги", "ru", "money"), ("сердце", "ru", "heart"), ("قناة", "ar", "canal"),
    ],
)  # fmt: skip
def test_an_unknown_word_is_read_as_words_of_other_languages(tmp_path, word, language, found):
    index = searcher(tmp_path, ENGLISH)
    assert found in read_as(index, f"1 {word}", language)
    term = query(index, f"1 {word}", language).terms[-1]
    assert term.foreign
    assert term.is_unknown


def test_names_and_words_in_latin_letters_are_found_in_cyrillic(tmp_path):
    index = searcher(tmp_path, RUSSIAN, language="ru")
    assert "гагарин" in read_as(index, "Gagarin", "en")
    assert "деньги" in read_as(index, "money", "en")
    asked, found = candidates(index, "Where did Gagarin fly?", language="en")
    assert asked.terms[2].foreign
    assert found.held["sentence"][2, 0] > 0.9


def test_a_question_in_the_language_of_all_articles_is_read_as_before(tmp_path):
    index = searcher(tmp_path, ENGLISH)
    assert query(index, "Гагарин", "en").terms[0].readings == ()
    assert not any(term.foreign for term in query(index, "What is the price of coffee in Suez?").terms)


def test_where_most_words_are_known_only_names_are_looked_for_in_other_languages(tmp_path):
    both = searcher(tmp_path, ENGLISH)
    both.reader = QueryReader(both.segments, ("en", "ru"), both.sentences)  # as if an article were in Russian
    few = query(both, "Was деньги the first man in space?", "ru")
    assert not any(term.foreign for term in few.terms)
    assert query(both, "Was Гагарин the first man in space?", "ru").terms[1].foreign


def test_a_common_word_is_no_name(tmp_path):
    index = searcher(tmp_path, {"well": ("", [["All is well with the will."]])})
    assert query(index, "вилл", "ru").terms[0].readings == ()


def test_a_word_without_a_capital_that_its_language_has_is_no_name(tmp_path):
    index = searcher(tmp_path, {"moon": ("", [["Мунс пришёл домой."]])}, language="ru")
    assert query(index, "Who is Moons?", "en").terms[-1].foreign
    assert not query(index, "who has moons?", "en").terms[-1].foreign
