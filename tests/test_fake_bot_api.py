import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_bot_api.client import TOKEN, group
from fake_bot_api.errors import Violation
from fake_bot_api.html import parse_html, utf16_length, visible_text


def test_html_becomes_text_with_entities_in_utf16_units():
    text, entities = parse_html(
        '😀 <b>bo<u>ld</u></b> <a href="https://example.org/?a=1&amp;b=2">link</a> 1 &lt; 2 &#38; &copy;'
    )
    assert text == "😀 bold link 1 < 2 & &copy;"
    assert entities == [
        {"type": "bold", "offset": 3, "length": 4},
        {"type": "underline", "offset": 5, "length": 2},
        {"type": "text_link", "offset": 8, "length": 4, "url": "https://example.org/?a=1&b=2"},
    ]


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("a<b", "Unclosed start tag at byte offset 1"),
        ("é <script>x</script>", 'Unsupported start tag "script" at byte offset 3'),
        ("<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>x</b></i>", 'Unmatched end tag, expected "</i>", found "</b>" at byte offset 7'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ('<a href="https://example.org>x</a>', "Unclosed start tag at byte offset 0"),
        ("<a =x>y</a>", "Empty attribute name in the tag"),
        ("<a href=https://example.org>x</a>", "Unexpected end of name token at byte offset 13"),
        ("<br/>", 'Unsupported start tag "br/"'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler"'),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "Block quotation inside"),
    ],
)
def test_bad_html_is_refused_with_the_place(markup, problem):
    with pytest.raises(Violation) as refused:
        parse_html(markup)
    assert refused.value.description.startswith("Bad Request: can't parse entities: ")
    assert problem in refused.value.description


def test_a_link_that_telegram_would_drop_silently_is_refused():
    with pytest.raises(Violation, match="dropped silently"):
        parse_html('<a href="javascript:alert(1)">x</a>')


def test_lengths_count_utf16_units_after_parsing():
    assert utf16_length("a😀") == 3
    assert visible_text("<b>" + "😀" * 2048 + "</b>", "HTML")[0] == "😀" * 2048
    with pytest.raises(Violation, match="too long"):
        visible_text("😀" * 2048 + "a", "HTML")
    with pytest.raises(Violation, match="empty"):
        visible_text("<b> \n</b>", "HTML")
    with pytest.raises(Violation, match="101 entities"):
        visible_text("<b>a</b>" * 101, "HTML")


def test_another_token_is_unauthorized(telegram):
    assert telegram.call("getMe")["result"]["username"] == "cite_test_bot"
    assert telegram.call("getMe", token="123456:another")["error_code"] == 401


@pytest.mark.parametrize(
    ("method", "fields", "problem"),
    [
        ("sendMessage", {"chat_id": 7, "text": "hello", "txt": "x"}, "no field txt"),
        (
            "sendMessage",
            {"chat_id": 7, "text": "hello", "link_preview_options": {"disabled": True}},
            "options.disabled",
        ),
        ("sendMessage", {"chat_id": 7}, "text: Field required"),
        (
            "sendMessage",
            {"chat_id": 7, "text": "hello", "message_thread_id": "x"},
            "message_thread_id: Input should be",
        ),
        ("sendMessage", {"chat_id": 7, "text": "hello", "reply_parameters": {"message_id": "5"}}, "valid integer"),
        ("sendMessage", {"chat_id": 7, "text": "1 < 2", "parse_mode": "HTML"}, "can't parse entities"),
        ("sendMessage", {"chat_id": 7, "text": "x" * 4097}, "too long"),
        ("sendMessage", {"chat_id": 7, "text": " "}, "empty"),
        ("editMessageText", {"text": "hello"}, "identifier is not specified"),
        ("setMyCommands", {"commands": [{"command": "Ask", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "ask"}]}, "description: Field required"),
        ("getUpdates", {"limit": 101}, "limit is 1 to 100"),
        ("sendMesage", {"chat_id": 7, "text": "hello"}, "Not Found"),
    ],
)
def test_a_wrong_request_is_refused_and_recorded(telegram, method, fields, problem):
    telegram.write("hello")
    reply = telegram.call(method, **fields)
    assert not reply["ok"]
    assert problem in reply["description"]
    assert problem in telegram.violations()[-1]


