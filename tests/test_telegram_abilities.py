"""What @BotFather has switched on for a bot, as the doctor and the start of the bot see it."""

import pytest
from conftest import BotProcess, citebot, fill_store
from fake_bot_api.client import PATIENCE, TOKEN
from telegram import User

from bot.rendering import alert_messages, operator_messages
from bot.settings import parse_settings
from bot.state import Groups
from bot.telegram.abilities import compare

OFF = {"supports_inline_queries": False, "supports_guest_queries": False, "can_read_all_group_messages": True}
AS_IT_SHOULD_BE = {
    "supports_inline_queries": True,
    "supports_guest_queries": False,
    "can_read_all_group_messages": False,
}


@pytest.mark.parametrize(
    ("abilities", "guests", "problems", "notes"),
    [
        (AS_IT_SHOULD_BE, "", [], []),
        (AS_IT_SHOULD_BE | {"supports_guest_queries": True}, "on", [], []),
        (AS_IT_SHOULD_BE, "on", [alert_messages.GUEST_MODE_IS_OFF], []),
        (AS_IT_SHOULD_BE | {"supports_guest_queries": True}, "", [], [alert_messages.GUESTS_NOT_ANSWERED]),
        (OFF, "", [], [alert_messages.INLINE_IS_OFF, alert_messages.PRIVACY_IS_OFF]),
    ],
)
def test_what_is_switched_otherwise_than_the_settings_need_is_named(abilities, guests, problems, notes):
    bot = User(1, "Bot", is_bot=True, **abilities)
    settings = parse_settings({"CITEBOT_GUESTS": guests} if guests else {})
    compared = compare(bot, settings, listens=False)
    assert (list(compared.problems), list(compared.notes)) == (problems, notes)


@pytest.mark.parametrize(("reads_all", "notes"), [(True, []), (False, [alert_messages.PRIVACY_IS_ON])])
def test_a_bot_that_listens_needs_all_messages_of_its_groups(tmp_path, reads_all, notes):
    Groups(tmp_path / "state.db", b"key").listen(-5, on=True)
    listens = Groups(tmp_path / "state.db", None).listens_anywhere()
    bot = User(1, "Bot", is_bot=True, **AS_IT_SHOULD_BE | {"can_read_all_group_messages": reads_all})
    assert list(compare(bot, parse_settings({}), listens=listens).notes) == notes


def test_the_doctor_and_the_start_say_how_to_switch_it(telegram, tmp_path):
    telegram.switch(**OFF)
    settings = {"CITEBOT_TOKEN": TOKEN, "CITEBOT_API_URL": telegram.api_url, "CITEBOT_GUESTS": "1"}
    ill = citebot(fill_store(tmp_path), "doctor", **settings)
    assert ill.returncode == 1
    assert f"- {alert_messages.GUEST_MODE_IS_OFF}\n" in ill.stdout
    assert {alert_messages.INLINE_IS_OFF, alert_messages.PRIVACY_IS_OFF} <= set(ill.stderr.splitlines())
    process = BotProcess(tmp_path, telegram.api_url, CITEBOT_GUESTS="1")
    try:
        telegram.write("hello", user=5)
        telegram.requests("sendMessage", count=1, wait=3 * PATIENCE)  # the store is filled first
        telegram.replies(5)
        assert process.stop() == 0
        for text in (alert_messages.GUEST_MODE_IS_OFF, alert_messages.INLINE_IS_OFF, alert_messages.PRIVACY_IS_OFF):
            assert f"{text}\n" in process.log
    finally:
        process.stop()


def test_the_doctor_says_that_a_token_is_rejected_or_that_telegram_cannot_be_asked(telegram, tmp_path):
    api = {"CITEBOT_API_URL": telegram.api_url}
    rejected = citebot(tmp_path, "doctor", CITEBOT_TOKEN="123456:another", **api)
    assert f"- {operator_messages.REFUSED_BY_TELEGRAM}\n" in rejected.stdout
    unreachable = citebot(tmp_path, "doctor", CITEBOT_TOKEN=TOKEN, CITEBOT_API_URL="http://127.0.0.1:1/bot")
    assert alert_messages.telegram_not_asked("").split(":")[0] in unreachable.stderr
    for done in (rejected, unreachable):
        assert "FAKE-TOKEN" not in done.stdout + done.stderr
        assert "another" not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
