import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from unittest.mock import ANY

import pytest
from fake_bot_api.client import TOKEN
from fake_bot_api.faults import AFTER, BEFORE

USERS = count(70)


@pytest.fixture
def chat(telegram):
    """A chat of its own for one test, and a server that has forgotten the faults of others."""
    telegram.clear_faults()
    return telegram.write("hello", user=next(USERS))["chat"]["id"]


def send(telegram, chat, text="x"):
    """Return status, type and bytes of the answer as they come."""
    form = urllib.parse.urlencode({"chat_id": chat, "text": text}).encode()
    try:
        with urllib.request.urlopen(f"{telegram.api_url}{TOKEN}/sendMessage", form, timeout=5) as response:
            return response.status, response.headers.get_content_type(), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.status, error.headers.get_content_type(), error.read()


def sent_messages(telegram, chat):
    """How many messages of the bot the chat shows, whatever the bot was told of them."""
    return sum(1 for sent in telegram.conversation(chat, "sendMessage") if sent["result_id"])


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        ("429", 429, "Too Many Requests: retry after 3"),
        ("500", 500, "Internal Server Error"),
        ("400", 400, "Bad Request: chat not found"),
        ("403", 403, "Forbidden: bot was blocked by the user"),
        ("409", 409, "Conflict: terminated by other getUpdates request"),
    ],
)
def test_a_refusal_comes_as_json_in_the_words_of_the_bot_api_and_nothing_is_sent(telegram, chat, kind, code, said):
    telegram.fault(kind, "sendMessage", chat=chat, seconds=3)
    status, content_type, body = send(telegram, chat)
    assert (status, content_type) == (code, "application/json")
    refusal = json.loads(body)
    assert (refusal["ok"], refusal["error_code"]) == (False, code)
    assert refusal["description"].startswith(said)
    assert refusal.get("parameters") == ({"retry_after": 3} if kind == "429" else None)
    (request,) = telegram.conversation(chat)
    assert (request["fault"], request["code"], request["violation"]) == (kind, code, False)
    assert request["result_id"] == 0


def test_the_words_of_a_refusal_can_be_given(telegram, chat):
    telegram.fault("400", chat=chat, description="Bad Request: can't parse entities: x")
    assert json.loads(send(telegram, chat)[2])["description"] == "Bad Request: can't parse entities: x"


def test_a_bad_gateway_answers_with_a_page(telegram, chat):
    telegram.fault("502", chat=chat)
    status, content_type, body = send(telegram, chat)
    assert (status, content_type) == (502, "text/html")
    assert b"502 Bad Gateway" in body
    assert sent_messages(telegram, chat) == 0


@pytest.mark.parametrize(
    ("kind", "content_type", "body"),
    [("bad_json", "application/json", b'{"ok":true,"result":'), ("html", "text/html", b"<html>\r\n")],
)
def test_an_unreadable_answer_with_200_comes_after_the_message_was_sent(telegram, chat, kind, content_type, body):
    telegram.fault(kind, "sendMessage", chat=chat)
    answer = send(telegram, chat)
    assert answer[:2] == (200, content_type)
    assert answer[2].startswith(body)
    assert sent_messages(telegram, chat) == 1


def test_an_answer_that_is_cut_off_promises_more_than_it_brings(telegram, chat):
    telegram.fault("cut", chat=chat)
    with pytest.raises(http.client.IncompleteRead) as cut:
        send(telegram, chat)
    assert cut.value.partial.startswith(b'{"ok": true')
    assert sent_messages(telegram, chat) == 1


@pytest.mark.parametrize(("kind", "messages", "code"), [("drop", 0, 444), ("effect_without_reply", 1, 200)])
def test_a_connection_that_closes_without_an_answer(telegram, chat, kind, messages, code):
    telegram.fault(kind, chat=chat)
    with pytest.raises(http.client.RemoteDisconnected):
        send(telegram, chat)
    assert sent_messages(telegram, chat) == messages
    assert [one["code"] for one in telegram.conversation(chat)] == [code]


def test_a_hang_is_seen_at_once_and_ends_without_answer_and_effect(telegram, chat):
    telegram.fault("hang", chat=chat, seconds=0.6)
    begin = time.monotonic()
    with ThreadPoolExecutor() as executor:
        hanging = executor.submit(send, telegram, chat)
        (request,) = telegram.requests(chat=chat, count=1, wait=5)
        assert request["fault"] == "hang"
        assert not hanging.done()
        with pytest.raises(http.client.RemoteDisconnected):
            hanging.result()
    assert time.monotonic() - begin >= 0.6
    assert sent_messages(telegram, chat) == 0


def test_a_slow_answer_is_the_true_one_and_its_effect_is_there_before(telegram, chat):
    telegram.fault("slow", chat=chat, seconds=0.6)
    with ThreadPoolExecutor() as executor:
        begin = time.monotonic()
        slow = executor.submit(send, telegram, chat)
        (request,) = telegram.requests(chat=chat, count=1, wait=5)
        assert sent_messages(telegram, chat) == 1
        assert not slow.done()
        assert json.loads(slow.result()[2])["result"]["message_id"] == request["result_id"]
        assert time.monotonic() - begin >= 0.6


def test_a_duplicate_is_two_messages_of_which_the_bot_knows_one(telegram, chat):
    telegram.fault("duplicate", "sendMessage", chat=chat)
    shown = json.loads(send(telegram, chat, "twice")[2])["result"]["message_id"]
    assert telegram.message(chat, shown)["text"] == telegram.message(chat, shown + 1)["text"] == "twice"
    assert telegram.message(chat, json.loads(send(telegram, chat)[2])["result"]["message_id"])["text"] == "x"


