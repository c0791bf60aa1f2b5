"""What a reader sees in words of the bot is in the language of their Telegram; what is not looked up in that of the question."""

from zlib import crc32

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import FakeTelegram, buttons, group, quotations

from bot.rendering import messages
from bot.rendering.texts import Texts

QUESTION = "Who built the stone bridge of Rivertown?"
SENTENCE = "The stone bridge of Rivertown was built in 1721 by the mason Anna Stone."
RUSSIAN, ARABIC = Texts("ru"), Texts("ar")


@pytest.fixture(scope="module")
def telegram():
    server = FakeTelegram()
    yield server
    server.close()


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    process = BotProcess(fill_store(tmp_path_factory.mktemp("bot")), telegram.api_url, CITEBOT_QUESTIONS_PER_MINUTE="9")
    with ended_well(process, telegram):
        yield process


def test_an_answer_its_source_and_its_buttons_are_in_the_language_of_the_reader(bot, telegram):
    telegram.write(QUESTION, user=21, language="ru")
    (answer,) = telegram.replies(21)
    assert quotations(answer)[0] == SENTENCE
    assert "22 мая 2017" in answer["text"]
    assert "лет назад · в середине" in answer["text"]
    shown = telegram.shown(21, "")
    assert list(buttons(shown))[:2] == ["В контексте", "Почему"]
    telegram.press("Почему", shown, 21, language_code="ru")
    telegram.requests("editMessageText", count=1, wait=10)
    why = telegram.message(21, answer["result_id"])
    assert "Слова вашего вопроса в предложении: «" in why["text"]
    assert "◀ Назад" in buttons(why)
    telegram.press("👍", why, 21, language_code="ru")
    assert RUSSIAN(messages.VOTED_HELPFUL) in told(telegram, 2)


def told(telegram, count):
    """Return what presses were answered with."""
    answers = telegram.requests("answerCallbackQuery", count=count, wait=10)
    return [one["parameters"].get("text") for one in answers]


def test_from_right_to_left_titles_and_addresses_keep_their_direction(bot, telegram):
    telegram.write(QUESTION, user=22, language="ar")
    (answer,) = telegram.replies(22)
    assert "— \u2068The bridge of Rivertown\u2069 · \u2068news.example.org\u2069 · \u2068" in answer["text"]
    assert answer["text"].endswith(ARABIC(messages.IN_MIDDLE))
    assert answer["entities"]


@pytest.mark.parametrize(
    ("typed", "language", "said"),
    [
        ("привет", "en", RUSSIAN(messages.GREETING)),
        ("شكرا جزيلا", "en", ARABIC(messages.THANKS)),
        ("ok", "ru", RUSSIAN(messages.AFFIRMATION)),
        ("muchas gracias por tu ayuda", "ru", Texts("es")(messages.THANKS)),
        ("Qui es-tu ?", "tr", Texts("fr")(messages.IDENTITY)),
        ("Wie hoch ist der höchste Berg der Mongolei?", "en", Texts("de")(messages.ABSTENTION)),
        ("/ask", "fa", Texts("fa")(messages.ASK_USAGE)),
        ("/nonsense", "he", Texts("he")(messages.UNKNOWN_COMMAND)),
        ("/start", "zh-hans", Texts("zh")(messages.GREETING)),
        ("ayuda", "en", Texts("es")(messages.TELEGRAM_HELP)),
        ("/articles", "ru", "3 статьи"),
        ("/articles zebra", "tr", Texts("tr")(messages.NO_ARTICLE_LIKE, word="zebra")),
        ("Кто построил мост? before:1700", "ru", "Нет статей, подходящих под before:1700."),
    ],
)
def test_the_bot_speaks_the_language_of_the_reader_or_of_what_was_typed(bot, telegram, typed, language, said):
    user = crc32(typed.encode())
    telegram.write(typed, user=user, language=language)
    (answer,) = telegram.replies(user)
    assert answer["text"].startswith(said)


def test_whoever_asks_too_much_is_told_in_their_language(bot, telegram):
    for _ in range(10):
        telegram.write("привет", user=23, language="ru")
    warning = [one["text"] for one in telegram.replies(23, 10) if "9 вопросов" in one["text"]]
    assert len(warning) == 1


def test_in_a_group_each_person_is_spoken_to_in_their_language(bot, telegram):
    for user, language in ((24, "de"), (25, "he")):
        telegram.write("/ask", user=user, chat=group(-240 - user), language=language)
        assert telegram.replies(-240 - user)[0]["text"] == Texts(language)(messages.ASK_USAGE)
