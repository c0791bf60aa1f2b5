import time

import pytest
from fake_bot_api.client import FakeTelegram, group
from fake_bot_api.pace import Pace, limits_broken


def sent(at, chat=7, method="sendMessage", code=200, retry_after=0):
    return {
        "number": round(at * 1000),
        "method": method,
        "parameters": {"chat_id": chat},
        "at": at,
        "answered": at + 0.01,
        "code": code,
        "retry_after": retry_after,
    }


def test_a_chat_takes_one_message_a_second():
    assert limits_broken([sent(1), sent(2), sent(2.5, chat=8)]) == []
    assert limits_broken([sent(1), sent(1.9)]) == ["2 to chat 7 within 0.900 s, the last is request 1900"]
    assert limits_broken([sent(1), sent(1.5, method="editMessageText")]) != []


def test_all_chats_take_thirty_a_second():
    thirty = [sent(1 + chat / 100, chat) for chat in range(30)]
    assert limits_broken(thirty) == []
    assert limits_broken([*thirty, sent(2, chat=99)]) == []
    (broken,) = limits_broken([*thirty, sent(1.999, chat=99)])
    assert broken.startswith("31 to all chats within 0.999 s")


def test_a_group_takes_twenty_a_minute_and_a_person_more():
    twenty = [2.0 * number for number in range(20)]
    assert limits_broken([sent(at, chat=-5) for at in [*twenty, 60]]) == []
    (broken,) = limits_broken([sent(at, chat=-5) for at in [*twenty, 59]])
    assert broken.startswith("21 to chat -5 within 59.000 s")
    assert limits_broken([sent(at, chat=5) for at in [*twenty, 59]]) == []


def test_what_was_refused_for_haste_counts_and_what_was_lost_or_wrong_does_not():
    assert limits_broken([sent(1), sent(1.5, code=429)]) != []
    assert limits_broken([sent(1), *(sent(1.5, code=code) for code in (400, 403, 444, 500))]) == []
    assert limits_broken([sent(1), sent(1.5, method="answerCallbackQuery"), sent(1.6, method="getUpdates")]) == []


def test_what_comes_before_a_429_is_over_is_named():
    refused = sent(1, code=429, retry_after=3)
    assert limits_broken([refused, sent(4.02)]) == []
    assert limits_broken([refused, sent(4)]) == ["request 4000 to chat 7 came 0.010 s before its 429 was over"]
    assert limits_broken([refused, sent(3.5, chat=8)]) == []


def test_the_order_in_which_requests_were_answered_does_not_matter():
    assert limits_broken([sent(3), sent(1), sent(2)]) == []


def test_the_server_itself_gives_the_whole_seconds_to_wait():
    pace = Pace()
    assert [pace.take(7, at) for at in (1, 1.5, 2, 2.1)] == [0, 1, 0, 1]
    assert [pace.take(-5, 10.0 + 2 * number) for number in range(21)] == [0] * 20 + [20]
    assert [pace.take(100 + chat, 100) for chat in range(31)] == [0] * 30 + [1]
    assert pace.take(200, 101) == 0


def test_a_strict_server_answers_429_to_haste_and_sees_itself_what_was_too_fast():
    telegram = FakeTelegram(strict_limits=True)
    try:
        telegram.write("hello")
        telegram.write("hello", chat=group(-50))
        codes = [telegram.call("sendMessage", chat_id=chat, text="x").get("error_code") for chat in (7, 7, -50)]
        assert codes == [None, 429, None]
        reply = telegram.call("sendMessage", chat_id=7, text="x")
        assert reply["parameters"] == {"retry_after": 1}
        time.sleep(1.1)
        assert telegram.call("sendMessage", chat_id=7, text="x")["ok"]
        assert len(telegram.limits_broken()) == 3  # two more within a second, the second of them before a 429 was over
        assert telegram.limits_broken(after=3) == []
        assert telegram.violations() == []
    finally:
        telegram.close()


@pytest.mark.parametrize("field", ["at", "answered"])
def test_requests_tell_when_they_came_and_when_they_were_answered(telegram, field):
    first, second = (telegram.call("getMe") and telegram.requests("getMe")[-1] for _ in range(2))
    assert 0 < first[field] < second[field]
    assert first["at"] <= first["answered"]


def test_requests_are_asked_for_by_method_chat_and_number(telegram):
    for user in (7, 8):
        telegram.write("hello", user=user)
        telegram.call("sendMessage", chat_id=user, text="x")
        telegram.call("sendChatAction", chat_id=user, action="typing")
    last = telegram.requests(chat=7)[-1]
    assert [one["method"] for one in telegram.requests(chat=7)] == ["sendMessage", "sendChatAction"]
    assert [one["parameters"]["chat_id"] for one in telegram.requests("sendMessage", after=last["number"])] == [8]
    assert telegram.requests(chat=8, after=telegram.requests()[-1]["number"]) == []
