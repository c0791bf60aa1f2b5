"""Each fault on the way, with the bot itself: what is tried again and what is not, and nobody else waits for it."""

from itertools import count, pairwise
from typing import NamedTuple

import pytest
from conftest import BotProcess, fill_store
from fake_bot_api.client import PATIENCE, TOKEN, quotations
from fake_bot_api.faults import AFTER, BEFORE

QUESTION = "Who built the stone bridge of Rivertown?"
OTHER = "How much ice does the Blue Glacier lose?"
UNPARSED = "Bad Request: can't parse entities: Unsupported start tag"
USERS = count(3000)
LONGEST_READ = 15  # seconds, longer than the bot waits for an answer

# By kind of fault: the codes of the requests that one answer took, and how many messages the user saw.
ANSWERS = {
    "429": ([429, 200], 1),
    "500": ([500, 200], 1),
    "502": ([502, 200], 1),
    "drop": ([444, 200], 1),
    "effect_without_reply": ([200, 200], 2),  # it could not be known that the first was sent
    "400": ([400], 0),
    "403": ([403], 0),
    "409": ([409], 0),
    "hang": ([444], 0),  # it may have been sent, for all the bot knows
    "bad_json": ([200], 1),
    "html": ([200], 1),
    "cut": ([200], 1),
    "slow": ([200], 1),
    "duplicate": ([200], 1),  # the second is the server's own doing
}


@pytest.fixture(scope="module")
def bot(telegram, tmp_path_factory):
    process = BotProcess(fill_store(tmp_path_factory.mktemp("bot")), telegram.api_url)
    try:
        telegram.write("/start", user=next(USERS))
        telegram.requests("sendMessage", count=1, wait=PATIENCE)
        yield process
        assert process.stop() == 0
        assert telegram.violations() == []
        assert telegram.limits_broken() == []
        assert TOKEN not in process.log
    finally:
        process.stop()


@pytest.fixture
def user(bot, telegram):
    """Somebody who has not written yet."""
    telegram.clear_faults()
    return next(USERS)


class Met(NamedTuple):
    """What became of an answer that met a fault, of the next one to the same user, and of one to somebody else."""

    sent: list[dict]
    sent_to_another: list[dict]


@pytest.fixture(scope="module")
def met(bot, telegram):
    """By kind of fault: all at once, each in a chat of its own, for the bot waits long for what hangs."""
    users = {kind: next(USERS) for kind in ANSWERS}
    for kind, user in users.items():
        telegram.fault(kind, "sendMessage", chat=user, seconds=LONGEST_READ if kind == "hang" else 2)
        telegram.write(QUESTION, user=user)
    others = {kind: ask_another(telegram) for kind in ANSWERS}  # while the answers meet their faults
    for user in users.values():
        telegram.write(OTHER, user=user)  # is answered after whatever was still tried for the first question
    found = {}
    for kind, user in users.items():
        sent = sent_to(telegram, user, len(ANSWERS[kind][0]) + 1)
        found[kind] = Met(sent, others[kind])
    assert telegram.faults() == []
    return found


def ask_another(telegram):
    user = next(USERS)
    telegram.write(OTHER, user=user)
    return sent_to(telegram, user, 1)


def sent_to(telegram, user, requests):
    """What the bot sent to a user, as soon as there are so many requests."""
    return telegram.requests("sendMessage", chat=user, count=requests, wait=PATIENCE)


@pytest.mark.parametrize("kind", sorted(ANSWERS))
def test_an_answer_meets_a_fault_and_the_next_question_is_answered(met, kind):
    codes, messages = ANSWERS[kind]
    sent = met[kind].sent
    assert [one["code"] for one in sent] == [*codes, 200]
    assert sum(1 for one in sent[:-1] if one["result_id"]) == messages
    assert sent[0]["fault"] == kind
    assert "nine metres" in quotations(sent[-1])[0]


@pytest.mark.parametrize("kind", sorted(ANSWERS))
def test_nobody_else_waits_for_an_answer_that_meets_a_fault(met, kind):
    (answer,) = met[kind].sent_to_another
    assert "nine metres" in quotations(answer)[0]
    assert answer["at"] < met["hang"].sent[1]["at"]  # when the bot no longer waits for what hangs


def test_every_fault_of_the_server_has_a_line_above():
    assert set(ANSWERS) == BEFORE | AFTER


def test_a_429_is_obeyed(bot, telegram, user):
    telegram.fault("429", "sendMessage", chat=user, seconds=2)
    telegram.write(QUESTION, user=user)
    refused, sent = sent_to(telegram, user, 2)
    assert sent["at"] - refused["answered"] >= 2
    assert (refused["fault"], sent["code"]) == ("429", 200)


def test_what_cannot_be_parsed_is_sent_as_plain_text(bot, telegram, user):
    telegram.fault("400", "sendMessage", chat=user, description=UNPARSED)
    telegram.write(QUESTION, user=user)
    refused, sent = sent_to(telegram, user, 2)
    assert (refused["code"], sent["code"]) == (400, 200)
    assert "parse_mode" not in sent["parameters"]
    assert "was built in 1721" in sent["text"]


def test_refused_tries_in_a_row_are_made_further_apart_until_it_goes(bot, telegram, user):
    telegram.fault("500", "sendMessage", chat=user, times=3)
    telegram.write(QUESTION, user=user)
    sent = sent_to(telegram, user, 4)
    assert [one["code"] for one in sent] == [500, 500, 500, 200]
    pauses = [later["at"] - former["at"] for former, later in pairwise(sent)]
    assert all(pause >= least for pause, least in zip(pauses, (1.0, 1.0, 2.0), strict=True))


@pytest.mark.parametrize("kind", sorted(BEFORE | AFTER))
def test_a_poll_meets_a_fault_and_each_question_is_answered_once(bot, telegram, user, kind):
    telegram.fault(kind, "getUpdates", seconds=1)
    telegram.write(QUESTION, user=user)
    assert "1721" in quotations(sent_to(telegram, user, 1)[0])[0]
    telegram.write(OTHER, user=user)  # a second answer to the first question would come before this one's
    sent = sent_to(telegram, user, 2)
    assert [quotations(one)[0][:10] for one in sent] == ["The stone ", "The Blue G"]
    assert telegram.faults() == []


@pytest.mark.parametrize(
    "junk",
    [
        {"message": {"message_id": "none", "chat": 5}},
        {"message": []},
        {"message": {"message_id": 1, "date": 10**30, "chat": {"id": 1, "type": "private"}}},
        {"callback_query": {"id": 1, "from": None, "message": {"chat": None}}},
    ],
)
def test_an_update_that_cannot_be_read_is_put_aside_and_the_next_user_is_answered(bot, telegram, user, junk):
    telegram.put(junk)
    telegram.put(junk | {"update_id": None}, numbered=False)
    telegram.put("no update at all", numbered=False)
    telegram.write(QUESTION, user=user)
    assert "1721" in quotations(sent_to(telegram, user, 1)[0])[0]
