import json
from pathlib import Path

import pytest

import retrieval
from retrieval.text.languages import UNKNOWN, detect_article_language, detect_question_language, function_words

WORD_LISTS = Path(retrieval.__file__).parent / "text" / "wordlists"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("When did the Suez Canal open?", "en"),
        ("Когда открыли Суэцкий канал?", "ru"),
        ("Коли відкрили Суецький канал і хто це?", "uk"),
        ("متى افتتحت قناة السويس؟", "ar"),
        ("کانال سوئز چه سالی افتتاح شد؟", "fa"),
        ("מתי נפתחה תעלת סואץ?", "he"),
        ("¿Cuándo se abrió el canal de Suez?", "es"),
        ("Quand le canal de Suez a-t-il été ouvert ?", "fr"),
        ("Wann wurde der Suezkanal eröffnet?", "de"),
        ("Când a fost deschis Canalul Suez?", "ro"),
        ("Süveyş Kanalı ne zaman açıldı?", "tr"),
        ("Πότε άνοιξε η διώρυγα του Σουέζ;", "el"),
        ("स्वेज नहर कब खोली गई थी?", "hi"),
        ("Kênh đào Suez được mở khi nào?", "vi"),
        ("苏伊士运河是什么时候开通的?", "zh"),
    ],
)
def test_a_question_tells_its_language_by_script_and_function_words(question, language):
    assert detect_question_language(question) == language
    assert detect_question_language(question, ["en", "ru", "ar"]) == language


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("怎么用Docker启动", "zh"),
        ("需要什么Python版本", "zh"),
        ("Docker Compose не работает", "ru"),
        ("What does 北京大学 mean?", "en"),
        ("Docker Compose", "en"),
    ],
)
def test_names_in_latin_letters_do_not_make_a_question_one_in_another_language(question, language):
    assert detect_question_language(question, ["en", "zh"]) == language


def test_a_question_that_does_not_tell_is_in_the_stores_commonest_language_of_its_script():
    assert detect_question_language("Suez 1869", ["ru", "de", "en"]) == "de"
    assert detect_question_language("Канал 1869", ["en", "uk", "ru"]) == "uk"
    assert detect_question_language("Suez 1869") == UNKNOWN
    assert detect_question_language("1869", ["es"]) == "es"
    assert detect_question_language("") == UNKNOWN


def test_a_store_in_a_language_of_no_list_still_gives_its_language():
    assert detect_question_language("Milloin Suezin kanava avattiin", ["fi"]) == "fi"


def test_an_articles_language_is_detected_from_its_text():
    assert detect_article_language("Le canal de Suez relie la mer Méditerranée à la mer Rouge depuis 1869.") == "fr"
    assert detect_article_language("1869 — 193 km") == UNKNOWN


def test_function_words_are_words_not_subjects():
    assert {"the", "of", "who"} <= function_words("en")
    assert function_words("xx") == frozenset()


def test_kana_is_japanese_and_a_store_in_a_language_without_a_list_is_believed():
    assert detect_question_language("日本の首都は？", ["zh"]) == "ja"
    assert detect_question_language("日本首都", ["ja"]) == "ja"
    assert detect_question_language("Hol van a híd?", ["hu"]) == "hu"


@pytest.mark.parametrize("language", [path.stem for path in WORD_LISTS.glob("??.json")])
def test_a_language_with_word_lists_has_function_words_and_small_talk_too(language):
    lists = json.loads((WORD_LISTS / "every_language.json").read_text(encoding="utf-8"))[language]
    lists_of_phrases = {"greetings", "thanks", "goodbyes", "affirmations", "help", "identity", "follow_ups"}
    lists_of_phrases |= {"pronouns", "continuations", "what_about", "more"}
    assert set(lists) == {"function_words", "fillers", "homographs"} | lists_of_phrases
    assert all(lists[name] for name in lists_of_phrases)
    assert function_words(language) == set(lists["function_words"].split())
