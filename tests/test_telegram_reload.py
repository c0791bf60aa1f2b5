"""/reload as an admin meets it: what would change is shown first, and loaded by a button; over real HTTP."""

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import buttons, parts_of, quotations
from fake_bot_api.html import visible_text

from bot.rendering import admin_messages, messages, operator_messages
from bot.rendering.telegram.preview_html import preview_html
from bot.rendering.terminal import load_lines
from retrieval import open_engine
from retrieval.records import ChangedAnswer, Failure, Hit, LoadReport, Preview

ADMIN, READER = 950, 951
QUESTION = "Who built the stone bridge of Rivertown?"


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    process = BotProcess(
        fill_store(tmp_path_factory.mktemp("bot")), telegram.api_url, CITEBOT_ADMINS=f"{ADMIN},{ADMIN + 9}"
    )
    with ended_well(process, telegram):
        yield process


def generation(bot):
    with open_engine(bot.folder / "citebot.db") as engine:
        return engine.generation()


def asked(telegram, beginning="Would"):
    telegram.write("/reload", user=ADMIN)
    shown = telegram.shown(ADMIN, beginning)
    assert list(buttons(shown)) == [admin_messages.LOAD, admin_messages.CANCEL]
    return shown


def test_a_reload_shows_what_would_change_and_loads_when_its_admin_says_so(bot, telegram):
    telegram.write("/reload", user=ADMIN)
    assert buttons(telegram.shown(ADMIN, load_lines.NOTHING_WOULD_CHANGE)) == {}
    telegram.write(QUESTION, user=READER)
    assert "Anna Stone" in quotations(telegram.replies(READER)[0])[0]
    bridge = bot.folder / "articles" / "bridge.txt"
    bridge.write_text(bridge.read_text().replace("Anna Stone", "Berta Brick"))
    (bot.folder / "articles" / "new.txt").write_text("News\n\nA ferry was launched on the Lume.\n")
    before = generation(bot)

    shown = asked(telegram)
    assert shown["text"].startswith("Would add 1 article (new).\nWould change 1 article (bridge).\n")
    now, then = shown["text"].index("Now: “The stone bridge"), shown["text"].index("After: “The stone bridge")
    assert "Anna Stone" in shown["text"][now:then]
    assert "Berta Brick" in shown["text"][then:]
    assert parts_of(shown, "bold") == [QUESTION]
    assert generation(bot) == before
    telegram.write(QUESTION, user=READER)
    assert "Anna Stone" in quotations(telegram.replies(READER, 2)[1])[0]

    other = telegram.press_data(buttons(shown)[admin_messages.LOAD], shown, ADMIN + 9)
    assert telegram.answer_to(other) == messages.NOT_YOUR_BUTTON
    assert telegram.answer_to(telegram.press(admin_messages.LOAD, shown, ADMIN)) == ""
    told = telegram.shown(ADMIN, "Added 1 article (new).\nChanged 1 article (bridge).")
    assert told["message_id"] == shown["message_id"]
    assert generation(bot) == before + 1
    telegram.write(QUESTION, user=READER)
    assert "Berta Brick" in quotations(telegram.replies(READER, 3)[2])[0]
    again = telegram.press_data(buttons(shown)[admin_messages.LOAD], shown, ADMIN)
    assert telegram.answer_to(again) == messages.BUTTON_TOO_OLD


def test_a_cancelled_preview_changes_nothing(bot, telegram):
    (bot.folder / "articles" / "second.txt").write_text("Second\n\nA second ferry was launched.\n")
    before = generation(bot)
    telegram.press(admin_messages.CANCEL, asked(telegram, "Would add 1 article (second)"), ADMIN)
    telegram.shown(ADMIN, operator_messages.NOT_LOADED)
    assert generation(bot) == before


def test_a_preview_of_an_earlier_generation_loads_nothing(bot, telegram):
    (bot.folder / "articles" / "third.txt").write_text("Third\n\nA third ferry was launched.\n")
    shown = asked(telegram, "Would add 2 articles (second, third)")
    with open_engine(bot.folder / "citebot.db") as engine:
        assert engine.remove("markup")
    before = generation(bot)
    assert telegram.answer_to(telegram.press(admin_messages.LOAD, shown, ADMIN)) == admin_messages.PREVIEW_TOO_OLD
    assert generation(bot) == before


def test_what_else_follows_the_command_is_not_taken_for_now(bot, telegram):
    before, told = generation(bot), len(telegram.conversation(ADMIN, "sendMessage"))
    telegram.write("/reload everything now", user=ADMIN)
    assert telegram.replies(ADMIN, told + 1)[-1]["text"] == admin_messages.RELOAD_USAGE
    assert generation(bot) == before
    telegram.write("/reload now", user=ADMIN)
    telegram.shown(ADMIN, "Added 3 articles (markup, second, third)")
    assert generation(bot) == before + 1


def a_hit(text):
    return Hit(1, 1.0, "a/b", "A <title>", None, None, 0, len(text), 1, 1, text, version=1)


@pytest.mark.parametrize("length", [1, 100, 5000])
def test_a_preview_fits_into_one_message_and_says_what_it_leaves_out(length):
    report = LoadReport(
        1,
        added=tuple(f"{'😀' * length}{n}" for n in range(99)),
        failed=tuple(Failure("<x>" * length, "& bad") for _ in range(99)),
    )
    answers = tuple(ChangedAnswer(f"<b>{n} " + "?" * length, a_hit("<i>old" * length), None) for n in range(50))
    text, _ = visible_text(preview_html(Preview(report, answers), 50), "HTML")
    shown = text.count("After: no answer")
    assert shown >= 3
    assert shown == 50 or text.endswith(admin_messages.more_answers(50 - shown))
    assert "50 of the last 50 questions would get a different first answer:" in text


def test_a_preview_without_questions_says_so():
    report = LoadReport(1, added=("x",))
    assert "No questions have been asked yet" in preview_html(Preview(report), 0)
    assert "The last question would get the same first answer." in preview_html(Preview(report), 1)
    assert "None of the last 3 questions would get a different first answer." in preview_html(Preview(report), 3)
