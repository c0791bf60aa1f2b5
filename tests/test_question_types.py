import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import retrieval
from retrieval.ranking.question_types import TYPES, question_types
from retrieval.text.analyzer import analyzer

LISTS = sorted((Path(retrieval.__file__).parent / "text" / "wordlists").glob("??.json"))


def types(question, language):
    return question_types(question, language, [token.word for token in analyzer(language).tokens(question)])


@pytest.mark.parametrize(
    ("kind", "language", "question"),
    [
        ("who", "en", "Who built the bridge?"),
        ("who", "ru", "Кто построил мост?"),
        ("who", "ar", "من هو قائد الرحلة؟"),
        ("who", "de", "Wer hat die Brücke gebaut?"),
        ("who", "es", "¿Quién construyó el puente?"),
        ("who", "fr", "Qui a construit le pont ?"),
        ("who", "zh", "谁建了这座桥？"),
        ("when", "en", "WHEN did it open"),
        ("when", "ru", "Когда открылся мост?"),
        ("when", "ar", "متى افتتح الجسر؟"),
        ("when", "de", "Wann wurde sie eröffnet?"),
        ("when", "es", "¿Cuándo se abrió?"),
        ("when", "he", "מתי נפתח הגשר?"),
        ("when", "vi", "Cây cầu được khánh thành khi nào?"),
        ("when", "zh", "桥什么时候开放？"),
        ("year", "en", "In what year was it built?"),
        ("year", "ru", "В каком году его построили?"),
        ("year", "de", "In welchem Jahr war das?"),
        ("year", "es", "¿En qué año se construyó?"),
        ("year", "fa", "در چه سالی ساخته شد؟"),
        ("where", "en", "Where is the bridge?"),
        ("where", "en", "In which city does it stand?"),
        ("where", "ru", "Где стоит мост?"),
        ("where", "ar", "أين يقع الجسر؟"),
        ("where", "tr", "Köprü nerede?"),
        ("where", "el", "Πού βρίσκεται η γέφυρα;"),
        ("where", "zh", "桥在哪里？"),
        ("how_many", "en", "How many arches has it?"),
        ("how_many", "ru", "Сколько у него арок?"),
        ("how_many", "ar", "كم عدد الأقواس؟"),
        ("how_many", "de", "Wie viele Bögen hat sie?"),
        ("how_many", "es", "¿Cuántos arcos tiene?"),
        ("how_many", "ro", "Câte arcuri are podul?"),
        ("how_many", "hi", "पुल में कितने मेहराब हैं?"),
        ("amount", "en", "How long is the bridge?"),
        ("amount", "en", "What is the population of the town?"),
        ("amount", "de", "Wie hoch ist der Turm?"),
        ("why", "en", "Why was it closed?"),
        ("why", "ru", "Почему его закрыли?"),
        ("why", "ar", "لماذا أغلق الجسر؟"),
        ("why", "es", "¿Por qué se cerró?"),
        ("why", "de", "Warum wurde sie geschlossen?"),
        ("why", "zh", "桥为什么关闭？"),
        ("how", "en", "How was it built?"),
        ("how", "ru", "Как его построили?"),
        ("how", "de", "Wie wurde sie gebaut?"),
        ("which", "en", "Which bridge is older?"),
        ("which", "de", "Welche Brücke ist älter?"),
        ("what", "en", "What did the flood take?"),
        ("what", "es", "¿Qué se llevó la riada?"),
        ("define", "en", "What is an arch?"),
        ("define", "ru", "Что такое арка?"),
        ("yes_no", "en", "Did it fall?"),
        ("yes_no", "ar", "هل سقط الجسر؟"),
        ("yes_no", "fr", "Est-ce que le pont est tombé ?"),
        ("name", "en", "What is the river called?"),
        ("name", "de", "Wie heißt der Fluss?"),
        ("person", "en", "Which king crossed it first?"),
        ("person", "es", "¿Qué rey lo cruzó?"),
    ],
)  # fmt: skip
def test_a_question_is_known_by_its_words(kind, language, question):
    assert kind in types(question, language)


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        ("how", "How many arches has it?"),
        ("how", "How long is it?"),
        ("how_many", "How much is it?"),
        ("when", "Whenever it rains the river rises"),
        ("who", "The whole bridge fell"),
        ("define", "What is the longest bridge that was built before the war?"),
        ("yes_no", "What did it cost?"),
        ("year", "How many years did it stand?"),
    ],
)
def test_a_question_of_like_words_asks_for_something_else(kind, question):
    assert kind not in types(question, "en")


def test_a_question_may_be_of_several_types():
    assert types("In which year did the king die?", "en") == {"which", "year"}
    assert types("Who is the author of the plan?", "en") == {"who"}
    assert types("How many arches", "en") == {"how_many"}


def test_what_fits_no_pattern_is_other():
    assert types("bridge arches", "en") == {"other"}
    assert types("", "en") == {"other"}
    assert types("Who?", "und") == {"other"}


def test_marks_and_spaces_at_the_end_of_a_chinese_question_do_not_hide_its_type():
    for end in ("", "？", "?", "。 ", "？ ！"):
        assert "define" in types(f"拱是什么{end}", "zh")
    assert "define" not in types("拱叫什么名字", "zh")


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_language_knows_the_main_types_and_only_known_ones(path):
    patterns = json.loads(path.read_text(encoding="utf-8"))["question_types"]
    assert set(patterns) <= set(TYPES) - {"other"}
    assert set(patterns) >= {"who", "when", "where", "how_many", "why", "how", "what", "define"}
    for pattern in patterns.values():
        re.compile(pattern)
        assert not re.search(pattern, "  "), "it fits a question without words"


@given(st.text(max_size=60), st.sampled_from([*(path.stem for path in LISTS), "und"]))
def test_any_text_asks_for_something_known(text, language):
    found = types(text, language)
    assert found
    assert found <= set(TYPES)
    assert "other" not in found or len(found) == 1
