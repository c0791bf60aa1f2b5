"""What a reader sees in words of the bot is in the reader's language, and fits into what Telegram takes."""

import re
import string
from datetime import date

import pytest
from catalogues import TRANSLATED, read, said, updated

from bot.rendering import messages
from bot.rendering.ages import dated
from bot.rendering.lengths import utf16_units
from bot.rendering.messages import reply_without_articles
from bot.rendering.notices import FOUND_IN, OPERATORS
from bot.rendering.telegram.citation import Citing
from bot.rendering.texts import LANGUAGES, Forms, Texts, catalogue_file, texts_for, texts_in
from retrieval import languages_of
from retrieval.asking.intents import detect_intent
from retrieval.records import Answer, Hit, Snippet
from retrieval.text.languages import phrases

TODAY = date(2026, 11, 30)
TYPED = re.compile(r"/[a-z]+|(?<![A-Za-z])(?:after|before|in|sort):[\w./-]*[\w/]|\bCITEBOT\w+")
SAID_ON_A_PRESS = [
    messages.PRESS_FAILED, messages.NOT_YOUR_BUTTON, messages.BUTTON_TOO_OLD, messages.VOTED_HELPFUL,
    messages.VOTED_NOT_HELPFUL, messages.ANSWER_FORGOTTEN,
]  # fmt: skip
ON_BUTTONS = [messages.MORE, messages.IN_CONTEXT, messages.WHY, messages.COPY, messages.BACK]
SMALL_TALK = {
    "greetings": messages.GREETING, "thanks": messages.THANKS, "goodbyes": messages.GOODBYE,
    "affirmations": messages.AFFIRMATION, "help": messages.HOW_TO_ASK, "identity": messages.IDENTITY,
}  # fmt: skip


def placeholders(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_holds_what_the_bot_says_and_nothing_else(language):
    assert catalogue_file(language).read_text(encoding="utf-8") == updated(language), (
        "python tests/catalogues.py --update"
    )
    missing = [
        one.id
        for one in read(language)
        if one.id and not all([one.string] if isinstance(one.string, str) else one.string)
    ]
    assert missing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_placeholders_and_the_commands_of_its_text(language):
    catalogue, texts = read(language), said()
    for text in texts.values():
        if isinstance(text, Forms):
            forms = catalogue.get(tuple(text)).string
            assert all(placeholders(form) in ([], ["number"]) for form in forms), forms
            assert "{number}" in forms[-1]
        else:
            translated = catalogue.get(text).string
            assert placeholders(translated) == placeholders(text), translated
            assert sorted(TYPED.findall(translated)) == sorted(TYPED.findall(text)), translated
            assert (text[:1] == " ") <= (translated[:1] in " ,，因"), translated


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_fit_into_what_telegram_takes(language):
    texts = Texts(language)
    pressed = [*map(texts, SAID_ON_A_PRESS), messages.too_many_questions(99_999, 60, texts)]
    assert max(map(utf16_units, pressed)) <= 200
    assert max(utf16_units(texts(label)) for label in ON_BUTTONS) <= 20  # more is cut on a narrow screen
    above_results = [messages.INLINE_HINT, messages.INLINE_NOT_ALLOWED, messages.INLINE_TOO_MANY]
    above_results.append(messages.INLINE_SETS_NOT_ASKED)
    assert max(utf16_units(texts(text)) for text in above_results) <= 50
    described = [texts(description) for description in messages.COMMANDS.values()]
    assert all(1 <= len(one) <= 256 and one == one.strip() for one in described)
    assert utf16_units("\n".join([texts(messages.TELEGRAM_HELP), texts(OPERATORS), *described])) <= 2000


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_names_the_word_above_an_uncertain_answer_as_it_stands_there(language):
    texts = Texts(language)
    assert texts(messages.PERHAPS) in texts(messages.TELEGRAM_HELP)


def test_a_tag_of_telegram_names_a_language_and_any_other_english():
    tags = ["ru", "pt-br", "zh-hans", "zh-TW", "es-419", "iw", "DE", "xx", "", None]
    assert [texts_in(tag).language for tag in tags] == ["ru", "en", "zh", "zh", "es", "he", "de", "en", "en", "en"]


@pytest.mark.parametrize(
    ("language", "counted"),
    [
        ("en", ["1 article", "2 articles", "5 articles", "1,200 articles"]),
        ("ru", ["1 статья", "2 статьи", "5 статей", "1\xa0200 статей"]),
        ("ar", ["مقالة واحدة", "مقالتان", "5 مقالات", "1,200 مقالة"]),
        ("fr", ["1 article", "2 articles", "5 articles", "1\u202f200 articles"]),
        ("zh", ["1 篇文章", "2 篇文章", "5 篇文章", "1,200 篇文章"]),
    ],
)
def test_things_are_counted_in_the_forms_of_a_language(language, counted):
    assert [Texts(language).count(number, messages.ARTICLES) for number in (1, 2, 5, 1200)] == counted


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "2023-04-11, 3 years old"),
        ("ru", "11 апреля 2023 г., 3 года назад"),
        ("de", "11. April 2023, vor 3 Jahren"),
        ("es", "11 de abril de 2023, hace 3 años"),
        ("fr", "11 avril 2023, il y a 3 ans"),
        ("tr", "11 Nisan 2023, 3 yıl önce"),
        ("zh", "2023年4月11日，3年前"),
        ("ar", "\u206811 أبريل 2023\u2069، قبل 3 سنوات"),
        ("he", "\u206811 באפריל 2023\u2069, לפני 3 שנים"),
    ],
)
def test_dates_and_ages_are_in_the_language(language, shown):
    assert re.sub("[\xa0\u202f]", " ", dated("2023-04-11", TODAY, Texts(language))) == shown