@pytest.mark.parametrize(
    ("button", "problem"),
    [
        ({"text": "More", "callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"text": "More", "callback_data": "😀" * 17}, "BUTTON_DATA_INVALID"),
        ({"text": "More"}, "0 actions"),
        ({"text": "More", "callback_data": "x", "url": "https://example.org"}, "2 actions"),
        ({"text": " ", "callback_data": "x"}, "must be non-empty"),
        ({"text": "More", "callback": "x"}, "reply_markup.inline_keyboard.callback"),
    ],
)
def test_a_wrong_button_is_refused(telegram, button, problem):
    telegram.write("hello")
    reply = telegram.call("sendMessage", chat_id=7, text="x", reply_markup={"inline_keyboard": [[button]]})
    assert problem in reply["description"]


def test_a_button_with_64_bytes_of_data_is_taken(telegram):
    telegram.write("hello")
    button = {"text": "More", "callback_data": "😀" * 16}
    assert telegram.call("sendMessage", chat_id=7, text="x", reply_markup={"inline_keyboard": [[button]]})["ok"]


def test_a_bot_cannot_write_first(telegram):
    before = telegram.violations()
    reply = telegram.call("sendMessage", chat_id=4444, text="hello")
    assert reply["description"] == "Bad Request: chat not found"
    scope = {"type": "chat", "chat_id": 4444}
    reply = telegram.call("setMyCommands", commands=[{"command": "ask", "description": "x"}], scope=scope)
    assert reply["description"] == "Bad Request: chat not found"
    assert telegram.violations() == before  # the world says no: the bot did nothing wrong


def test_only_an_existing_message_can_be_replied_to_and_only_an_own_one_edited(telegram):
    message = telegram.write("hello")
    replied = telegram.call("sendMessage", chat_id=7, text="a", reply_parameters={"message_id": message["message_id"]})
    assert replied["result"]["reply_to_message"]["text"] == "hello"
    missing = telegram.call("sendMessage", chat_id=7, text="a", reply_parameters={"message_id": 99_999})
    assert missing["description"] == "Bad Request: message to be replied not found"

    own = {"chat_id": 7, "message_id": replied["result"]["message_id"]}
    assert telegram.call("editMessageText", text="<i>b</i>", parse_mode="HTML", **own)["result"]["text"] == "b"
    same = telegram.call("editMessageText", text="<i>b</i>", parse_mode="HTML", **own)
    assert same["description"] == "Bad Request: message is not modified"
    foreign = telegram.call("editMessageText", chat_id=7, message_id=message["message_id"], text="b")
    assert foreign["description"] == "Bad Request: message can't be edited"


def test_a_topic_exists_only_in_a_forum(telegram):
    telegram.write("hello", chat=group(-50))
    assert not telegram.call("sendMessage", chat_id=-50, text="a", message_thread_id=3)["ok"]
    telegram.write("hello", chat=group(-51, forum=True), message_thread_id=3, is_topic_message=True)
    assert telegram.call("sendMessage", chat_id=-51, text="a", message_thread_id=3)["ok"]


def test_updates_come_until_they_are_confirmed_by_the_offset(telegram):
    def given(**fields):
        return [update["update_id"] for update in telegram.call("getUpdates", **fields)["result"]]

    assert given(offset=1_000_000) == []
    telegram.write("one")
    telegram.write("two")
    first, second = given()
    assert second == first + 1
    assert given() == [first, second]
    assert given(limit=1) == [first]
    assert given(offset=second) == [second]
    assert given() == [second]
    assert given(offset=second + 1) == []


def test_a_poll_waits_for_an_update_and_a_second_poll_ends_the_first(telegram):
    telegram.call("getUpdates", offset=1_000_000)
    with ThreadPoolExecutor() as executor:
        waiting = executor.submit(telegram.call, "getUpdates", timeout=20)
        telegram.call("getMe")
        telegram.write("now")
        assert waiting.result()["result"][0]["message"]["text"] == "now"

        telegram.call("getUpdates", offset=1_000_000)
        polls = [executor.submit(telegram.call, "getUpdates", timeout=3) for _ in range(2)]
        assert sorted(poll.result().get("error_code", 200) for poll in polls) == [200, 409]


def test_kinds_of_updates_that_the_bot_does_not_want_are_not_kept(telegram):
    telegram.call("getUpdates", offset=1_000_000, allowed_updates=["message"])
    message = telegram.write("first")
    telegram.push(edited_message=message | {"text": "edited", "edit_date": message["date"]})
    assert [list(update) for update in telegram.call("getUpdates")["result"]] == [["message", "update_id"]]


def test_a_test_cannot_push_what_telegram_never_sends(telegram):
    with pytest.raises(AssertionError, match="no update"):
        telegram.push(message={"chat": {"id": 7, "type": "private"}, "text": 5})


def a_button(telegram, user):
    telegram.write("hello", user=user)
    rows = {"inline_keyboard": [[{"text": "More", "callback_data": "more"}]]}
    return telegram.call("sendMessage", chat_id=user, text="x", reply_markup=rows)["result"]


def test_a_button_that_is_pressed_is_answered_once_in_at_most_200_units(telegram):
    query = telegram.press("More", a_button(telegram, 61), user=61)
    long = telegram.call("answerCallbackQuery", callback_query_id=query["id"], text="x" * 201)
    assert "MESSAGE_TOO_LONG" in long["description"]
    assert telegram.call("answerCallbackQuery", callback_query_id=query["id"], text="x" * 200)["ok"]
    assert telegram.answer_to(query) == "x" * 200
    again = telegram.call("answerCallbackQuery", callback_query_id=query["id"])
    assert again["description"] == "the callback query was answered before"
    assert "too old" in telegram.call("answerCallbackQuery", callback_query_id="none")["description"]


def test_buttons_go_with_an_edit_that_does_not_send_them_again(telegram):
    shown = a_button(telegram, 62)
    own = {"chat_id": 62, "message_id": shown["message_id"]}
    assert "reply_markup" not in telegram.call("editMessageText", text="x", **own)["result"]
    rows = {"inline_keyboard": [[{"text": "Less", "callback_data": "less"}]]}
    assert telegram.call("editMessageReplyMarkup", reply_markup=rows, **own)["ok"]
    assert telegram.message(62, shown["message_id"])["reply_markup"] == rows
    same = telegram.call("editMessageReplyMarkup", reply_markup=rows, **own)
    assert same["description"] == "Bad Request: message is not modified"


def test_a_file_of_at_most_20_mb_can_be_downloaded(telegram):
    document = telegram.send_document("x.txt", b"content", user=63)["document"]
    found = telegram.call("getFile", file_id=document["file_id"])["result"]
    with urllib.request.urlopen(f"{telegram.root}/file/bot{TOKEN}/{found['file_path']}") as response:
        assert response.read() == b"content"
    large = telegram.send_document("x.txt", b"x" * (20 * 2**20 + 1), user=63)["document"]
    assert telegram.call("getFile", file_id=large["file_id"])["description"] == "Bad Request: file is too big"
