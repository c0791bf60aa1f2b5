import pytest
from fake_bot_api.client import group

ARTICLE = {"type": "article", "id": "1", "title": "T", "input_message_content": {"message_text": "text"}}
SENDER = {"id": 7, "is_bot": False, "first_name": "U"}


@pytest.fixture(scope="module")
def query(telegram):
    telegram.switch(supports_guest_queries=True)
    return telegram.push(inline_query={"from": SENDER, "query": "words", "offset": ""})["inline_query"]["id"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"results": [ARTICLE | {"id": str(number)} for number in range(51)]}, "RESULTS_TOO_MUCH"),
        ({"results": [ARTICLE, ARTICLE]}, "RESULT_ID_DUPLICATE"),
        ({"results": [ARTICLE | {"id": "x" * 65}]}, "RESULT_ID_INVALID"),
        ({"results": [ARTICLE | {"title": " "}]}, "ARTICLE_TITLE_EMPTY"),
        ({"results": [ARTICLE | {"input_message_content": {"message_text": "x" * 4097}}]}, "too long"),
        ({"results": [ARTICLE | {"input_message_content": {"message_text": "<b>", "parse_mode": "HTML"}}]}, "parse"),
        ({"results": [ARTICLE | {"reply_markup": {"inline_keyboard": [[{"text": "b"}]]}}]}, "0 actions"),
        ({"results": [], "next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ({"results": [], "button": {"text": "b", "start_parameter": "é"}}, "START_PARAM_INVALID"),
    ],
)
def test_a_wrong_answer_to_an_inline_query_is_refused(telegram, fields, problem):
    asked = telegram.push(inline_query={"from": SENDER, "query": "words", "offset": ""})["inline_query"]
    refused = telegram.call("answerInlineQuery", inline_query_id=asked["id"], **fields)
    assert problem in refused["description"]


def test_an_inline_query_is_answered_once_and_only_if_it_was_asked(telegram, query):
    assert telegram.call("answerInlineQuery", inline_query_id=query, results=[ARTICLE])["result"] is True
    again = telegram.call("answerInlineQuery", inline_query_id=query, results=[ARTICLE])
    assert "answered before" in again["description"]
    unknown = telegram.call("answerInlineQuery", inline_query_id="0", results=[ARTICLE])
    assert "query is too old" in unknown["description"]


def test_a_guest_query_is_answered_by_one_message_and_its_chat_stays_closed(telegram, query):
    asked = telegram.mention("@cite_test_bot who?", group(-900))
    assert "inline_message_id" in telegram.call("answerGuestQuery", guest_query_id=asked, result=ARTICLE)["result"]
    assert telegram.guest_answer(asked)["text"] == "text"
    assert "chat not found" in telegram.call("sendMessage", chat_id=-900, text="x")["description"]


def test_what_is_switched_off_is_never_sent(telegram):
    telegram.switch(supports_inline_queries=False)
    try:
        with pytest.raises(AssertionError, match="switch it on first"):
            telegram.push(inline_query={"from": SENDER, "query": "words", "offset": ""})
        assert telegram.call("getMe")["result"]["supports_inline_queries"] is False
    finally:
        telegram.switch(supports_inline_queries=True)
