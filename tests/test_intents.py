import pytest

from retrieval.asking.intents import detect_intent
from retrieval.records import Intent


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


@pytest.mark.parametrize("text", ["", "???", "😀😀", " \n", "\x00", "." * 10_000])
def test_nothing_to_look_up_is_empty(text):
    assert detect_intent(text) is Intent.EMPTY


@pytest.mark.parametrize(
    "text",
    ["Who says good morning?", "hi everyone who won the cup", "Thanks Giving", "x" * 10_000, "?" * 50 + " who", "1869"],
)
def test_all_else_is_a_question(text):
    assert detect_intent(text) is Intent.QUESTION
