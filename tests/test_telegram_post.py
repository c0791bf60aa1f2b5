from datetime import UTC, datetime, timedelta, timezone

import pytest

from retrieval.errors import ArticleError
from retrieval.readers.telegram_post import article_of_post
from retrieval.records import Article

NOON = datetime(2024, 9, 3, 14, 0, 0, tzinfo=timezone(timedelta(hours=2)))


def test_a_post_of_a_public_channel_is_an_article_with_its_address_date_and_channel():
    got = article_of_post(
        "Bell found\r\n\r\nIt lay in the reeds. ", channel_title="Lume Herald", channel_username="lumeherald",
        message_id=41, date=NOON,
    )  # fmt: skip
    assert got == Article(
        id="https://t.me/lumeherald/41",
        title="Bell found",
        text="Bell found\n\nIt lay in the reeds.",
        url="https://t.me/lumeherald/41",
        published="2024-09-03T12:00:00Z",
        author="Lume Herald",
    )


def test_a_post_of_a_private_channel_has_the_address_that_its_members_can_open():
    got = article_of_post(
        "Text.", channel_title="Ours", channel_id=-1001234567890, message_id=7, date=NOON, author=" Ida  Quell"
    )
    assert (got.id, got.author) == ("https://t.me/c/1234567890/7", "Ida Quell")


def test_a_long_first_line_is_cut_for_the_title_and_kept_in_the_text():
    text = "word " * 100
    got = article_of_post(text, channel_title="C", channel_username="@c", message_id=1, date=NOON)
    assert got.title.endswith(" …")
    assert (got.text, got.id) == (text.strip(), "https://t.me/c/1")


def test_a_post_without_text_is_refused():
    with pytest.raises(ArticleError, match="no text"):
        article_of_post(" \n", channel_title="C", channel_username="c", message_id=1, date=datetime.now(UTC))


@pytest.mark.parametrize("channel_id", [None, 5555, -4000])
def test_a_post_that_has_no_address_is_refused(channel_id):
    with pytest.raises(ValueError, match="address"):
        article_of_post("Text.", channel_title="C", channel_id=channel_id, message_id=1, date=NOON)
