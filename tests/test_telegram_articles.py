"""/articles as people and admins meet it: pages, a search, one article, its deletion; each button over real HTTP."""

import pytest
from conftest import BotProcess, ended_well, fill_store
from fake_bot_api.client import PATIENCE, buttons

from bot.rendering import admin_messages, messages, operator_messages
from retrieval import open_engine

ADMIN, OTHER_ADMIN = 910, 911


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    lakes = {
        f"lake{number:02}": f"Lake {number:02}\n\nLake number {number} lies in the valley of Orrin {number}.\n"
        for number in range(1, 24)
    }
    process = BotProcess(
        fill_store(tmp_path_factory.mktemp("bot"), **lakes), telegram.api_url, CITEBOT_ADMINS=f"{ADMIN},{OTHER_ADMIN}"
    )
    with ended_well(process, telegram):
        yield process


def listed(telegram, user, text="/articles"):
    number = len(telegram.conversation(user, "sendMessage"))
    telegram.write(text, user=user)
    return telegram.message(user, telegram.replies(user, number + 1)[-1]["result_id"])


def stored(bot):
    with open_engine(bot.folder / "citebot.db") as engine:
        return [article.id for article in engine.articles()]


def test_everybody_turns_pages_of_ten(bot, telegram):
    first = listed(telegram, 101)
    assert first["text"].startswith("26 articles · page 1 of 3\n\n1. The bridge of Rivertown · 2017-05-22\n")
    assert "10. Lake 08" in first["text"]
    assert list(buttons(first)) == [messages.NEXT]
    assert telegram.answer_to(telegram.press(messages.NEXT, first, 101)) == ""
    second = telegram.shown(101, "26 articles · page 2 of 3")
    assert "11. Lake 09" in second["text"]
    assert list(buttons(second)) == [messages.PREVIOUS, messages.NEXT]
    telegram.press(messages.NEXT, second, 101)
    last = telegram.shown(101, "26 articles · page 3 of 3")
    assert list(buttons(last)) == [messages.PREVIOUS]
    assert "26. Tags & <angles>" in last["text"]


def test_a_word_is_looked_for_in_titles_and_ids_and_kept_while_pages_turn(bot, telegram):
    found = listed(telegram, 102, "/articles LAKE")
    assert found["text"].startswith("23 articles with “LAKE” · page 1 of 3")
    telegram.press(messages.NEXT, found, 102)
    assert "11. Lake 11" in telegram.shown(102, "23 articles with “LAKE” · page 2 of 3")["text"]
    assert listed(telegram, 102, "/articles markup")["text"] == "1 article with “markup”\n\n1. Tags & <angles>"
    assert listed(telegram, 102, "/articles " + "zebra " * 50)["text"] == messages.NO_ARTICLE_LIKE.format(
        word="zebra " * 4 + "zebra"
    )


def test_a_page_that_is_not_there_is_the_last_one(bot, telegram):
    first = listed(telegram, 103)
    telegram.press_data(f"p{103:x}:999999:", first, 103)
    telegram.shown(103, "26 articles · page 3 of 3")


def test_an_admin_looks_at_an_article_and_goes_back(bot, telegram):
    page = listed(telegram, ADMIN, "/articles Lake 1")
    assert list(buttons(page)) == [str(number) for number in range(1, 11)]
    telegram.press("3", page, ADMIN)
    shown = telegram.shown(ADMIN, "Lake 12\nlake12\n")
    assert "1 sentence" in shown["text"] or "2 sentences" in shown["text"]
    telegram.press(admin_messages.BACK_TO_LIST, shown, ADMIN)
    assert telegram.shown(ADMIN, "10 articles with “Lake 1”")["message_id"] == page["message_id"]


def asked_to_delete(telegram, word, admin=ADMIN):
    telegram.press("1", listed(telegram, admin, f"/articles {word}"), admin)
    shown = telegram.shown(admin, word)
    telegram.press(admin_messages.DELETE, shown, admin)
    for _ in range(100):
        asked = telegram.message(admin, shown["message_id"])
        if "\n\nDelete “" in asked["text"]:
            return asked
        telegram.requests(count=len(telegram.requests()) + 1, wait=0.2)
    raise AssertionError(asked)


def ended(telegram, admin, message, text):
    for _ in range(100):
        now = telegram.message(admin, message["message_id"])
        if text in now["text"]:
            return now
        telegram.requests(count=len(telegram.requests()) + 1, wait=PATIENCE / 50)
    raise AssertionError(now)


def test_an_article_is_deleted_after_a_second_question_and_only_once(bot, telegram):
    asked = asked_to_delete(telegram, "Lake 20")
    assert "lake20" in stored(bot)
    presses = [telegram.press(admin_messages.REALLY_DELETE, asked, ADMIN) for _ in range(3)]
    answers = sorted(telegram.answer_to(press) for press in presses)
    assert answers[0] == ""
    assert set(answers[1:]) <= {operator_messages.LOAD_BUSY, messages.BUTTON_TOO_OLD}
    assert "reply_markup" not in ended(telegram, ADMIN, asked, admin_messages.DELETED_FROM_STORE)
    assert "lake20" not in stored(bot)
    assert telegram.answer_to(telegram.press_data(buttons(asked)[admin_messages.REALLY_DELETE], asked, ADMIN)) != ""


def test_a_no_deletes_nothing_and_the_yes_beside_it_is_no_use_afterwards(bot, telegram):
    asked = asked_to_delete(telegram, "Lake 21")
    telegram.press(admin_messages.KEEP, asked, ADMIN)
    telegram.shown(ADMIN, admin_messages.NOTHING_DELETED)
    yes = buttons(asked)[admin_messages.REALLY_DELETE]
    assert telegram.answer_to(telegram.press_data(yes, asked, ADMIN)) == messages.BUTTON_TOO_OLD
    assert "lake21" in stored(bot)


def test_only_who_was_asked_can_say_yes_whoever_else_is_an_admin(bot, telegram):
    asked = asked_to_delete(telegram, "Lake 22")
    yes = buttons(asked)[admin_messages.REALLY_DELETE]
    assert telegram.answer_to(telegram.press_data(yes, asked, OTHER_ADMIN)) == messages.NOT_YOUR_BUTTON
    theirs = listed(telegram, OTHER_ADMIN)
    forged = yes.replace(f"{ADMIN:x}:", f"{OTHER_ADMIN:x}:")
    assert telegram.answer_to(telegram.press_data(forged, theirs, OTHER_ADMIN)) == messages.BUTTON_TOO_OLD
    assert "lake22" in stored(bot)
    telegram.press(admin_messages.KEEP, asked, ADMIN)


def test_an_article_that_has_changed_or_gone_meanwhile_is_not_deleted(bot, telegram):
    changed, gone = asked_to_delete(telegram, "Lake 18"), asked_to_delete(telegram, "Lake 19")
    with open_engine(bot.folder / "citebot.db") as engine:
        assert engine.remove("lake19")
        (bot.folder / "more").mkdir()
        (bot.folder / "more" / "lake18.txt").write_text("Lake 18\n\nThe lake has another shore now.\n")
        engine.load([bot.folder / "more"])
    press = telegram.press(admin_messages.REALLY_DELETE, changed, ADMIN)
    assert telegram.answer_to(press) == admin_messages.ARTICLE_CHANGED
    press = telegram.press(admin_messages.REALLY_DELETE, gone, ADMIN)
    assert telegram.answer_to(press) == admin_messages.ARTICLE_GONE
    assert "lake18" in stored(bot)