def test_the_effect_of_an_edit_that_happens_twice_is_that_of_one(telegram, chat):
    own = json.loads(send(telegram, chat)[2])["result"]["message_id"]
    telegram.fault("duplicate", "editMessageText", chat=chat)
    assert telegram.call("editMessageText", chat_id=chat, message_id=own, text="edited")["ok"]
    assert telegram.message(chat, own)["text"] == "edited"


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("getMe", {}),
        ("getUpdates", {"offset": 1_000_000}),
        ("setMyCommands", {"commands": [{"command": "ask", "description": "x"}]}),
    ],
)
def test_a_fault_meets_any_method(telegram, chat, method, fields):
    telegram.fault("500", method)
    assert telegram.call(method, **fields)["error_code"] == 500
    assert telegram.call(method, **fields).get("error_code") != 500


def test_a_rule_fits_a_method_a_chat_and_a_number_of_requests_and_rules_are_met_in_their_order(telegram, chat):
    other = telegram.write("hello", user=next(USERS))["chat"]["id"]
    telegram.fault("bad_json", "sendMessage", chat=chat)
    telegram.fault("403", "sendmessage", chat=chat, times=2)
    telegram.fault("500", "editMessageText")
    assert [send(telegram, one)[0] for one in (other, chat, chat, other, chat, chat)] == [200, 200, 403, 200, 403, 200]
    faults = ["bad_json", "403", "403", ""]
    assert [one["fault"] for one in telegram.conversation(chat)] == faults
    assert [rule["kind"] for rule in telegram.faults()] == ["500"]


def test_a_wrong_request_is_told_so_whatever_fault_was_ordered(telegram, chat):
    telegram.fault("500", "sendMessage")
    assert "no field txt" in telegram.call("sendMessage", chat_id=chat, txt="x", text="x")["description"]
    assert telegram.faults()


@pytest.mark.parametrize("rule", [{"kind": "503"}, {"kind": "drop", "times": 0}, {"kind": "drop", "chats": 7}])
def test_a_rule_that_is_none_is_refused(telegram, rule):
    with pytest.raises(AssertionError, match="is no fault"):
        telegram.fault(**rule)


def test_every_kind_of_fault_is_tested_here():
    kinds = {"429", "500", "502", "400", "403", "409", "drop", "hang", "slow", "bad_json", "html", "cut"}
    assert kinds | {"effect_without_reply", "duplicate"} == BEFORE | AFTER


def given(telegram, **fields):
    return telegram.call("getUpdates", **fields)["result"]


def ids(updates):
    return [update["update_id"] for update in updates]


def test_updates_are_given_again_although_they_were_acknowledged(telegram, chat):
    given(telegram, offset=1_000_000)
    telegram.write("one")
    telegram.fault("duplicate", "getUpdates")
    (first,) = ids(given(telegram))
    assert ids(given(telegram, offset=first + 1)) == [first]
    assert given(telegram, offset=first + 1) == []


def test_a_poll_that_brings_nothing_uses_no_lie_up(telegram, chat):
    telegram.fault("effect_without_reply", "getUpdates")
    assert given(telegram, offset=1_000_000) == []
    telegram.write("one")
    with pytest.raises(http.client.RemoteDisconnected):
        given(telegram)
    assert [update["message"]["text"] for update in given(telegram)] == ["one"]


def test_what_is_no_update_is_given_as_it_was_put_in(telegram, chat):
    given(telegram, offset=1_000_000)
    bad = telegram.put({"message": {"chat": "none", "date": "yesterday"}})
    telegram.put({"message": 5}, numbered=False)
    telegram.put("not even an object", numbered=False)
    telegram.write("next")
    updates = given(telegram)
    assert updates[:3] == [bad, {"message": 5}, "not even an object"]
    assert updates[3]["update_id"] == bad["update_id"] + 1
    assert given(telegram) == [bad, updates[3]]  # an offset cannot confirm what has no id
    assert given(telegram, offset=bad["update_id"] + 1) == [updates[3]]


def multipart(*parts):
    lines = []
    for head, content in parts:
        lines += [b"--BOUNDARY", f"Content-Disposition: form-data; {head}".encode(), b"", content]
    return b"\r\n".join([*lines, b"--BOUNDARY--", b""])


@pytest.mark.parametrize(("field", "document"), [("document", b""), ("file0", b"attach://file0")])
def test_a_file_comes_in_its_own_field_or_under_a_name(telegram, chat, field, document):
    parts = [('name="chat_id"', str(chat).encode()), ('name="caption"', b"a file")]
    parts += [('name="document"', document)] if document else []
    parts += [(f'name="{field}"; filename="Bücher.txt"', b"x" * 100_000)]
    head = {"Content-Type": "multipart/form-data; boundary=BOUNDARY"}
    request = urllib.request.Request(f"{telegram.api_url}{TOKEN}/sendDocument", multipart(*parts), head)
    with urllib.request.urlopen(request) as response:
        message = json.load(response)["result"]
    assert message["document"]["file_name"] == "Bücher.txt"
    assert (message["document"]["file_size"], message["caption"]) == (100_000, "a file")
    assert telegram.conversation(chat)[-1]["files"] == [
        {"field": field, "name": "Bücher.txt", "size": 100_000, "text": ANY}
    ]


def test_a_document_without_a_file_is_refused(telegram, chat):
    reply = telegram.call("sendDocument", chat_id=chat, document="attach://file0")
    assert "none came as attach://file0" in reply["description"]
