import pytest

from retrieval.asking.intents import asks, detect_intent, without_greeting
from retrieval.records import Intent
from retrieval.text.languages import languages_with_function_words, phrases

LISTS = {
    "follow_ups": Intent.FOLLOW_UP, "help": Intent.HELP, "identity": Intent.IDENTITY, "goodbyes": Intent.GOODBYE,
    "thanks": Intent.THANKS, "greetings": Intent.GREETING, "affirmations": Intent.AFFIRMATION,
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Hi!",
        "good morning",
        "Good  Morning 😀",
        "Привет",
        "السلام عليكم",
        "¡Hola!",
        "Grüß Gott",
        "你好",
        "नमस्ते",
        "Buenos dias",
    ],
)
def test_a_greeting_is_no_question(text):
    assert detect_intent(text) is Intent.GREETING


@pytest.mark.parametrize("text", ["Thanks!", "thank you very much", "Спасибо", "شكراً", "תודה", "Merci", "谢谢"])
def test_thanks_are_no_question(text):
    assert detect_intent(text) is Intent.THANKS


@pytest.mark.parametrize("language", sorted(languages_with_function_words()))
def test_each_listed_phrase_is_what_its_list_says_where_articles_are_in_its_language(language):
    listed = {name: phrases(name, language) for name in LISTS}
    wrong = [
        (name, phrase)
        for name, of_list in listed.items()
        for phrase in of_list
        if detect_intent(phrase, (language,)) is not LISTS[name]
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("OK, thanks!", Intent.THANKS),
        ("thanks :D", Intent.THANKS),
        ("Thank you, bye 👋", Intent.GOODBYE),
        ("Hi bot, who are you?", Intent.IDENTITY),
        ("whats your name", Intent.IDENTITY),
        ("Hello! How are you?", Intent.GREETING),
        ("ok great", Intent.AFFIRMATION),
        ("ok, and where is it?", Intent.FOLLOW_UP),
        ("reload", Intent.HELP),
        ("Help!", Intent.HELP),
        ("привет, ты бот?", Intent.IDENTITY),
        ("Danke, tschüss!", Intent.GOODBYE),
        ("çok iyi, teşekkürler", Intent.THANKS),
        ("你好，你是谁？", Intent.IDENTITY),
        ("ok спасибо", Intent.THANKS),
    ],
)
def test_phrases_may_stand_together(text, intent):
    assert detect_intent(text, ("en", "ru", "de")) is intent


@pytest.mark.parametrize(
    "text",
    [
        "and where?", "When did it happen?", "who was he", "did they?", "WHY?", "what's that", "и когда?", "а где это",
        "und wo war das?", "et comment ?", "¿y cuándo?", "e quando?", "și unde?", "peki ne zaman?", "και πού;",
        "ومتى كان ذلك؟", "و چرا؟", "ומתי?", "और कहाँ?", "và ở đâu?", "那是什么时候？",
    ],
)  # fmt: skip
def test_grammar_alone_asks_only_after_another_question(text):
    assert detect_intent(text, ("en",)) is Intent.FOLLOW_UP
    assert detect_intent(text) is Intent.FOLLOW_UP


@pytest.mark.parametrize(
    "text",
    [
        "ferry", "and the ferry?", "who is Who", "The Who", "The The", "what is IT", "WHO", "Who is the great?",
        "what is ok?", "add sources", "--help", "and/or", "hello world", "good night moon", "con cái là họ",
        "war", "gut", "dove", "comment", "ai", "man in war", "die war", "hello 2", "Muhammad", "Milloin?",
    ],
)  # fmt: skip
def test_a_word_that_carries_meaning_makes_a_question(text):
    assert detect_intent(text, ("en",)) is Intent.QUESTION


def test_a_word_that_means_something_else_in_another_language_counts_where_articles_are_in_its_own():
    assert detect_intent("encore", ("en", "fr")) is Intent.FOLLOW_UP
    assert detect_intent("gut", ("de",)) is Intent.AFFIRMATION


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("Hi, when does the ferry leave?", "when does the ferry leave?"),
        ("Hello! Thanks. Who built the bridge", "Who built the bridge"),
        ("Привет! Когда отходит паром?", "Когда отходит паром?"),
        ("你好，渡轮几点开？", "渡轮几点开？"),
        ("Hello, Dolly!", "Hello, Dolly!"),
        ("hi everyone who won the cup", "hi everyone who won the cup"),
        ("Hi, you", "Hi, you"),
    ],
)
def test_a_greeting_before_a_question_is_no_part_of_it(typed, question):
    assert without_greeting(typed) == question
    assert detect_intent("Hi, when does the ferry leave?") is Intent.QUESTION


@pytest.mark.parametrize("text", ["", "???", "😀😀", " \n", "\x00", "." * 10_000])
def test_nothing_to_look_up_is_empty(text):
    assert detect_intent(text) is Intent.EMPTY


@pytest.mark.parametrize(
    "text",
    [
        "Who says good morning?",
        "hi everyone who won the cup",
        "Thanks Giving",
        "x" * 10_000,
        "?" * 100 + " who",
        "1869",
    ],
)
def test_all_else_is_a_question(text):
    assert detect_intent(text) is Intent.QUESTION


@pytest.mark.parametrize(
    "text",
    [
        "who built the bridge", "Bridge or tunnel?", "in which year did it open", "кто построил мост", "متى افتتحت القناة",
        "桥是谁建的？", "was it? I forgot", "cuándo se abrió el canal",
    ],
)  # fmt: skip
def test_a_question_mark_or_an_asking_word_at_the_beginning_asks(text):
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    ["that's wrong", "I told you who built it", "how nice!", "see https://example.org/?a=1", "👍", "", "это неправда"],
)
def test_what_states_or_exclaims_does_not_ask(text):
    assert not asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "Thank you so much for your help!", "Thanks a lot for the quick answer", "¡Muchas gracias por tu ayuda!",
        "Merci beaucoup pour votre aide !", "Vielen Dank für die schnelle Antwort!", "Большое спасибо за вашу помощь!",
        "Спасибо вам большое!", "Yardımınız için çok teşekkür ederim", "شكرا جزيلا لك على المساعدة", "תודה רבה על העזרה!",
        "خیلی ممنون از کمک شما", "非常感谢您的帮助！",
    ],
)  # fmt: skip
def test_long_thanks_are_thanks(text):
    assert detect_intent(text) is Intent.THANKS
    assert detect_intent(text, ("en",)) is Intent.THANKS