def test_an_imprecise_date_has_about_an_age():
    assert dated("2023", TODAY, Texts("ru")) == "2023, примерно 3 года назад"
    assert dated("2026-11-30", TODAY, Texts("de")) == "30. November 2026, heute"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", SMALL_TALK)
def test_small_talk_is_answered_in_its_language_whatever_that_of_the_reader(language, kind):
    for phrase in phrases(kind, language):
        assert not (found := languages_of(phrase)) or language in found, phrase
    phrase = next(one for one in phrases(kind, language) if languages_of(one) == (language,))
    for typed in (phrase, f"{phrase.capitalize()}!", f"{phrase} :)"):
        reply = reply_without_articles(small_talk(typed))
        reader = Texts("fr" if language == "tr" else "tr")
        assert texts_for(languages_of(typed), reader)(reply) == Texts(language)(SMALL_TALK[kind])


def small_talk(typed):
    return Answer(typed, "", detect_intent(typed), "none", 0.0, 0.0, (), (), (), 1)


def test_what_may_be_in_several_languages_is_answered_in_the_readers():
    assert {texts_for(languages_of("ok"), Texts(reader)).language for reader in ("en", "es", "fr")} == {
        "en",
        "es",
        "fr",
    }
    assert texts_for(languages_of("سلام"), Texts("fa")).language == "fa"
    assert texts_for(languages_of("سلام"), Texts("ar")).language == "ar"
    assert texts_for(languages_of("Ulaanbaatar"), Texts("de")).language == "de"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Cuál es la capital de Mongolia", "es"), ("Wie heißt die Hauptstadt der Mongolei?", "de"),
        ("столица Монголии", "ru"), ("بایتخت مغولستان کجاست؟", "fa"), ("מהי בירת מונגוליה", "he"), ("蒙古的首都", "zh"),
        ("ok danke", "de"), ("What is the capital of Mongolia?", "en"), ("Ποια είναι η πρωτεύουσα;", "tr"),
    ],
)  # fmt: skip
def test_a_refusal_is_in_the_language_of_the_question(question, language):
    assert texts_for(languages_of(question), Texts("tr")).language == language


def test_only_what_may_be_of_another_direction_is_isolated():
    assert Texts("en")(messages.ALSO_IN, titles="Suez Canal") == "also in: Suez Canal"
    assert Texts("en")(messages.ALSO_IN, titles="תעלת סואץ") == "also in: \u2068תעלת סואץ\u2069"
    assert Texts("he")(messages.ALSO_IN, titles="Suez Canal") == "גם ב: \u2068Suez Canal\u2069"
    assert Texts("en", isolates=False)(messages.ALSO_IN, titles="תעלת סואץ") == "also in: תעלת סואץ"
    assert "\u2068/help\u2069" in Texts("ar")(messages.UNKNOWN_COMMAND)
    assert messages.not_allowed(-1001234, Texts("fa")).endswith(": \u2068-1001234\u2069.")


def test_controls_of_direction_in_what_is_quoted_do_not_reach_the_words_around_it():
    assert Texts("ar")(messages.QUOTED, text="a\u2069\u202eb") == "«\u2068a\ufffd\ufffdb\u2069»"


@pytest.mark.parametrize("language", ["ar", "fa", "he"])
def test_each_part_of_a_citation_keeps_its_direction(language):
    hit = Hit(1, 1.0, "suez", "Suez Canal", None, "2023", 0, 5, 1, 9, "It is.", section=("History", "Plans"))
    source = Citing(TODAY, texts=Texts(language)).source(Snippet(hit, ()))
    isolated = re.findall("\u2068(.*?)\u2069", source)
    assert isolated == ["Suez Canal", "suez", "2023", "History &gt; Plans"]
    around = re.sub("\u2068.*?\u2069", "", source)
    assert not re.search("[A-Za-z]", around)
    assert Texts(language)(messages.AT_BEGINNING) in around


def test_words_of_the_bot_are_english_where_nobody_has_translated_them():
    assert Texts("ru")("Nobody translated {what}.", what="this") == "Nobody translated this."


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Found in German and Spanish."), ("ru", "Язык источника: немецкий и испанский."), ("fr", "Langue de la source : allemand et espagnol.")],
)  # fmt: skip
def test_languages_are_named_in_that_of_the_reader(language, said):
    texts = Texts(language)
    listed = texts(messages.AND, first=texts.language_name("de"), last=texts.language_name("es"))
    assert texts(FOUND_IN, languages=listed) == said
